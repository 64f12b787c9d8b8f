"""What ``director.py evaluate action`` asks: scene pictures, and what is to be done in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..miniature.captions import Style, write_caption
from ..miniature.clips import sample_clip
from ..miniature.motions import FRAMES, LABELS, has_room
from ..miniature.oracle import Reading
from ..miniature.oracle_tracks import find_tracks, read_motion
from ..miniature.world import Scene

EVALUATION, VALIDATION = 73_000_011, 73_000_012  # first number of every seed here
# What things are and where; neither where they stand nor what they do.
_NEUTRAL = Style(place=0.0, relation=0.0, verb=0.0, filler=0.0)


@dataclass(frozen=True)
class Case:
    """A picture of a scene, and what its things shall do.

    other: another action that there is room for; None where there is none.
    """

    scene: Scene
    prompt: str
    noise_seed: int
    label: str
    other: str | None


def action_cases(count: int, seed: int, stream: int) -> list[Case]:
    """Cases of every action in turn, with one or two things that all do the same."""
    cases = []
    for index in range(count):
        rng = np.random.default_rng([stream, seed, index])
        label = LABELS[index % len(LABELS)]
        scene = sample_clip(rng, label=label, frames=FRAMES).frames[0]
        others = [
            one
            for one in LABELS
            if one != label and all(has_room(one, s, FRAMES) for s in scene.sprites)
        ]
        cases.append(
            Case(
                scene,
                write_caption(scene, rng, _NEUTRAL).text,
                int(rng.integers(2**31)),
                label,
                str(rng.choice(others)) if others else None,
            )
        )
    return cases


def does(case: Case, label: str, readings: Sequence[Reading]) -> float:
    """Share of the things of a scene that do what was asked, by their tracks through a clip."""
    tracks = find_tracks(readings)
    looks = {(sprite.kind, sprite.colour) for sprite in case.scene.sprites}
    return sum(look in tracks and read_motion(tracks[look]) == label for look in looks) / len(looks)


def picture_kept(case: Case, readings: Sequence[Reading]) -> float:
    """Share of a scene's things whose kind, colour and mark are read in the middle and the last
    frame."""
    kept = []
    for reading in (readings[len(readings) // 2], readings[-1]):
        looks = {(found.kind, found.colour, found.mark) for found in reading.objects}
        kept += [
            (sprite.kind, sprite.colour, sprite.mark) in looks for sprite in case.scene.sprites
        ]
    return sum(kept) / len(kept)
