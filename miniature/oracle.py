"""The oracle: finds the world's objects again in a picture, with classical vision only.

Nothing here is learned, so it can judge what learned models draw; ``director.py evaluate
miniature`` measures the oracle itself on drawings whose contents are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .backgrounds import SIZE
from .oracle_background import read_background
from .oracle_groups import explain
from .oracle_segments import find_segments

LEAST_AREA = 60  # pixels of foreground; the smallest sprite, a moon 24 high, covers about 190
# Score. Of drawings and their reconstructions 99 in 100 reach 0.74, of shapeless blots half do.
FOUND_FROM = 0.68


@dataclass(frozen=True)
class Found:
    """One object that was read; ``box`` is xyxy in 0–1, ``score`` in 0–1 tells how sure."""

    kind: str
    colour: str
    mark: str
    second_colour: str | None
    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True)
class Reading:
    """What a picture shows; ``objects`` from left to right."""

    objects: list[Found]
    background: str
    tint: str
    horizon: float

    def of(self, kind: str, colour: str) -> list[Found]:
        """The objects of a kind and colour."""
        return [one for one in self.objects if (one.kind, one.colour) == (kind, colour)]


def read_picture(rgb: np.ndarray) -> Reading:
    """Read the objects and the background of a picture.

    Args:
        rgb: uint8 [128, 128, 3].

    Raises:
        ValueError: another shape or dtype.
    """
    if rgb.shape != (SIZE, SIZE, 3) or rgb.dtype != np.uint8:
        raise ValueError(
            f"read_picture: got {rgb.dtype} {tuple(rgb.shape)}, needs uint8 ({SIZE}, {SIZE}, 3); "
            "resize the picture and scale it to 0–255"
        )
    picture = rgb.astype(np.float32)
    behind = read_background(picture)
    objects = []
    for segment in find_segments(picture, behind.rows, LEAST_AREA):
        for look in explain(segment):
            if look.score >= FOUND_FROM:
                edges = tuple(float(np.clip(edge / SIZE, 0, 1)) for edge in look.box)
                words = look.kind, look.colour, look.mark, look.second_colour
                objects.append(Found(*words, edges, look.score))
    objects.sort(key=lambda found: found.box)
    return Reading(objects, behind.background, behind.tint, behind.horizon)


def read_frames(frames: Iterable[np.ndarray]) -> list[Reading]:
    """Read every frame of a clip, each uint8 [128, 128, 3]."""
    return [read_picture(np.asarray(frame)) for frame in frames]


def objects_present(reading: Reading, asked: Sequence[tuple[str, str | None]]) -> list[bool]:
    """Tell for each asked (kind, colour) whether an object of its own was found.

    A colour of None asks for the kind in any colour. Colours that were named choose first, so the
    answer does not depend on the order of asking.
    """
    left = [(found.kind, found.colour) for found in reading.objects]
    present = [False] * len(asked)
    for index in sorted(range(len(asked)), key=lambda at: asked[at][1] is None):
        kind, colour = asked[index]
        match = next((pair for pair in left if pair[0] == kind and colour in (None, pair[1])), None)
        if match is not None:
            left.remove(match)
            present[index] = True
    return present


def shows_just(reading: Reading, asked: Sequence[tuple[str, str | None]]) -> bool:
    """Tell whether all asked objects were found and no other."""
    return len(reading.objects) == len(asked) and all(objects_present(reading, asked))
