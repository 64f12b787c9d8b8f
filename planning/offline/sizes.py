"""How large a thing is drawn, and at which height of the frame it is at home."""

from typing import NamedTuple

from . import nouns
from .adjectives import SCALES
from .things import Thing


class Shape(NamedTuple):
    """Width and height as fractions of the frame's shorter side, and the height of its centre.

    ground: it stands on the ground, so boxes are lined up by their lower edges.
    """

    width: float
    height: float
    home: float
    ground: bool


# The first class that knows the noun decides.
_CLASSES: tuple[tuple[frozenset[str], Shape], ...] = (
    (nouns.SHAPE, Shape(0.30, 0.30, 0.55, False)),
    (nouns.SKY, Shape(0.26, 0.26, 0.24, False)),
    (frozenset({"butterfly", "bee", "dragonfly", "moth"}), Shape(0.22, 0.20, 0.38, False)),
    (
        frozenset({"balloon", "rocket", "parachute", "spaceship", "kite"}),
        Shape(0.24, 0.34, 0.40, False),
    ),
    (frozenset({"penguin", "ostrich", "flamingo"}), Shape(0.20, 0.36, 0.62, True)),
    (nouns.BIRD, Shape(0.26, 0.22, 0.42, False)),
    (nouns.PERSON, Shape(0.22, 0.46, 0.60, True)),
    (nouns.ANIMAL_LARGE, Shape(0.46, 0.36, 0.58, True)),
    (nouns.ANIMAL_SMALL, Shape(0.22, 0.20, 0.64, True)),
    (frozenset({"giraffe"}), Shape(0.26, 0.48, 0.56, True)),
    (nouns.FISH, Shape(0.32, 0.22, 0.56, False)),
    (nouns.ANIMAL, Shape(0.34, 0.28, 0.62, True)),
    (nouns.FLYER, Shape(0.38, 0.22, 0.32, False)),
    (nouns.BOAT, Shape(0.38, 0.30, 0.60, True)),
    (nouns.VEHICLE, Shape(0.42, 0.26, 0.64, True)),
    (nouns.WIDE, Shape(0.44, 0.24, 0.68, True)),
    (frozenset({"tree", "pine", "palm", "oak"}), Shape(0.30, 0.46, 0.54, True)),
    (nouns.TALL, Shape(0.20, 0.42, 0.58, True)),
    (nouns.BUILDING, Shape(0.42, 0.42, 0.54, True)),
    (nouns.LARGE_THING, Shape(0.42, 0.40, 0.54, True)),
    (nouns.SMALL_THING, Shape(0.22, 0.22, 0.62, True)),
    (nouns.FURNITURE, Shape(0.40, 0.30, 0.66, True)),
)
_OTHER = Shape(0.30, 0.30, 0.60, True)
_LOW, _HIGH = 0.13, 0.56


def shape_of(thing: Thing) -> Shape:
    """Return the shape of a thing by its noun and its size adjectives."""
    if not thing.head:
        return next(shape for words, shape in _CLASSES if words is nouns.PERSON)
    shape = next((shape for words, shape in _CLASSES if thing.head in words), _OTHER)
    factor = 1.0
    for word in thing.adjectives:
        factor *= SCALES.get(word, 1.0)
    return scaled(shape, max(0.55, min(1.6, factor)))


def scaled(shape: Shape, factor: float) -> Shape:
    """Return the shape with both sides times the factor, kept within what can be drawn."""
    longest, shortest = max(shape[:2]), min(shape[:2])
    factor = max(_LOW / shortest, min(_HIGH / longest, factor)) if factor != 1 else factor
    return Shape(shape.width * factor, shape.height * factor, shape.home, shape.ground)


def row_fits(widths: list[float]) -> bool:
    """Tell whether things of these widths can stand in one row."""
    return sum(widths) <= 0.9


def crowding(count: int) -> float:
    """Return how much smaller things are drawn when there are many."""
    return min(1.0, (3.4 / count) ** 0.5) if count else 1.0
