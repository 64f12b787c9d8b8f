"""One entity in two scenes: told by its name, by a picture of it, or by both.

A prompt tells kind and colour; the mark and its second colour are in the picture alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..attention_patches.grounding_modules import WHOLE
from ..miniature.backgrounds import SIZE
from ..miniature.entities import place_word
from ..miniature.oracle import Found, read_picture
from ..miniature.vocabulary import PLACES
from ..miniature.world import Sprite, draw_cutout, sample_scene
from .figures import Figure, measured
from .frame_plans import named
from .layout_cases import EVALUATION, VALIDATION
from .layout_drawing import Boxed
from .oracle_score import alike, iou

TOLD_BY = ("text", "picture", "text_image", "text_image_background")
_STREAM, _LONGEST = 7, 96
Draw = Callable[..., np.ndarray]


def _sprites(seed: int, stream: int, index: int) -> tuple[Sprite, Sprite, list[str], list[int]]:
    """A marked sprite, the same elsewhere; the places and noise seeds of both scenes."""
    rng = np.random.default_rng([stream, seed, _STREAM, index])
    while True:
        first, other = (sample_scene(rng, count=1).sprites[0] for _ in range(2))
        if first.second_colour is not None:
            break
    # The other's centre, the first's size, moved inside where it would stand out.
    x = min(max(other.x + (other.width - first.width) // 2, 0), SIZE - first.width)
    y = min(max(other.y + (other.height - first.height) // 2, 0), SIZE - first.height)
    places = [str(place) for place in rng.choice(list(PLACES), 2, replace=False)]
    return first, replace(first, x=x, y=y), places, rng.integers(2**31, size=2).tolist()


def _boxed(sprite: Sprite, place: str, told_by: str) -> list[Boxed]:
    phrase = None if told_by == "picture" else f"{sprite.colour} {sprite.kind}"
    picture = None if told_by == "text" else draw_cutout(sprite, _LONGEST)
    boxes = [Boxed(phrase, sprite.box, picture)]
    if told_by.endswith("background"):
        boxes.append(Boxed(place_word(place), WHOLE))
    return boxes


def _look(found: Found | None) -> tuple[str | None, ...] | None:
    return None if found is None else (found.mark, found.second_colour)


def entity_figures(draw: Draw, options: argparse.Namespace) -> list[Figure]:
    """Whether entities read the same in both scenes, and as in their picture.

    Args:
        draw: as ``draw(label, prompts, boxes, seeds, alpha=…)``, pictures of the fusers' model.
        options: entities, seed, alpha, validation.
    """
    stream = VALIDATION if options.validation else EVALUATION
    every = [_sprites(options.seed, stream, index) for index in range(options.entities)]
    rows, same = [], {}
    for told_by in TOLD_BY:
        shown = [
            (sprite, place, seed)
            for first, second, places, seeds in every
            for sprite, place, seed in zip((first, second), places, seeds, strict=True)
        ]
        pictures = draw(
            told_by,
            [
                f"{named(sprite.kind, sprite.colour)} {PLACES[place][0]}"
                for sprite, place, _ in shown
            ],
            [_boxed(sprite, place, told_by) for sprite, place, _ in shown],
            [seed for *_, seed in shown],
            alpha=options.alpha,
        )
        found = [
            next(iter(alike(sprite, read_picture(picture))), None)
            for (sprite, *_), picture in zip(shown, pictures, strict=True)
        ]
        same[told_by] = _alike(found)
        rows += _row(told_by, [sprite for sprite, *_ in shown], found, same[told_by])
    difference = [a - b for a, b in zip(same["text_image"], same["text"], strict=True)]
    return [*rows, measured("scene_consistency.text_image_minus_text", difference)]


def _alike(found: Sequence[Found | None]) -> list[float]:
    """Of every pair of scenes, whether both show the entity and show it alike."""
    looks = [_look(one) for one in found]
    return [
        float(first is not None and first == second)
        for first, second in zip(looks[::2], looks[1::2], strict=True)
    ]


def _row(
    name: str, sprites: Sequence[Sprite], found: Sequence[Found | None], same: Sequence[float]
) -> list[Figure]:
    pairs = list(zip(sprites, found, strict=True))
    there = [float(one is not None) for _, one in pairs]
    kept = [float(_look(one) == (sprite.mark, sprite.second_colour)) for sprite, one in pairs]
    overlap = [0.0 if one is None else iou(one.box, sprite.box) for sprite, one in pairs]
    return [
        measured(f"scene_consistency.{name}", same),
        measured(f"entity_present.{name}", there),
        measured(f"look_as_in_picture.{name}", kept),
        measured(f"entity_iou.{name}", overlap, unit="1"),
    ]
