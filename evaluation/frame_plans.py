"""Clips whose prompts change on the way: what ``evaluate frames`` asks the miniature to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..miniature.vocabulary import COLOURS, HELD_OUT, KINDS, PLACES

Object = tuple[str, str]  # kind, colour
CHANGES = ("appears", "leaves", "colour")
_STREAM = 73_000_003


@dataclass(frozen=True)
class FramePlan:
    """A clip of two halves: what each asks for, and the seed of its noise."""

    change: str
    place: str
    before: tuple[Object, ...]
    after: tuple[Object, ...]
    frames: int
    noise_seed: int

    def objects(self, frame: int) -> list[Object]:
        """What the prompt of a frame asks for."""
        return list(self.before if frame < self.frames // 2 else self.after)

    def prompt(self, frame: int) -> str:
        """The prompt of a frame, in words that the miniature knows."""
        named = [f"{_article(colour)} {colour} {kind}" for kind, colour in self.objects(frame)]
        return f"{' and '.join(named)} {PLACES[self.place][0]}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def frame_plan(seed: int, index: int, frames: int = 8) -> FramePlan:
    """Plan number ``index``: an object appears, leaves or changes its colour halfway.

    Args:
        seed: of the whole evaluation.
        index: the changes take turns.
        frames: length of the clip.
    """
    rng = np.random.default_rng([_STREAM, seed, index])
    change = CHANGES[index % len(CHANGES)]
    first, second = _object(rng), _object(rng)
    while second[0] == first[0] or second[1] == first[1]:
        second = _object(rng)
    if change == "colour":
        second = (first[0], _other_colour(rng, first))
    before, after = {
        "appears": ((first,), (first, second)),
        "leaves": ((first, second), (first,)),
        "colour": ((first,), (second,)),
    }[change]
    place = list(PLACES)[int(rng.integers(len(PLACES)))]
    return FramePlan(change, place, before, after, frames, int(rng.integers(2**31)))


def _object(rng: np.random.Generator) -> Object:
    while True:
        kind = KINDS[int(rng.integers(len(KINDS)))]
        colour = list(COLOURS)[int(rng.integers(len(COLOURS)))]
        if (kind, colour) not in HELD_OUT:
            return kind, colour


def _other_colour(rng: np.random.Generator, thing: Object) -> str:
    kind, colour = thing
    others = [name for name in COLOURS if name != colour and (kind, name) not in HELD_OUT]
    return others[int(rng.integers(len(others)))]
