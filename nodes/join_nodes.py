"""Nodes that make one video of rendered scenes."""

from collections.abc import Sequence
from fractions import Fraction

import torch
from comfy_api.latest import InputImpl, Types, io
from torch import Tensor

from ..planning.schema import MAX_FPS
from . import sockets
from .sockets import SceneClip

CATEGORY = f"{sockets.CATEGORY}/render"


class JoinScenes(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorJoinScenes",
            display_name="Join Scenes",
            category=CATEGORY,
            description="Puts the scenes one after another into one video.",
            search_aliases=["concatenate", "merge scenes", "combine video", "create video"],
            inputs=[
                sockets.SceneClips.Input("clips", tooltip="The rendered scenes, in order."),
                io.Float.Input(
                    "fps",
                    default=0.0,
                    min=0.0,
                    max=float(MAX_FPS),
                    step=1.0,
                    tooltip="Frames per second. 0 takes the plan's.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "images", display_name="images", tooltip="All frames, one after another."
                ),
                io.Video.Output("video", display_name="video", tooltip="The same as a video."),
            ],
        )

    @classmethod
    def execute(cls, clips, fps) -> io.NodeOutput:
        images = join_clips(clips)
        components = Types.VideoComponents(
            images=images, audio=None, frame_rate=Fraction(fps or clips[0].fps)
        )
        return io.NodeOutput(images, InputImpl.VideoFromComponents(components))


def join_clips(clips: Sequence[SceneClip]) -> Tensor:
    """Frames of all clips, (f h w c).

    Raises:
        ValueError: there are none, or scenes differ in size.
    """
    if not clips:
        raise ValueError("Join Scenes: there are no scenes; connect Render Plan or Collect Scene.")
    shapes = {clip.scene_id: tuple(clip.images.shape[1:]) for clip in clips}
    if len(set(shapes.values())) > 1:
        sizes = ", ".join(f"{name} {w}x{h} with {c} channels" for name, (h, w, c) in shapes.items())
        raise ValueError(
            f"Join Scenes: the scenes differ in size ({sizes}); render them at one size, or resize "
            "the odd ones before Collect Scene."
        )
    return torch.cat([clip.images for clip in clips])
