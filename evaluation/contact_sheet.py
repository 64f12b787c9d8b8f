"""A sheet of captioned pictures for a person to look at."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_COLUMNS = 8
_TEXT_HEIGHT, _LINE_HEIGHT, _GAP = 64, 12, 6
_LINES = _TEXT_HEIGHT // _LINE_HEIGHT


def write_sheet(path: Path, pictures: Sequence[np.ndarray], captions: Sequence[str]) -> None:
    """Write pictures in a grid, the caption below each.

    Args:
        path: a PNG; replaced only when the new one is complete.
        pictures: uint8 [h, w, 3] of one size.
        captions: one for each.

    Raises:
        ValueError: no pictures.
    """
    if not len(pictures):
        raise ValueError("contact sheet: there are no pictures to show")
    height, width = pictures[0].shape[:2]
    columns = min(_COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    cell = (width + _GAP, height + _TEXT_HEIGHT + _GAP)
    sheet = Image.new("RGB", (columns * cell[0] + _GAP, rows * cell[1] + _GAP), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=10)
    for index, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        left = _GAP + index % columns * cell[0]
        top = _GAP + index // columns * cell[1]
        sheet.paste(Image.fromarray(picture), (left, top))
        lines = textwrap.wrap(caption, width // 5)[:_LINES]
        for number, line in enumerate(lines):
            place = (left, top + height + 1 + number * _LINE_HEIGHT)
            draw.text(place, line, fill="black", font=font)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    sheet.save(unfinished, format="PNG")
    os.replace(unfinished, path)
