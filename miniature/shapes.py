"""Silhouettes and marks of the sprites, drawn once at high resolution and scaled to size."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from .vocabulary import KINDS

RESOLUTION = 256
# Width over height of each silhouette.
ASPECTS = {
    "ball": 1.0,
    "box": 1.0,
    "star": 1.0,
    "heart": 1.05,
    "moon": 0.8,
    "fish": 1.45,
    "tree": 0.8,
    "car": 1.6,
}
# Silhouettes that look another way when mirrored.
FACING = ("moon", "fish")


def _heart() -> list[tuple[float, float]]:
    points = []
    for step in range(120):
        t = 2 * math.pi * step / 120
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((x, -y))
    return points


def _star() -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        radius = 1.0 if corner % 2 == 0 else 0.42
        angle = -math.pi / 2 + corner * math.pi / 5
        points.append((radius * math.cos(angle), radius * math.sin(angle)))
    return points


def _fit(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretch a polygon to fill the whole canvas."""
    xs, ys = zip(*points, strict=True)
    spread_x, spread_y = max(xs) - min(xs), max(ys) - min(ys)
    return [
        ((x - min(xs)) / spread_x * RESOLUTION, (y - min(ys)) / spread_y * RESOLUTION)
        for x, y in points
    ]


def _outline(kind: str, draw: ImageDraw.ImageDraw) -> None:
    r = RESOLUTION

    def at(*fractions: float) -> list[float]:
        return [value * r for value in fractions]

    if kind == "ball":
        draw.ellipse(at(0, 0, 1, 1), fill=255)
    elif kind == "box":
        draw.rectangle(at(0, 0, 1, 1), fill=255)
    elif kind in ("star", "heart"):
        draw.polygon(_fit(_star() if kind == "star" else _heart()), fill=255)
    elif kind == "moon":
        draw.ellipse(at(0, 0, 1.25, 1), fill=255)
        draw.ellipse(at(0.42, 0.1, 1.5, 0.9), fill=0)
    elif kind == "fish":
        draw.ellipse(at(0, 0.02, 0.76, 0.98), fill=255)
        draw.polygon(at(0.58, 0.5, 1, 0, 1, 1), fill=255)
    elif kind == "tree":
        draw.polygon(at(0.5, 0, 0.92, 0.42, 0.08, 0.42), fill=255)
        draw.polygon(at(0.5, 0.22, 1, 0.78, 0, 0.78), fill=255)
        draw.rectangle(at(0.38, 0.78, 0.62, 1), fill=255)
    elif kind == "car":
        draw.polygon(at(0.2, 0.42, 0.32, 0, 0.7, 0, 0.82, 0.42), fill=255)
        draw.rounded_rectangle(at(0, 0.36, 1, 0.8), radius=0.09 * r, fill=255)
        for x in (0.1, 0.62):
            draw.ellipse(at(x, 0.56, x + 0.28, 1.0), fill=255)


@lru_cache(maxsize=64)
def silhouette(kind: str, mirrored: bool = False) -> Image.Image:
    """Return a kind's mask as an 8-bit picture that fills its canvas.

    Args:
        kind: one of ``vocabulary.KINDS``.
        mirrored: flipped left to right.

    Raises:
        KeyError: unknown kind.
    """
    if kind not in KINDS:
        raise KeyError(f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
    canvas = Image.new("L", (RESOLUTION, RESOLUTION), 0)
    _outline(kind, ImageDraw.Draw(canvas))
    return canvas.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else canvas


def _dot_centre(kind: str, mirrored: bool) -> tuple[float, float]:
    """Where a mark's dot sits: the middle of the silhouette's bulk, in fractions of the canvas."""
    centres = {"moon": (0.2, 0.5), "fish": (0.38, 0.5), "tree": (0.5, 0.55), "car": (0.5, 0.5)}
    x, y = centres.get(kind, (0.5, 0.5 if kind != "heart" else 0.42))
    return (1 - x if mirrored else x), y


@lru_cache(maxsize=256)
def mark_mask(kind: str, mark: str, mirrored: bool = False) -> Image.Image:
    """Return where the second colour goes, on the same canvas as ``silhouette`` (0 or 255).

    A band is a third of the height, a dot half of the shorter side, a half the right-hand half.

    Raises:
        KeyError: unknown mark.
    """
    canvas = Image.new("L", (RESOLUTION, RESOLUTION), 0)
    draw = ImageDraw.Draw(canvas)
    r = RESOLUTION
    x, y = _dot_centre(kind, mirrored)
    if mark == "band":
        draw.rectangle([0, (y - 0.17) * r, r, (y + 0.17) * r], fill=255)
    elif mark == "half":
        # Split at the bulk's middle, so that both halves of a crescent or a fish can be seen.
        draw.rectangle([x * r, 0, r, r], fill=255)
    elif mark == "dot":
        aspect = ASPECTS[kind]
        diameter = 0.5 * min(aspect, 1.0)
        half_x, half_y = diameter / aspect / 2 * r, diameter / 2 * r
        draw.ellipse([x * r - half_x, y * r - half_y, x * r + half_x, y * r + half_y], fill=255)
    elif mark != "plain":
        raise KeyError(f"unknown mark {mark!r}")
    return canvas


def sprite_size(kind: str, longest: int) -> tuple[int, int]:
    """Width and height in pixels of a sprite whose longer side is ``longest``."""
    aspect = ASPECTS[kind]
    if aspect >= 1:
        return longest, max(1, round(longest / aspect))
    return max(1, round(longest * aspect)), longest


def sprite_layers(
    kind: str, mark: str, width: int, height: int, mirrored: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return (coverage, share of second colour), both float32 [height, width] in 0–1."""
    box = Image.Resampling.BOX
    cover = silhouette(kind, mirrored).resize((width, height), box)
    second = mark_mask(kind, mark, mirrored).resize((width, height), box)
    return np.asarray(cover, np.float32) / 255, np.asarray(second, np.float32) / 255
