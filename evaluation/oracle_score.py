"""Holds what the oracle reads against what was drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..miniature.oracle import Found, Reading, read_picture
from ..miniature.world import Scene, Sprite

Box = tuple[float, float, float, float]
MATCH_FROM = 0.5  # IoU


@dataclass(frozen=True)
class PictureScore:
    """One picture's reading: ``counted`` has drawn objects and invented ones."""

    right: int
    counted: int
    ious: tuple[float, ...]  # one per drawn object, 0 where it was missed
    background: bool
    tint: bool


def iou(first: Box, second: Box) -> float:
    """Intersection over union of two xyxy boxes."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    common = max(width, 0.0) * max(height, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return common / max(sum(areas) - common, 1e-9)


def match(sprites: Sequence[Sprite], found: Sequence[Found]) -> list[tuple[Sprite, Found]]:
    """Pair drawn with found objects, the greatest overlap first, from IoU 0.5 on."""
    pairs = sorted(
        ((iou(s.box, f.box), i, j) for i, s in enumerate(sprites) for j, f in enumerate(found)),
        reverse=True,
    )
    taken_sprites: set[int] = set()
    taken_found: set[int] = set()
    matched = []
    for overlap, i, j in pairs:
        if overlap >= MATCH_FROM and i not in taken_sprites and j not in taken_found:
            taken_sprites.add(i)
            taken_found.add(j)
            matched.append((sprites[i], found[j]))
    return matched


def alike(sprite: Sprite, reading: Reading) -> list[Found]:
    """What was read that is of a sprite's kind and colour, the nearest to its box first."""
    return sorted(reading.of(sprite.kind, sprite.colour), key=lambda one: -iou(one.box, sprite.box))


def score_picture(scene: Scene, picture: np.ndarray) -> PictureScore:
    """Read a picture, uint8 [128, 128, 3], and compare with the scene it was drawn from."""
    reading = read_picture(picture)
    matched = match(scene.sprites, reading.objects)
    right = sum(
        (drawn.kind, drawn.colour, drawn.mark, drawn.second_colour)
        == (found.kind, found.colour, found.mark, found.second_colour)
        for drawn, found in matched
    )
    invented = len(reading.objects) - len(matched)
    ious = [iou(drawn.box, found.box) for drawn, found in matched]
    ious += [0.0] * (len(scene.sprites) - len(matched))
    return PictureScore(
        right,
        len(scene.sprites) + invented,
        tuple(ious),
        reading.background == scene.background,
        reading.tint == scene.tint,
    )


def score_pictures(scenes: Iterable[Scene], pictures: Iterable[np.ndarray]) -> list[PictureScore]:
    """Score every picture against its scene."""
    pairs = zip(scenes, pictures, strict=True)
    return [score_picture(scene, picture) for scene, picture in pairs]
