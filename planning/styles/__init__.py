"""Styles of planning: what a language model is asked, and how its answer becomes a plan."""

from collections.abc import Callable, Mapping

from ..asking import Ask
from ..plan_io import from_data
from ..request import PlanRequest, refuse_impossible
from ..schema import VideoPlan
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
    refuse_impossible(request)
    return from_data(STYLES[style](request, ask).model_dump())
