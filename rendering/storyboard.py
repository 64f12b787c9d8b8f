"""The storyboard: a whole plan as one picture."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from ..planning.layout import boxes_at
from ..planning.schema import Scene, VideoPlan
from .lettering import Colour, draw_text, line_height, shorten, text_width
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
_INK: Colour = (28, 31, 36)
_GREY: Colour = (98, 104, 112)
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
    rendered = list(frames) if frames is not None else [None] * len(plan.scenes)
    if len(rendered) != len(plan.scenes):
        raise ValueError(
            f"storyboard: got frames of {len(rendered)} scenes for a plan of {len(plan.scenes)}; "
            "give one entry per scene, None where nothing was rendered"
        )
    if any(pictures is not None and not len(pictures) for pictures in rendered):
        raise ValueError("storyboard: a scene has no pictures; give None instead of an empty list")
    board = arrange(plan)
    picture = Image.new("RGB", board.size, PAPER)
    canvas = ImageDraw.Draw(picture, "RGBA")
    colours = entity_colours(plan)
    _draw_header(canvas, board)
    for card, pictures in zip(board.cards, rendered, strict=True):
        _draw_card(picture, canvas, card)
        for panel in card.panels:
            _draw_panel(picture, canvas, panel, card.scene, pictures)
            marks = _marks(plan, card.scene, panel.frame, colours)
            draw_marks(canvas, panel.rect, marks, over_picture=pictures is not None)
            _draw_frame_number(canvas, panel)
    _draw_legend(canvas, board, colours)
    return picture


def _draw_header(canvas: ImageDraw.ImageDraw, board: Board) -> None:
    y = MARGIN - 4
    for line in board.title:
        draw_text(canvas, (MARGIN, y), line, TITLE_SIZE, _INK)
        y += line_height(TITLE_SIZE)
    draw_text(canvas, (MARGIN, y + 2), board.meta, META_SIZE, _GREY)


def _draw_card(picture: Image.Image, canvas: ImageDraw.ImageDraw, card: Card) -> None:
    left, top, right, bottom = card.rect
    canvas.rounded_rectangle(
        (left, top, right - 1, bottom - 1), radius=10, fill=CARD, outline=_EDGE, width=1
    )
    camera_left = _draw_camera(picture, canvas, card)
    _draw_title(canvas, card, camera_left - GAP)
    y = card.text_top
    for line in card.lines:
        draw_text(canvas, (left + PADDING, y), line, TEXT_SIZE, _INK)
        y += line_height(TEXT_SIZE)
    y += 6
    for line in card.notes:
        draw_text(canvas, (left + PADDING, y), line, SMALL_SIZE, _GREY)
        y += line_height(SMALL_SIZE)


def _draw_title(canvas: ImageDraw.ImageDraw, card: Card, right: int) -> None:
    x, y = card.rect[0] + PADDING, card.rect[1] + PADDING
    number = str(card.number)
    width = max(BADGE, text_width(number, HEAD_SIZE) + 14)
    canvas.rounded_rectangle((x, y, x + width - 1, y + BADGE - 1), radius=7, fill=_BADGE)
    inset = (width - text_width(number, HEAD_SIZE)) // 2
    down = (BADGE - line_height(HEAD_SIZE)) // 2
    draw_text(canvas, (x + inset, y + down), number, HEAD_SIZE, readable_on(_BADGE))
    start = x + width + 10
    title = shorten(_title(card.scene), HEAD_SIZE, right - start)
    draw_text(canvas, (start, y + down), title, HEAD_SIZE, _INK)


def _title(scene: Scene) -> str:
    words = scene.id.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _draw_camera(picture: Image.Image, canvas: ImageDraw.ImageDraw, card: Card) -> int:
    """Draw the camera's movement at the card's upper right; return where it begins."""
    words = camera_words(card.scene.camera)
    colour = _GREY if card.scene.camera.direction == "static" else _INK
    x = card.rect[2] - PADDING - text_width(words, META_SIZE)
    y = card.rect[1] + PADDING
    draw_text(canvas, (x, y + (BADGE - line_height(META_SIZE)) // 2), words, META_SIZE, colour)
    symbol = camera_symbol(card.scene.camera, BADGE - 6, colour)
    x -= symbol.width + 8
    picture.paste(symbol, (x, y + 3), symbol)
    return x


def _draw_panel(
    picture: Image.Image,
    canvas: ImageDraw.ImageDraw,
    panel: Panel,
    scene: Scene,
    pictures: Frames | None,
) -> None:
    left, top, right, bottom = panel.rect
    if pictures is not None:
        share = panel.frame / max(scene.frames - 1, 1)
        shown = pictures[round(share * (len(pictures) - 1))].convert("RGB")
        size = (right - left, bottom - top)
        picture.paste(shown.resize(size, Image.Resampling.LANCZOS), (left, top))
        return
    canvas.rectangle((left, top, right - 1, bottom - 1), fill=PANEL)
    for third in (1, 2):
        x, y = left + (right - left) * third // 3, top + (bottom - top) * third // 3
        canvas.line((x, top, x, bottom - 1), fill=_GUIDE)
        canvas.line((left, y, right - 1, y), fill=_GUIDE)


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


def _draw_frame_number(canvas: ImageDraw.ImageDraw, panel: Panel) -> None:
    rect: Rect = panel.rect
    text = f"frame {panel.frame}"
    x = (rect[0] + rect[2] - text_width(text, SMALL_SIZE)) // 2
    draw_text(canvas, (x, rect[3] + 3), text, SMALL_SIZE, _GREY)


def _draw_legend(canvas: ImageDraw.ImageDraw, board: Board, colours: dict[str, Colour]) -> None:
    for item in board.legend:
        x, y = item.position
        edge = y + (line_height(META_SIZE) - SWATCH) // 2
        colour = colours[item.entity.id]
        corners = (x, edge, x + SWATCH - 1, edge + SWATCH - 1)
        behind = item.entity.kind == "background"
        canvas.rectangle(corners, outline=colour, fill=PANEL if behind else colour, width=2)
        draw_text(canvas, (x + SWATCH + 8, y), item.text, META_SIZE, _INK)
