"""How things move in the miniature's clips: eight motions, each under a label of Kinetics-400.

The labels are those whose motion a flat drawing can do. A motion is a shape over time with one or
two free amplitudes; ``track`` draws these and finds a place where the whole way stays in view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .backgrounds import SIZE
from .pool import CELLS
from .world import Sprite

FRAMES = 8
CELL = SIZE // CELLS  # pixels that a cell of the latents is wide
Shape = Callable[[np.ndarray], np.ndarray]
Range = tuple[float, float]


def _still(t: np.ndarray) -> np.ndarray:
    return np.zeros_like(t)


def _line(t: np.ndarray) -> np.ndarray:
    return t


def _bounces(t: np.ndarray) -> np.ndarray:
    return -np.abs(np.sin(2 * np.pi * t))


def _wave(t: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * t)


def _lift(t: np.ndarray) -> np.ndarray:
    return -(np.sin(2 * np.pi * t) ** 2)


def _circle(t: np.ndarray) -> np.ndarray:
    return np.cos(2 * np.pi * t) - 1


def _arc(t: np.ndarray) -> np.ndarray:
    return -4 * t * (1 - t)


def _shakes(t: np.ndarray) -> np.ndarray:
    return np.where(np.arange(len(t)) % 2, 1.0, 0.0)


@dataclass(frozen=True)
class Motion:
    """Shapes of x and y over a clip's time 0–1, and how large they are, in pixels.

    both_ways: whether x may go to the left as well.
    """

    x: Shape
    y: Shape
    width: Range = (0.0, 0.0)
    height: Range = (0.0, 0.0)
    both_ways: bool = False


MOTIONS: dict[str, Motion] = {
    "bouncing on trampoline": Motion(_still, _bounces, height=(28, 48)),
    "swinging on something": Motion(_wave, _lift, (20, 32), (8, 14), both_ways=True),
    "climbing a rope": Motion(_still, lambda t: -t, height=(36, 64)),
    "abseiling": Motion(_still, _line, height=(36, 64)),
    "sled dog racing": Motion(_line, _still, width=(48, 80), both_ways=True),
    "high jump": Motion(_line, _arc, (36, 64), (28, 44), both_ways=True),
    "hula hooping": Motion(_wave, _circle, (14, 22), (14, 22), both_ways=True),
    "shaking head": Motion(_shakes, _still, width=(10, 16), both_ways=True),
}
LABELS = tuple(MOTIONS)


def times(frames: int) -> np.ndarray:
    """The times of a clip's frames, 0 to 1."""
    return np.arange(frames) / max(frames - 1, 1)


def track(
    label: str, width: int, height: int, frames: int, rng: np.random.Generator
) -> list[tuple[int, int]] | None:
    """Left and top of a thing at every frame, in whole pixels; None where it finds no room.

    From its first place a thing goes whole cells of the latents. What a cell's latents say of a
    dot or a point of a star changes with every pixel it moves within the cell; a model as small
    as the miniature's loses such details in between, and keeps what it can carry from cell to cell.

    Args:
        label: of ``LABELS``.
        width, height: of the thing, in pixels.
        frames: of the clip.
        rng: the only source of chance.
    """
    motion = MOTIONS[label]
    across, up = rng.uniform(*motion.width), rng.uniform(*motion.height)
    if motion.both_ways and rng.random() < 0.5:
        across = -across
    t = times(frames)
    x, y = across * motion.x(t), up * motion.y(t)
    placed = []
    for way, size in ((x, width), (y, height)):
        low, high = -float(way.min()), SIZE - size - float(way.max())
        if high < low:
            return None
        placed.append(_by_cells(way + rng.uniform(low, high), SIZE - size))
    return list(zip(placed[0].tolist(), placed[1].tolist(), strict=True))


def _by_cells(places: np.ndarray, most: int) -> np.ndarray:
    """Places 0 to ``most`` in pixels, whole cells away from the first, and no further than that."""
    first = round(float(places[0]))
    cells = np.round((places - places[0]) / CELL).astype(int)
    return first + CELL * cells.clip(-(first // CELL), (most - first) // CELL)


def has_room(label: str, sprite: Sprite, frames: int) -> bool:
    """Whether a thing can do a motion from where it stands, at least as small as it is drawn."""
    motion, t = MOTIONS[label], times(frames)
    across, up = motion.width[0] * motion.x(t), motion.height[0] * motion.y(t)
    ways = (across, -across) if motion.both_ways else (across,)
    across_fits = any(_fits(sprite.x, sprite.width, way) for way in ways)
    return across_fits and _fits(sprite.y, sprite.height, up)


def _fits(start: int, size: int, way: np.ndarray) -> bool:
    places = start + way - way[0]
    return bool(places.min() >= 0 and places.max() + size <= SIZE)
