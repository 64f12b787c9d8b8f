"""Pictures of entities beside what is cut out of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from .lettering import draw_text, line_height, shorten

_SIDE, _GAP, _TEXT = 192, 8, 14
_SQUARE = 12  # of the chequered ground
_LIGHT, _DARK = 236, 204
_PAGE, _INK = (250, 250, 250), (40, 40, 40)


@dataclass(frozen=True)
class Shown:
    """One entity: its picture [h, w, 3] and mask [h, w], both in 0–1, and where they are from."""

    name: str
    picture: np.ndarray
    mask: np.ndarray | None
    source: str


def draw_references(shown: Sequence[Shown]) -> Image.Image:
    """A row per entity: the picture, then what is used of it on a chequered ground.

    Where there is none, a page that says so: a plan need not have any.
    """
    row = _SIDE + line_height(_TEXT) + _GAP
    page = Image.new("RGB", (2 * _SIDE + 3 * _GAP, max(1, len(shown)) * row + _GAP), _PAGE)
    canvas = ImageDraw.Draw(page)
    if not shown:
        draw_text(canvas, (_GAP, row // 2), "No entity has a picture.", _TEXT, _INK)
    for number, one in enumerate(shown):
        top = _GAP + number * row
        page.paste(_fitted(_picture(one.picture)), (_GAP, top))
        page.paste(_fitted(_used(one)), (_SIDE + 2 * _GAP, top))
        label = shorten(f"{one.name} ({one.source})", _TEXT, 2 * _SIDE + _GAP)
        draw_text(canvas, (_GAP, top + _SIDE + 1), label, _TEXT, _INK)
    return page


def _used(one: Shown) -> Image.Image:
    if one.mask is None:
        return _picture(one.picture)
    height, width = one.mask.shape
    y, x = np.mgrid[:height, :width] // max(1, _SQUARE * max(height, width) // _SIDE)
    ground = np.where((x + y) % 2, _DARK, _LIGHT)[..., None] / 255
    share = one.mask[..., None]
    return _picture(one.picture * share + ground * (1 - share))


def _picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))


def _fitted(picture: Image.Image) -> Image.Image:
    """Within a square of one size, on page colour."""
    factor = _SIDE / max(picture.size)
    size = tuple(max(1, round(side * factor)) for side in picture.size)
    square = Image.new("RGB", (_SIDE, _SIDE), _PAGE)
    square.paste(picture.resize(size), ((_SIDE - size[0]) // 2, (_SIDE - size[1]) // 2))
    return square
