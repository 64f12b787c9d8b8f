"""Clips whose prompts change on the way: what ``evaluate frames`` asks the miniature to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..miniature.captions import with_articles
from ..miniature.vocabulary import COLOURS, HELD_OUT, KINDS, PLACES, VERBS

Object = tuple[str, str]  # kind, colour
CHANGES = ("appears", "leaves", "colour")
_STREAM = 73_000_003


@dataclass(frozen=True)
class FramePlan:
    """A clip of two halves: what each asks for, in words of its own for every frame.

    DirecT2V's language model writes every frame's prompt anew; frames of equal words and equal
    noise would be one picture, and nothing could tie them closer.

    Attributes:
        wordings: of each frame, what its first object does and how the place is called.
    """

    change: str
    before: tuple[Object, ...]
    after: tuple[Object, ...]
    wordings: tuple[tuple[str, str], ...]
    noise_seed: int

    @property
    def frames(self) -> int:
        return len(self.wordings)

    def objects(self, frame: int) -> list[Object]:
        """What the prompt of a frame asks for."""
        return list(self.before if frame < self.frames // 2 else self.after)

    def prompt(self, frame: int) -> str:
        """The prompt of a frame, in words that the miniature knows."""
        verb, place = self.wordings[frame]
        first, *others = (named(*thing) for thing in self.objects(frame))
        return " and ".join([f"{first} {verb}", *others]) + f" {place}"


def named(kind: str, colour: str) -> str:
    """A thing in words, with its article."""
    return " ".join(with_articles(["a", colour, kind]))


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
    places = list(PLACES.values())[int(rng.integers(len(PLACES)))]
    wordings = tuple(
        (str(rng.choice(VERBS)), places[int(rng.integers(len(places)))]) for _ in range(frames)
    )
    return FramePlan(change, before, after, wordings, int(rng.integers(2**31)))


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
