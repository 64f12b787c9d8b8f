"""Styles of planning: what a language model is asked, and how its answer becomes a plan."""

from collections.abc import Callable, Mapping

from ..asking import Ask
from ..plan_io import from_data
from ..request import PlanRequest
from ..schema import MAX_SCENES, MAX_TEXT, PlanError, VideoPlan
from .director import plan_as_director
from .frames import plan_frames
from .layout import plan_layout
from .scenes import plan_scenes

Style = Callable[[PlanRequest, Ask], VideoPlan]

DEFAULT_STYLE = "director"
STYLES: Mapping[str, Style] = {
    "director": plan_as_director,
    "scenes": plan_scenes,
    "layout": plan_layout,
    "frames": plan_frames,
}


def write_plan(request: PlanRequest, style: str, ask: Ask) -> VideoPlan:
    """Have a language model plan a video.

    Args:
        request: the video.
        style: a key of ``STYLES``.
        ask: puts the questions.

    Raises:
        AnswerError: the language model gave no answer that can be used.
        PlanError: the request asks for what the style, or any plan, cannot have.
        ValueError: there is no such style.
    """
    if style not in STYLES:
        raise ValueError(f"style: there is no {style!r}; use one of {', '.join(STYLES)}")
    _refuse_impossible(request)
    return from_data(STYLES[style](request, ask).model_dump())


def _refuse_impossible(request: PlanRequest) -> None:
    """Refuse before anything is asked what no answer could put right."""
    if not 0 <= request.scenes <= MAX_SCENES:
        raise PlanError(
            f"scenes: {request.scenes} is not possible; use 1 to {MAX_SCENES}, or 0 to leave it "
            "to the language model"
        )
    from_data(
        {
            "version": 1,
            "prompt": request.prompt[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8"),
            "fps": request.fps,
            "width": request.width,
            "height": request.height,
            "scenes": [{"id": "scene-1", "prompt": "any", "frames": request.frames}],
        }
    )
