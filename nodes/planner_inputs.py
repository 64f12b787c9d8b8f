"""Inputs of the nodes that write plans."""

from collections.abc import Sequence

from comfy_api.latest import io

from ..planning.schema import MAX_FPS, MAX_FRAMES
from ..planning.styles import DEFAULT_STYLE, STYLES

_STYLES = {
    "director": "everything in one answer",
    "scenes": "as VideoStudio, with descriptions of what scenes share",
    "layout": "as VideoDirectorGPT, boxes scene by scene",
    "frames": "as DirecT2V, one scene described frame by frame",
}


def size_inputs() -> list[io.Input]:
    """Frames, rate and size of a video."""
    return [
        io.Int.Input("frames", default=8, min=1, max=MAX_FRAMES, tooltip="Frames of each scene."),
        io.Int.Input(
            "fps", default=8, min=1, max=MAX_FPS, tooltip="Frames per second of the video."
        ),
        *(
            io.Int.Input(
                name,
                default=512,
                min=64,
                max=8192,
                step=8,
                tooltip=f"{name.capitalize()} of the video in pixels. The miniature draws at 128.",
            )
            for name in ("width", "height")
        ),
    ]


def style_inputs(styles: Sequence[str] = tuple(STYLES)) -> list[io.Input]:
    """How a language model shall plan; the offline planner heeds the number of scenes alone."""
    return [
        io.Combo.Input(
            "style",
            options=list(styles),
            default=DEFAULT_STYLE,
            optional=True,
            tooltip="How a language model plans. "
            + " ".join(f"{name}: {_STYLES[name]}." for name in styles),
        ),
        io.Int.Input(
            "scenes",
            default=0,
            min=0,
            max=64,
            optional=True,
            tooltip="Number of scenes. 0 leaves it to the planner.",
        ),
        io.String.Input(
            "tone",
            default="",
            optional=True,
            advanced=True,
            tooltip="How a language model shall make it feel, such as 'calm, warm evening light'.",
        ),
        io.String.Input(
            "hints",
            default="",
            multiline=True,
            optional=True,
            advanced=True,
            tooltip="What a language model should know of the picture model, such as 'draws people "
            "badly; one or two things a scene'.",
        ),
        io.Boolean.Input(
            "camera",
            default=True,
            optional=True,
            advanced=True,
            tooltip="Whether a language model may move the camera.",
        ),
    ]
