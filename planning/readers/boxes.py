"""Boxes in the forms that language models write."""

import re
from collections.abc import Mapping

from ..schema import Box

_CORNERS = (
    ("x0", "y0", "x1", "y1"),
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("left", "top", "right", "bottom"),
)
_SIZES = (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height"))
_NUMBER = re.compile(r"\s*([-+]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12}))\s*(%?|px)\s*")


def visible_box(box: Box) -> Box | None:
    """Clip a box (xyxy) to the frame; None when nothing of it is inside, or it has no size."""
    x0, y0, x1, y1 = box
    if x0 > x1 or y0 > y1:
        return box  # the invariants name what is wrong with it
    clipped = (max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0))
    return clipped if clipped[0] < clipped[2] and clipped[1] < clipped[3] else None


def four_numbers(value: object) -> Box | None:
    """Return a list of four finite numbers as floats, or None when the value is none."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [number for part in value if (number := as_number(part)) is not None]
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None


def as_number(value: object) -> float | None:
    """Return a number, also of "0.5", "50%" and "64px"; None when the value is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e15 else None
    match = _NUMBER.fullmatch(value) if isinstance(value, str) and len(value) < 40 else None
    if match is None:
        return None
    return float(match.group(1)) / (100 if match.group(2) == "%" else 1)


def corner_box(value: object) -> Box | None:
    """Return a box of [x0, y0, x1, y1] or of an object whose keys say what its numbers are.

    Such as {"x0": …}, {"left": …, "right": …} or {"x": …, "width": …}; None when it is no box.
    """
    if not isinstance(value, Mapping):
        return four_numbers(value)
    parts = {str(key).strip().lower(): part for key, part in value.items()}
    for names in _CORNERS:
        if set(names) == set(parts):
            return four_numbers([parts[name] for name in names])
    for names in _SIZES:
        if set(names) == set(parts):
            sized = four_numbers([parts[name] for name in names])
            return sized and (sized[0], sized[1], sized[0] + sized[2], sized[1] + sized[3])
    return None


def sized_box(value: object) -> Box | None:
    """Return x, y, width, height of a list of them, or of an object as in `corner_box`."""
    if not isinstance(value, Mapping):
        return four_numbers(value)
    box = corner_box(value)
    return box and (box[0], box[1], box[2] - box[0], box[3] - box[1])
