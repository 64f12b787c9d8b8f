"""The film strip: scenes as they were rendered, in one small picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from ..planning.schema import Camera
from .lettering import draw_text, line_height
from .paper import Paper
from .storyboard import (
    GREY,
    PAPER,
    draw_camera_symbol,
    draw_name,
    draw_plain_panel,
    draw_sheet,
)
from .storyboard_layout import BADGE, SMALL_SIZE, Rect, counted, panel_aspect

WIDTH = 600
MARGIN = 12
GAP = 10
_PADDING = 10
_PANEL_GAP = 4
_SHOWN = 3  # first, middle and last
_MOST_COLUMNS = 3


@dataclass(frozen=True)
class StripScene:
    """A scene on a film strip.

    Attributes:
        id: what it is called.
        number: its place, beginning with 1.
        frames: how many it has.
        pictures: its first, its middle and its last frame; None where it is not rendered yet.
        camera: where it goes; None where nobody knows.
    """

    id: str
    number: int
    frames: int
    pictures: Sequence[Image.Image] | None = None
    camera: Camera | None = None


@dataclass(frozen=True)
class StripCard:
    """Where a scene stands on the strip (left, top, right, bottom)."""

    rect: Rect
    panels: tuple[Rect, ...]


def draw_film_strip(scenes: Sequence[StripScene], size: tuple[int, int]) -> Image.Image:
    """Draw every scene as a card: first, middle and last frame, name, length and camera.

    Args:
        scenes: in the order in which they are shown, at least one.
        size: width and height of a frame.

    Returns:
        An RGB picture, WIDTH wide. Its height depends on the frames' shape and on how many
        scenes there are.
    """
    cards = arrange_strip(len(scenes), size)
    paper = Paper((WIDTH, cards[-1].rect[3] + MARGIN), PAPER)
    for scene, card in zip(scenes, cards, strict=True):
        _draw_card(paper, scene, card)
    return paper.picture


def arrange_strip(scenes: int, size: tuple[int, int]) -> list[StripCard]:
    """Place cards in rows, in as few columns as make the strip no higher than wide."""
    aspect = panel_aspect(*size)
    columns = 1
    while columns < min(scenes, _MOST_COLUMNS) and _height(scenes, columns, aspect) > WIDTH:
        columns += 1
    width, panel = _card_width(columns), _panel_size(columns, aspect)
    cards = []
    for place in range(scenes):
        left = MARGIN + place % columns * (width + GAP)
        top = MARGIN + place // columns * (_card_height(panel) + GAP)
        inner = (left + _PADDING, top + _PADDING + BADGE + 6)
        panels = tuple(_panel_rect(inner, number, panel) for number in range(_SHOWN))
        cards.append(StripCard((left, top, left + width, top + _card_height(panel)), panels))
    return cards


def _height(scenes: int, columns: int, aspect: float) -> int:
    rows = -(-scenes // columns)
    return 2 * MARGIN + rows * (_card_height(_panel_size(columns, aspect)) + GAP) - GAP


def _card_width(columns: int) -> int:
    return (WIDTH - 2 * MARGIN - (columns - 1) * GAP) // columns


def _panel_size(columns: int, aspect: float) -> tuple[int, int]:
    width = (_card_width(columns) - 2 * _PADDING - (_SHOWN - 1) * _PANEL_GAP) // _SHOWN
    return width, round(width / aspect)


def _card_height(panel: tuple[int, int]) -> int:
    return 2 * _PADDING + BADGE + 6 + panel[1] + 4 + line_height(SMALL_SIZE)


def _panel_rect(inner: tuple[int, int], number: int, panel: tuple[int, int]) -> Rect:
    x, y = inner[0] + number * (panel[0] + _PANEL_GAP), inner[1]
    return x, y, x + panel[0], y + panel[1]


def _draw_card(paper: Paper, scene: StripScene, card: StripCard) -> None:
    left, top, right, _ = card.rect
    draw_sheet(paper, card.rect)
    end = right - _PADDING
    if scene.camera is not None:
        end = draw_camera_symbol(paper, scene.camera, end, top + _PADDING) - 6
    draw_name(paper, scene.id, scene.number, (left + _PADDING, top + _PADDING), end)
    for number, rect in enumerate(card.panels):
        if scene.pictures is None:
            draw_plain_panel(paper, rect)
        else:
            paper.paste(scene.pictures[number].convert("RGB"), rect)
    below = (left + _PADDING, card.panels[0][3] + 4)
    draw_text(paper, below, counted(scene.frames, "frame"), SMALL_SIZE, GREY)
