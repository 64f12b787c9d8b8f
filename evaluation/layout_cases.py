"""What ``evaluate layout`` asks for: prompts, the boxes drawn with them, and what must be true.

The twin of the skills in VideoDirectorGPT's Table 1 (arXiv:2309.15091): object, count, spatial and
scale of pictures, after VPEval's questions, and the direction of movement of clips. Every prompt
names its relation in words that the miniature knows, so that the plain model reads it too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..miniature.backgrounds import SIZE
from ..miniature.oracle import Found, Reading, objects_present
from ..miniature.shapes import sprite_size
from ..miniature.vocabulary import COLOURS, COUNT_WORDS, HELD_OUT, KINDS, PLACES, PLURALS
from ..planning.schema import Scene
from .frame_plans import named
from .oracle_score import Box, iou
from .planner_checks import centre

PICTURE_SKILLS = ("object", "count", "spatial", "scale")
DIRECTION = "direction"
EVALUATION, VALIDATION = 73_000_004, 73_000_005  # first number of every seed here
DEFAULT_ALPHA = Scene.model_fields["layout_strength"].default
_MOVED = 0.1  # of the frame
_GAP = 4 / SIZE  # between boxes
_RELATIONS = {"left": "to the left of", "right": "to the right of", "above": "above"}
_RELATIONS |= {"below": "below"}
_WAYS = {
    "right": "from left to right",
    "left": "from right to left",
    "down": "from top to bottom",
    "up": "from bottom to top",
}


@dataclass(frozen=True)
class Thing:
    """Something asked for, and where it is drawn: in the first and in the last frame."""

    kind: str
    colour: str
    start: Box
    end: Box

    @property
    def phrase(self) -> str:
        return f"{self.colour} {self.kind}"

    def is_shown_by(self, found: Found) -> bool:
        """Whether this is what the oracle found."""
        return (found.kind, found.colour) == (self.kind, self.colour)


@dataclass(frozen=True)
class Case:
    """One prompt; ``relation`` is what it says of its things, by the skill."""

    skill: str
    prompt: str
    things: tuple[Thing, ...]
    relation: str
    noise_seed: int

    def score(self, readings: Sequence[Reading]) -> float:
        """How far the prompt is met, 0–1; one reading of a picture, two of a clip's ends."""
        return _QUESTIONS[self.skill](self, readings)

    def ious(
        self, boxes: Sequence[Sequence[tuple[str, Box]]], readings: Sequence[Reading]
    ) -> float:
        """Mean overlap of asked boxes, (phrase, box) of each frame, with what was found there."""
        found = [
            overlap
            for asked, reading in zip(boxes, readings, strict=True)
            for overlap in _overlaps(asked, reading)
        ]
        return float(np.mean(found)) if found else 0.0


def _overlaps(asked: Sequence[tuple[str, Box]], reading: Reading) -> list[float]:
    """Of every asked box with the found one of its kind and colour, the best pairs first."""
    pairs = sorted(
        (
            (iou(box, found.box), place, number)
            for place, (phrase, box) in enumerate(asked)
            for number, found in enumerate(reading.objects)
            if phrase.split()[-2:] == [found.colour, found.kind]  # a size may come first
        ),
        reverse=True,
    )
    best: dict[int, float] = {}
    taken: set[int] = set()
    for overlap, place, number in pairs:
        if place not in best and number not in taken:
            best[place] = overlap
            taken.add(number)
    return [best.get(place, 0.0) for place in range(len(asked))]


def _all_there(case: Case, readings: Sequence[Reading]) -> float:
    asked = [(thing.kind, thing.colour) for thing in case.things]
    return sum(objects_present(readings[0], asked)) / len(asked)


def _as_many(case: Case, readings: Sequence[Reading]) -> float:
    thing = case.things[0]
    return float(sum(map(thing.is_shown_by, readings[0].objects)) == len(case.things))


def _surest(thing: Thing, reading: Reading) -> Found | None:
    """What was found of a thing; of several alike the one found with most certainty."""
    alike = filter(thing.is_shown_by, reading.objects)
    return max(alike, key=lambda one: one.score, default=None)


def _two(case: Case, reading: Reading) -> tuple[Found, Found] | None:
    """The found ones of two asked things."""
    first, second = (_surest(thing, reading) for thing in case.things)
    return None if first is None or second is None else (first, second)


def _way(relation: str, start: Box, end: Box) -> tuple[float, float]:
    """How far it is from one box's centre to another's: in the direction told, and across it."""
    dx, dy = np.subtract(centre(end), centre(start))
    return {
        "left": (-dx, dy),
        "right": (dx, dy),
        "above": (-dy, dx),
        "up": (-dy, dx),
        "below": (dy, dx),
        "down": (dy, dx),
    }[relation]


def _lies_there(case: Case, readings: Sequence[Reading]) -> float:
    two = _two(case, readings[0])
    if two is None:
        return 0.0
    towards, across = _way(case.relation, two[1].box, two[0].box)
    # The relation must be the main one: what is mostly above is not "to the left".
    return float(towards >= abs(across))


def _larger(case: Case, readings: Sequence[Reading]) -> float:
    two = _two(case, readings[0])
    if two is None:
        return 0.0
    first, second = ((b[2] - b[0]) * (b[3] - b[1]) for b in (found.box for found in two))
    return float(first > second if case.relation == "larger" else first < second)


def _moves(case: Case, readings: Sequence[Reading]) -> float:
    start, end = (_surest(case.things[0], reading) for reading in (readings[0], readings[-1]))
    if start is None or end is None:
        return 0.0
    return float(_way(case.relation, start.box, end.box)[0] >= _MOVED)


_QUESTIONS: dict[str, Callable[[Case, Sequence[Reading]], float]] = {
    "object": _all_there,
    "count": _as_many,
    "spatial": _lies_there,
    "scale": _larger,
    DIRECTION: _moves,
}


def cases(skill: str, count: int, seed: int, stream: int = EVALUATION) -> list[Case]:
    """That many prompts of one skill; the same for the same seed and stream."""
    number = (*PICTURE_SKILLS, DIRECTION).index(skill)
    return [
        _Writer(np.random.default_rng([stream, seed, number, index]), index).write(skill)
        for index in range(count)
    ]


class _Writer:
    """Draws one case; ``index`` lets what is asked take turns."""

    def __init__(self, rng: np.random.Generator, index: int) -> None:
        self.rng, self.index = rng, index

    def write(self, skill: str) -> Case:
        things, told, relation = getattr(self, f"_{skill}")()
        place = PLACES[self._choose(list(PLACES))][0]
        return Case(skill, f"{told} {place}", things, relation, int(self.rng.integers(2**31)))

    def _choose(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def _pairs(self, count: int) -> list[tuple[str, str]]:
        """Kinds and colours, no two alike in either."""
        found: list[tuple[str, str]] = []
        while len(found) < count:
            kind, colour = self._choose(KINDS), self._choose(list(COLOURS))
            taken = {word for pair in found for word in pair}
            if (kind, colour) not in HELD_OUT and not taken & {kind, colour}:
                found.append((kind, colour))
        return found

    def _size(self, kind: str, low: int, high: int) -> tuple[float, float]:
        width, height = sprite_size(kind, int(self.rng.integers(low, high)))
        return width / SIZE, height / SIZE

    def _free_box(self, size: tuple[float, float], taken: Sequence[Box]) -> Box | None:
        for _ in range(50):
            x, y = self.rng.uniform(0, 1 - size[0]), self.rng.uniform(0, 1 - size[1])
            box = (x, y, x + size[0], y + size[1])
            if all(_apart(box, other) for other in taken):
                return box
        return None

    def _boxes(self, sizes: Sequence[tuple[float, float]]) -> list[Box]:
        while True:
            boxes: list[Box] = []
            for size in sizes:
                box = self._free_box(size, boxes)
                if box is not None:
                    boxes.append(box)
            if len(boxes) == len(sizes):
                return boxes

    def _object(self) -> tuple[tuple[Thing, ...], str, str]:
        pairs = self._pairs(1 + self.index % 3)
        boxes = self._boxes([self._size(kind, 28, 52) for kind, _ in pairs])
        things = tuple(Thing(*pair, box, box) for pair, box in zip(pairs, boxes, strict=True))
        *before, last = (named(*pair) for pair in pairs)
        told = f"{', '.join(before)} and {last}" if before else last
        return things, told, ""

    def _count(self) -> tuple[tuple[Thing, ...], str, str]:
        number = 1 + self.index % 4
        [(kind, colour)] = self._pairs(1)
        boxes = self._boxes([self._size(kind, 26, 46) for _ in range(number)])
        things = tuple(Thing(kind, colour, box, box) for box in boxes)
        if number == 1:
            return things, f"one {colour} {kind}", ""
        return things, f"{COUNT_WORDS[number]} {colour} {PLURALS[kind]}", ""

    def _spatial(self) -> tuple[tuple[Thing, ...], str, str]:
        relation = list(_RELATIONS)[self.index % len(_RELATIONS)]
        pairs = self._pairs(2)
        while True:
            boxes = self._boxes([self._size(kind, 28, 50) for kind, _ in pairs])
            towards, across = _way(relation, boxes[1], boxes[0])
            if towards > 0.2 and towards > 1.6 * abs(across):  # as training's captions use it
                break
        things = tuple(Thing(*pair, box, box) for pair, box in zip(pairs, boxes, strict=True))
        told = f"{named(*pairs[0])} {_RELATIONS[relation]} {named(*pairs[1])}"
        return things, told, relation

    def _scale(self) -> tuple[tuple[Thing, ...], str, str]:
        relation = ("larger", "smaller")[self.index % 2]
        pairs = self._pairs(2)
        spans = [(50, 60), (26, 33)]
        words = ["large", "small"]
        if relation == "smaller":
            spans, words = spans[::-1], words[::-1]
        while True:
            sizes = [self._size(p[0], *span) for p, span in zip(pairs, spans, strict=True)]
            areas = [width * height for width, height in sizes]
            if (areas[0] > areas[1]) == (relation == "larger"):  # some kinds are narrow
                break
        boxes = self._boxes(sizes)
        things = tuple(Thing(*pair, box, box) for pair, box in zip(pairs, boxes, strict=True))
        first, second = (
            f"a {word} {colour} {kind}" for word, (kind, colour) in zip(words, pairs, strict=True)
        )
        return things, f"{first} and {second}", relation

    def _direction(self) -> tuple[tuple[Thing, ...], str, str]:
        relation = list(_WAYS)[self.index % len(_WAYS)]
        [(kind, colour)] = self._pairs(1)
        width, height = self._size(kind, 28, 48)
        x, y = self.rng.uniform(0.02, 0.98 - width), self.rng.uniform(0.02, 0.98 - height)
        near, far = 0.03, 0.97
        ends = {
            "right": ((near, y), (far - width, y)),
            "left": ((far - width, y), (near, y)),
            "down": ((x, near), (x, far - height)),
            "up": ((x, far - height), (x, near)),
        }[relation]
        start, end = ((ex, ey, ex + width, ey + height) for ex, ey in ends)
        thing = Thing(kind, colour, start, end)
        return (thing,), f"{named(kind, colour)} moves {_WAYS[relation]}", relation


def _apart(first: Box, second: Box) -> bool:
    return (
        first[2] + _GAP <= second[0]
        or second[2] + _GAP <= first[0]
        or first[3] + _GAP <= second[1]
        or second[3] + _GAP <= first[1]
    )
