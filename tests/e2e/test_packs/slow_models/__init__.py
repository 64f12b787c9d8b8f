"""A custom-node pack for tests of the scene runner: a model that sleeps and fails on demand."""

import time

import torch
from comfy_api.latest import ComfyExtension, io


class SlowModel(io.ComfyNode):
    """Takes the place of a model's work: every step sleeps instead, so that no core is busy."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="TestSlowModel",
            category="testing",
            inputs=[
                io.Model.Input("model"),
                io.Float.Input("seconds", default=0.1, min=0.0, max=60.0, step=0.01),
                io.Int.Input("fails_at_frames", default=0, min=0, max=4096),
            ],
            outputs=[io.Model.Output()],
        )

    @classmethod
    def execute(cls, model, seconds, fails_at_frames) -> io.NodeOutput:
        def step(_, arguments):
            latent = arguments["input"]
            frames = len(latent) // len(arguments["cond_or_uncond"])
            if frames == fails_at_frames:
                raise RuntimeError(f"a scene of {frames} frames fails on demand")
            time.sleep(seconds)
            # Without a model's work nothing but the noise decides the pictures.
            return torch.zeros_like(latent)

        slow = model.clone()
        slow.set_model_unet_function_wrapper(step)
        return io.NodeOutput(slow)


class TestExtension(ComfyExtension):
    async def get_node_list(self):
        return [SlowModel]


async def comfy_entrypoint():
    return TestExtension()
