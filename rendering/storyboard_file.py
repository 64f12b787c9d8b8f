"""A storyboard as the content of a file."""

import io
from collections.abc import Sequence

from ..planning.schema import VideoPlan
from .storyboard import Frames, draw_storyboard
from .storyboard_pages import storyboard_pdf

PNG, PDF = "png", "pdf"
FORMATS = (PNG, PDF)


def storyboard_file(
    plan: VideoPlan, format: str, frames: Sequence[Frames | None] | None = None
) -> bytes:
    """Draw a plan as one picture or as pages.

    Args:
        plan: what to draw.
        format: one of FORMATS.
        frames: as ``draw_storyboard`` takes them.

    Raises:
        ValueError: another format, or frames that are none.
    """
    if format == PDF:
        return storyboard_pdf(plan, frames)
    if format != PNG:
        raise ValueError(f"storyboard: {format!r} is no format; use one of {', '.join(FORMATS)}")
    file = io.BytesIO()
    draw_storyboard(plan, frames).save(file, "PNG")
    return file.getvalue()
