"""Reads the background of a picture: class, tint of the sky and height of the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .backgrounds import SIZE, ground_colour, sky_colour
from .vocabulary import BACKGROUNDS, TINTS

# Horizons that are tried; drawings keep to 0.3–0.6 and generated pictures may stray a little.
_LINES = np.arange(round(0.2 * SIZE), round(0.7 * SIZE) + 1)
# Everything drawn behind the sprites stays below this difference between its channels.
_BACKGROUND_CHROMA = 72.0
_FEWEST_PIXELS = 6  # a row with fewer background pixels says nothing
_WORST = 45.0  # a row's error counts no more than this, so that sprites cannot outvote the rest


@dataclass(frozen=True)
class BackgroundReading:
    """``rows`` is the background's colour in each row, float32 [128, 3] in 0–255."""

    background: str
    tint: str
    horizon: float
    rows: np.ndarray


@lru_cache(maxsize=1)
def _skies() -> tuple[tuple[tuple[str, str], ...], np.ndarray, np.ndarray]:
    """Every (background, tint) with the colours of its sky and its ground, [n, 3] each."""
    names = tuple((background, tint) for background in BACKGROUNDS for tint in TINTS)
    skies = np.array([sky_colour(*name) for name in names], np.float32)
    grounds = np.array([ground_colour(name[0]) for name in names], np.float32)
    return names, skies, grounds


def _row_colours(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean colour of each row's background pixels [128, 3], and which rows have enough of them."""
    chroma = rgb.max(axis=2) - rgb.min(axis=2)
    behind = chroma < _BACKGROUND_CHROMA
    count = behind.sum(axis=1)
    total = np.einsum("yxc,yx->yc", rgb, behind.astype(np.float32))
    return total / np.maximum(count, 1)[:, None], count >= _FEWEST_PIXELS


def read_background(rgb: np.ndarray) -> BackgroundReading:
    """Find the background whose colours above and below some horizon fit the rows best.

    Args:
        rgb: float32 [128, 128, 3] in 0–255.
    """
    names, skies, grounds = _skies()
    rows, seen = _row_colours(rgb)

    def errors(colours: np.ndarray) -> np.ndarray:
        distance = np.abs(rows[:, None, :] - colours).mean(axis=2)
        return np.where(seen[:, None], np.minimum(distance, _WORST), 0.0)

    above = np.concatenate([np.zeros((1, len(names))), np.cumsum(errors(skies), axis=0)])
    below = np.concatenate([np.zeros((1, len(names))), np.cumsum(errors(grounds), axis=0)])
    cost = above[_LINES] + below[-1] - below[_LINES]
    best_line, best = np.unravel_index(int(cost.argmin()), cost.shape)
    line = int(_LINES[best_line])
    model = np.where(np.arange(SIZE)[:, None] < line, skies[best], grounds[best])
    rows = np.where(seen[:, None], rows, model).astype(np.float32)
    return BackgroundReading(*names[best], line / SIZE, rows)
