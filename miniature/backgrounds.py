"""Textured backgrounds in pale or dim colours that no sprite has."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .vocabulary import BACKGROUNDS, Rgb

SIZE = 128
_SKIES: dict[str, Rgb] = {
    "clear": (206, 214, 222),
    "rosy": (226, 204, 206),
    "golden": (226, 218, 192),
}
_NIGHT_SKIES: dict[str, Rgb] = {"clear": (44, 48, 64), "rosy": (66, 48, 58), "golden": (64, 58, 44)}
_GROUNDS: dict[str, Rgb] = {
    "meadow": (150, 172, 138),
    "sea": (132, 158, 172),
    "night": (40, 46, 46),
    "desert": (202, 180, 148),
    "snow": (238, 240, 242),
    "city": (140, 138, 138),
}


def sky_colour(background: str, tint: str) -> Rgb:
    """Colour of the upper part of a background."""
    return (_NIGHT_SKIES if background == "night" else _SKIES)[tint]


def ground_colour(background: str) -> Rgb:
    """Mean colour of the lower part of a background."""
    return _GROUNDS[background]


def _smooth_noise(rng: np.random.Generator, cells_y: int, cells_x: int) -> np.ndarray:
    """Noise of the given coarseness, tileable, −1..1, [SIZE, SIZE]."""
    coarse = rng.uniform(-1, 1, (cells_y, cells_x)).astype(np.float32)

    def stretch(values: np.ndarray, cells: int, axis: int) -> np.ndarray:
        position = np.arange(SIZE) * cells / SIZE
        low = position.astype(int)
        weight = (position - low).astype(np.float32)
        weight = weight.reshape((-1, 1) if axis == 0 else (1, -1))
        first, second = np.take(values, low, axis), np.take(values, (low + 1) % cells, axis)
        return first * (1 - weight) + second * weight

    return stretch(stretch(coarse, cells_y, 0), cells_x, 1)


def _texture(background: str, rng: np.random.Generator) -> np.ndarray:
    """Brightness pattern of a ground, −1..1, [SIZE, SIZE]."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    turn = 2 * np.pi * x / SIZE  # whole periods, so that a shifted texture shows no seam
    if background == "meadow":  # upright blades of grass
        return _smooth_noise(rng, 8, 42) * 0.9
    if background == "sea":  # rows of waves
        return 0.8 * np.sin(y * 0.62 + 1.6 * np.sin(3 * turn + rng.uniform(0, 6)))
    if background == "desert":  # slanting dunes
        return 0.8 * np.sin((y * 0.9 + 9 * np.sin(turn + rng.uniform(0, 6))) * 0.26)
    if background == "snow":  # soft drifts
        return _smooth_noise(rng, 6, 5) * 0.6
    if background == "city":  # paving with dark joints
        joints = (y % 16 < 2) | ((x + 16 * (y // 16 % 2)) % 32 < 2)
        return np.where(joints, -1.0, 0.25).astype(np.float32)
    return _smooth_noise(rng, 10, 10) * 0.5


_CONTRAST = {"meadow": 15, "sea": 13, "night": 8, "desert": 12, "snow": 9, "city": 18}
_VARIANTS = 12


@lru_cache(maxsize=len(BACKGROUNDS) * _VARIANTS)
def _pattern(background: str, variant: int) -> np.ndarray:
    rng = np.random.default_rng([BACKGROUNDS.index(background), variant])
    return (_texture(background, rng) * _CONTRAST[background]).astype(np.float32)


def draw_background(
    background: str, tint: str, horizon: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw sky over textured ground.

    Args:
        background: one of ``vocabulary.BACKGROUNDS``.
        tint: one of ``vocabulary.TINTS``, the sky's.
        horizon: height of the sky as a fraction of the picture.
        rng: chooses and shifts the texture.

    Returns:
        float32 [128, 128, 3] in 0–255.
    """
    pattern = _pattern(background, int(rng.integers(_VARIANTS)))
    pattern = np.roll(pattern, int(rng.integers(SIZE)), axis=1)
    line = round(horizon * SIZE)
    picture = np.empty((SIZE, SIZE, 3), np.float32)
    shade = np.linspace(-6, 6, line, dtype=np.float32)[:, None, None]
    picture[:line] = np.asarray(sky_colour(background, tint), np.float32) + shade
    ground = np.asarray(ground_colour(background), np.float32)
    picture[line:] = ground + pattern[line:, :, None]
    if background == "night":
        _sprinkle_lights(picture, line, rng)
    return picture


def _sprinkle_lights(picture: np.ndarray, line: int, rng: np.random.Generator) -> None:
    """Put faint points into the night sky, in place."""
    ys, xs = rng.integers(0, line - 1, 14), rng.integers(0, SIZE - 1, 14)
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        picture[ys + dy, xs + dx] += 62
