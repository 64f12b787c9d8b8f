"""The node that loads the embedded model."""

from comfy_api.latest import io

from ..miniature.loader import load_miniature
from ..miniature.vocabulary import COLOURS, KINDS, PLACES
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/miniature"


class LoadMiniature(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLoadMiniature",
            display_name="Load Miniature",
            category=CATEGORY,
            description="Loads the small model that comes with this pack, for trying things "
            "without a download. It draws 128x128 pictures of a small world: "
            f"{', '.join(KINDS)}, in {', '.join(COLOURS)}, at these places: {', '.join(PLACES)}.",
            search_aliases=["tiny model", "demo model", "test model", "checkpoint"],
            inputs=[],
            outputs=[
                io.Model.Output("model", display_name="model", tooltip="Its UNet, 128x128."),
                io.Clip.Output("clip", display_name="clip", tooltip="Its text encoder."),
                io.Vae.Output("vae", display_name="vae", tooltip="Its autoencoder."),
                io.ClipVision.Output(
                    "clip_vision", display_name="clip vision", tooltip="Its image encoder."
                ),
            ],
        )

    @classmethod
    def execute(cls) -> io.NodeOutput:
        return io.NodeOutput(*load_miniature())
