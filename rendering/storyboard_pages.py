"""A storyboard to hand to a person: pages of A4 as a PDF."""

import io
from collections.abc import Sequence

from PIL import Image

from ..planning.schema import VideoPlan
from .lettering import Colour, draw_text, line_height, text_width
from .paper import Paper
from .storyboard import (
    CARD,
    GREY,
    INK,
    Frames,
    checked_frames,
    draw_camera,
    draw_legend,
    draw_name,
    draw_panel,
    draw_sheet,
)
from .storyboard_layout import (
    BADGE,
    GAP,
    META_SIZE,
    PADDING,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
)
from .storyboard_marks import entity_colours
from .storyboard_page_layout import EDGE, FOOT, PAGE, Page, Row, arrange_pages

_FINENESS = 2  # pixels per hundredth of an inch
_DPI = 100 * _FINENESS
_QUALITY = 92
_LONGEST_TITLE = 200


def storyboard_pdf(plan: VideoPlan, frames: Sequence[Frames | None] | None = None) -> bytes:
    """Draw a plan as pages to print: per scene its pictures, prompt, camera and all else there is.

    The same plan and frames give the same bytes, as no date is in them. Pages are pictures, since
    names may be in scripts for which a reader of PDF has no letters.

    Args:
        plan: what to draw.
        frames: as ``draw_storyboard`` takes them.

    Returns:
        A PDF of A4 pages in landscape, 200 dots per inch.

    Raises:
        ValueError: as ``draw_storyboard`` does.
    """
    pages = draw_pages(plan, frames)
    file = io.BytesIO()
    pages[0].save(
        file,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=_DPI,
        quality=_QUALITY,
        subsampling=0,  # red on grey would be blurred
        title=plan.prompt[:_LONGEST_TITLE] or "Storyboard",
        creationDate=None,
        modDate=None,
    )
    return file.getvalue()


def draw_pages(plan: VideoPlan, frames: Sequence[Frames | None] | None = None) -> list[Image.Image]:
    """Draw the pages of ``storyboard_pdf`` as RGB pictures."""
    rendered = checked_frames(plan, frames)
    colours = entity_colours(plan)
    pages = arrange_pages(plan)
    return [
        _draw_page(plan, page, f"{number} / {len(pages)}", rendered, colours)
        for number, page in enumerate(pages, 1)
    ]


def _draw_page(
    plan: VideoPlan,
    page: Page,
    number: str,
    rendered: Sequence[Frames | None],
    colours: dict[str, Colour],
) -> Image.Image:
    paper = Paper(PAGE, CARD, _FINENESS)
    _draw_header(paper, page)
    draw_legend(paper, page.legend, colours)
    for row in page.rows:
        draw_sheet(paper, row.rect)
        for panel in row.panels:
            draw_panel(paper, plan, row.scene, panel, rendered[row.number - 1], colours)
        _draw_text(paper, row)
    x = PAGE[0] - EDGE - text_width(number, SMALL_SIZE)
    draw_text(paper, (x, FOOT), number, SMALL_SIZE, GREY)
    return paper.picture


def _draw_header(paper: Paper, page: Page) -> None:
    y = EDGE - 6
    size, colour = (TITLE_SIZE, INK) if page.facts else (META_SIZE, GREY)
    for line in page.title:
        draw_text(paper, (EDGE, y), line, size, colour)
        y += line_height(size)
    draw_text(paper, (EDGE, y + 2), page.facts, META_SIZE, GREY)


def _draw_text(paper: Paper, row: Row) -> None:
    y = row.rect[1] + PADDING
    camera_left = draw_camera(paper, row.scene.camera, row.rect[2] - PADDING, y)
    draw_name(paper, row.scene.id, row.number, (row.text_left, y), camera_left - GAP)
    y += BADGE + 10
    for line in row.lines:
        draw_text(paper, (row.text_left, y), line, TEXT_SIZE, INK)
        y += line_height(TEXT_SIZE)
    y += 6
    for line in row.notes:
        draw_text(paper, (row.text_left, y), line, SMALL_SIZE, GREY)
        y += line_height(SMALL_SIZE)
