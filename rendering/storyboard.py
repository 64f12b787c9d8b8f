"""The storyboard: a whole plan as one picture."""

from collections.abc import Sequence

from PIL import Image

from ..planning.layout import boxes_at
from ..planning.schema import Camera, Scene, VideoPlan
from .lettering import Colour, draw_text, line_height, shorten, text_width
from .paper import Paper
from .storyboard_layout import (
    BADGE,
    GAP,
    HEAD_SIZE,
    MARGIN,
    META_SIZE,
    PADDING,
    SMALL_SIZE,
    SWATCH,
    TEXT_SIZE,
    TITLE_SIZE,
    Board,
    Card,
    LegendItem,
    Panel,
    Rect,
    arrange,
    entity_label,
)
from .storyboard_marks import (
    Mark,
    camera_symbol,
    camera_words,
    draw_marks,
    entity_colours,
    readable_on,
)

PAPER: Colour = (243, 243, 240)
CARD: Colour = (255, 255, 255)
PANEL: Colour = (232, 235, 238)
_EDGE: Colour = (208, 211, 214)
_GUIDE: Colour = (219, 223, 227)
INK: Colour = (28, 31, 36)
GREY: Colour = (98, 104, 112)
_BADGE: Colour = (44, 52, 64)

Frames = Sequence[Image.Image]


def draw_storyboard(plan: VideoPlan, frames: Sequence[Frames | None] | None = None) -> Image.Image:
    """Draw every scene as a card: first, middle and last frame, boxes, camera and prompt.

    Args:
        plan: what to draw.
        frames: the rendered pictures of each scene (None for a scene that has none), shown
            beneath the boxes; without them the panels are plain.

    Returns:
        An RGB picture whose size depends on the plan alone.

    Raises:
        ValueError: there is not one entry of frames per scene, or an entry is empty.
    """
    rendered = checked_frames(plan, frames)
    board = arrange(plan)
    paper = Paper(board.size, PAPER)
    colours = entity_colours(plan)
    _draw_header(paper, board)
    for card, pictures in zip(board.cards, rendered, strict=True):
        _draw_card(paper, card)
        for panel in card.panels:
            draw_panel(paper, plan, card.scene, panel, pictures, colours)
    draw_legend(paper, board.legend, colours)
    return paper.picture


def checked_frames(
    plan: VideoPlan, frames: Sequence[Frames | None] | None
) -> Sequence[Frames | None]:
    """Pictures of every scene, None for those that have none.

    Raises:
        ValueError: as ``draw_storyboard`` says.
    """
    rendered = list(frames) if frames is not None else [None] * len(plan.scenes)
    if len(rendered) != len(plan.scenes):
        raise ValueError(
            f"storyboard: got frames of {len(rendered)} scenes for a plan of {len(plan.scenes)}; "
            "give one entry per scene, None where nothing was rendered"
        )
    if any(pictures is not None and not len(pictures) for pictures in rendered):
        raise ValueError("storyboard: a scene has no pictures; give None instead of an empty list")
    return rendered


def _draw_header(paper: Paper, board: Board) -> None:
    y = MARGIN - 4
    for line in board.title:
        draw_text(paper, (MARGIN, y), line, TITLE_SIZE, INK)
        y += line_height(TITLE_SIZE)
    draw_text(paper, (MARGIN, y + 2), board.meta, META_SIZE, GREY)


def _draw_card(paper: Paper, card: Card) -> None:
    left, top, right, _ = card.rect
    draw_sheet(paper, card.rect)
    camera_left = draw_camera(paper, card.scene.camera, right - PADDING, top + PADDING)
    place = (left + PADDING, top + PADDING)
    draw_name(paper, card.scene.id, card.number, place, camera_left - GAP)
    y = card.text_top
    for line in card.lines:
        draw_text(paper, (left + PADDING, y), line, TEXT_SIZE, INK)
        y += line_height(TEXT_SIZE)
    y += 6
    for line in card.notes:
        draw_text(paper, (left + PADDING, y), line, SMALL_SIZE, GREY)
        y += line_height(SMALL_SIZE)


def draw_sheet(paper: Paper, rect: Rect) -> None:
    """Draw the white ground of a scene."""
    left, top, right, bottom = rect
    paper.rounded_rectangle(
        (left, top, right - 1, bottom - 1), radius=10, fill=CARD, outline=_EDGE, width=1
    )


def draw_name(paper: Paper, scene_id: str, number: int, place: tuple[int, int], right: int) -> None:
    """Draw a scene's number and name, which is cut where it would reach over ``right``."""
    x, y = place
    down = (BADGE - line_height(HEAD_SIZE)) // 2
    start = _draw_number(paper, number, place) + 10
    words = scene_id.replace("-", " ").replace("_", " ")
    title = shorten(words[:1].upper() + words[1:], HEAD_SIZE, right - start)
    draw_text(paper, (start, y + down), title, HEAD_SIZE, INK)


def _draw_number(paper: Paper, number: int, place: tuple[int, int]) -> int:
    """Draw a scene's number; return where it ends."""
    x, y = place
    digits = str(number)
    width = max(BADGE, text_width(digits, HEAD_SIZE) + 14)
    paper.rounded_rectangle((x, y, x + width - 1, y + BADGE - 1), radius=7, fill=_BADGE)
    inset = (width - text_width(digits, HEAD_SIZE)) // 2
    down = (BADGE - line_height(HEAD_SIZE)) // 2
    draw_text(paper, (x + inset, y + down), digits, HEAD_SIZE, readable_on(_BADGE))
    return x + width


def draw_camera(paper: Paper, camera: Camera, right: int, y: int) -> int:
    """Draw where a camera goes, in a line as high as the number; return where it begins."""
    words = camera_words(camera)
    colour = GREY if camera.direction == "static" else INK
    x = right - text_width(words, META_SIZE)
    draw_text(paper, (x, y + (BADGE - line_height(META_SIZE)) // 2), words, META_SIZE, colour)
    return draw_camera_symbol(paper, camera, x - 8, y)


def draw_camera_symbol(paper: Paper, camera: Camera, right: int, y: int) -> int:
    """Draw a camera's symbol, in a line as high as the number; return where it begins."""
    colour = GREY if camera.direction == "static" else INK
    size = BADGE - 6
    symbol = camera_symbol(camera, size * paper.fineness, colour)
    x = right - size
    paper.paste(symbol, (x, y + 3, x + size, y + 3 + size))
    return x


def draw_panel(
    paper: Paper,
    plan: VideoPlan,
    scene: Scene,
    panel: Panel,
    pictures: Frames | None,
    colours: dict[str, Colour],
) -> None:
    """Draw one frame with its boxes and its number, over the rendered picture if there is one."""
    left, top, right, bottom = panel.rect
    if pictures is not None:
        share = panel.frame / max(scene.frames - 1, 1)
        paper.paste(pictures[round(share * (len(pictures) - 1))].convert("RGB"), panel.rect)
    else:
        draw_plain_panel(paper, panel.rect)
    marks = _marks(plan, scene, panel.frame, colours)
    draw_marks(paper, panel.rect, marks, over_picture=pictures is not None)
    text = f"frame {panel.frame}"
    middle = (left + right - text_width(text, SMALL_SIZE)) // 2
    draw_text(paper, (middle, bottom + 3), text, SMALL_SIZE, GREY)


def draw_plain_panel(paper: Paper, rect: Rect) -> None:
    """Draw a frame of which there is no picture."""
    left, top, right, bottom = rect
    paper.rectangle((left, top, right - 1, bottom - 1), fill=PANEL)
    for third in (1, 2):
        x, y = left + (right - left) * third // 3, top + (bottom - top) * third // 3
        paper.line((x, top, x, bottom - 1), fill=_GUIDE)
        paper.line((left, y, right - 1, y), fill=_GUIDE)


def _marks(plan: VideoPlan, scene: Scene, frame: int, colours: dict[str, Colour]) -> list[Mark]:
    entities = {entity.id: entity for entity in plan.entities}
    return [
        Mark(
            box,
            entity_label(plan, entities[name]),
            colours[name],
            entities[name].kind == "background",
        )
        for name, box in boxes_at(scene, frame).items()
    ]


def draw_legend(paper: Paper, legend: Sequence[LegendItem], colours: dict[str, Colour]) -> None:
    """Draw the names of entities beside their colours."""
    for item in legend:
        x, y = item.position
        edge = y + (line_height(META_SIZE) - SWATCH) // 2
        colour = colours[item.entity.id]
        corners = (x, edge, x + SWATCH - 1, edge + SWATCH - 1)
        behind = item.entity.kind == "background"
        paper.rectangle(corners, outline=colour, fill=PANEL if behind else colour, width=2)
        draw_text(paper, (x + SWATCH + 8, y), item.text, META_SIZE, INK)
