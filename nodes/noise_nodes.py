"""The node that keeps stochastic samplers from driving frames apart."""

from comfy_api.latest import io

from ..sampling.shared_noise_patch import patch_shared_noise
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/model"


class SharedNoise(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSharedNoise",
            display_name="Shared Noise",
            category=CATEGORY,
            description="Ancestral and SDE samplers add noise at every step. With this, all frames "
            "of a batch get the same, so that they stay alike. Other samplers do not change.",
            search_aliases=["ancestral", "sde", "fixed noise", "temporal consistency", "eta"],
            inputs=[io.Model.Input("model", tooltip="Any model that makes frames as a batch.")],
            outputs=[
                io.Model.Output(
                    "model", display_name="model", tooltip="The model with shared noise."
                )
            ],
        )

    @classmethod
    def execute(cls, model) -> io.NodeOutput:
        return io.NodeOutput(patch_shared_noise(model))
