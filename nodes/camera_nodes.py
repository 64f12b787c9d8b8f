"""Nodes that move the camera while a clip is sampled."""

from collections.abc import Callable

from comfy_api.latest import io
from torch import Tensor

from ..planning.camera_text import read_path
from ..planning.schema import Camera, PlanError
from ..sampling.camera_motion import (
    DEFAULT_AMOUNT,
    DEFAULT_MODE,
    DEFAULT_PERCENT,
    DEFAULT_TIMES,
    DIRECTIONS,
    MODES,
    PADDINGS,
    REFLECTION,
    SPEEDS,
    camera_path,
    path_through,
)
from ..sampling.camera_motion_patch import CameraMotion, moved_sampler, patch_camera_motion
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/camera"


def path_of(camera: Camera) -> Callable[[int], Tensor]:
    """Where a plan's camera is at the frames of a clip of any length."""
    if camera.path:
        frames = [pose.frame for pose in camera.path]
        poses = [(pose.pan_x, pose.pan_y, pose.zoom, pose.roll) for pose in camera.path]
        return lambda count: path_through(frames, poses, count)
    strength = 1.0 if camera.strength is None else camera.strength
    speed = SPEEDS[camera.speed] * strength
    return lambda count: camera_path(camera.direction, speed, count)


class CameraNode(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorCamera",
            display_name="Camera",
            category=CATEGORY,
            description="Says where the camera goes. In place of a plan's camera, which Scene "
            "gives.",
            search_aliases=["camera control", "pan", "zoom", "dolly", "tilt", "roll", "motion"],
            inputs=[
                io.Combo.Input(
                    "direction",
                    options=list(DIRECTIONS),
                    default="right",
                    tooltip="Where the camera goes: right moves what is seen to the left.",
                ),
                io.Combo.Input(
                    "speed",
                    options=list(SPEEDS),
                    default="medium",
                    tooltip="slow, medium and fast are 1, 2 and 4 % of the frame per frame; a "
                    "zoom's of its scale.",
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=10.0,
                    step=0.05,
                    tooltip="Times the speed.",
                ),
                io.String.Input(
                    "path",
                    default="",
                    multiline=True,
                    optional=True,
                    tooltip="Where the camera is at some frames, a line each: 8: pan_x 0.25, zoom "
                    "1.5. Then direction and speed do not count. pan_x, pan_y: to the right and "
                    "down, in frames; roll: clockwise, in degrees.",
                    advanced=True,
                ),
            ],
            outputs=[
                sockets.Camera.Output("camera", display_name="camera", tooltip="The camera's way.")
            ],
        )

    @classmethod
    def execute(cls, direction, speed, strength, path="") -> io.NodeOutput:
        if not path.strip():
            return io.NodeOutput(Camera(direction=direction, speed=speed, strength=strength))
        try:
            return io.NodeOutput(Camera(path=read_path(path)))
        except PlanError as error:
            raise ValueError(f"Camera: path: {error}") from error


def camera_inputs() -> list[io.Input]:
    """How a camera acts on a sampling, for the nodes that let it."""
    return [
        sockets.Camera.Input("camera", tooltip="From Camera, or a scene's from Scene."),
        io.Combo.Input(
            "mode",
            options=list(MODES),
            default=DEFAULT_MODE,
            tooltip="neighbour: each frame follows the one before it. cumulative: each follows the "
            "first. own: each is moved by itself, its way in parts where there are several times.",
        ),
        io.Float.Input(
            "percent",
            default=DEFAULT_PERCENT,
            min=0.0,
            max=1.0,
            step=0.01,
            tooltip="Share of the steps after which the camera moves the clip. Earlier leaves the "
            "model more room to fill in, later moves more surely.",
        ),
        io.Int.Input(
            "times",
            default=DEFAULT_TIMES,
            min=0,
            max=100,
            tooltip="Steps in a row after which it does; 0 is every step but the last tenth.",
            advanced=True,
        ),
        io.Float.Input(
            "amount",
            default=DEFAULT_AMOUNT,
            min=0.0,
            max=1.0,
            step=0.05,
            tooltip="Share of the moved clip in the blend with the one that was not moved.",
            advanced=True,
        ),
        io.Combo.Input(
            "padding",
            options=list(PADDINGS),
            default=REFLECTION,
            tooltip="What comes in at the border: the frame mirrored, or its border drawn out.",
            advanced=True,
        ),
    ]


class CameraMotionNode(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorCameraMotion",
            display_name="Camera Motion",
            category=CATEGORY,
            description="Moves the camera in whatever samples with this model: images that are the "
            "frames of a clip, or videos.",
            search_aliases=["camera control", "pan", "zoom", "VideoStudio", "warp", "flow"],
            inputs=[
                io.Model.Input("model", tooltip="The model that draws the clip."),
                *camera_inputs(),
            ],
            outputs=[
                io.Model.Output(
                    "model", display_name="model", tooltip="The model, with a camera that moves."
                )
            ],
        )

    @classmethod
    def execute(cls, model, camera, mode, percent, times, amount, padding) -> io.NodeOutput:
        motion = CameraMotion(path_of(camera), mode, padding, amount, percent, times)
        return io.NodeOutput(patch_camera_motion(model, motion, "Camera Motion"))


class CameraMotionSampler(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorCameraMotionSampler",
            display_name="Camera Motion Sampler",
            category=CATEGORY,
            description="A sampler that moves the camera, for SamplerCustom and its relatives.",
            search_aliases=["camera control", "pan", "zoom", "VideoStudio", "warp", "flow"],
            inputs=[
                io.Sampler.Input("sampler", tooltip="How it samples, such as KSamplerSelect's."),
                *camera_inputs(),
            ],
            outputs=[
                io.Sampler.Output(
                    "sampler", display_name="sampler", tooltip="The same with a camera that moves."
                )
            ],
        )

    @classmethod
    def execute(cls, sampler, camera, mode, percent, times, amount, padding) -> io.NodeOutput:
        motion = CameraMotion(path_of(camera), mode, padding, amount, percent, times)
        return io.NodeOutput(moved_sampler(sampler, motion, "Camera Motion Sampler"))
