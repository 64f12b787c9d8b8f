"""What ``director.py evaluate references`` asks: single scenes, plans, two things of one kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..miniature.backgrounds import SIZE
from ..miniature.captions import Style, write_caption
from ..miniature.oracle import Found, Reading
from ..miniature.references import draw_place
from ..miniature.vocabulary import PLACES
from ..miniature.world import Scene, Sprite, draw_cutout, sample_scene
from .frame_plans import named
from .layout_drawing import Boxed
from .oracle_score import alike, iou
from .reference_drawing import Asked

EVALUATION, VALIDATION = 73_000_007, 73_000_008  # first number of every seed here
_SINGLE, _PLANS, _PAIRS = range(3)
SCENES = 3  # of one plan
_LONGEST = 90
# Kind and colour are named, and nothing that the pictures are to tell.
_STYLE = Style(mark=0.0, no_colour=0.0, no_background=1.0, filler=0.0)
_IN_WORDS = replace(_STYLE, mark=1.0)


@dataclass(frozen=True)
class Case:
    """One picture to be drawn, and what it should show.

    in_words: a caption that names the marks; without any picture it asks for the same things.
    """

    asked: Asked
    scene: Scene
    in_words: str = ""

    def told_in_words(self) -> Case:
        """The same case, asked for by words alone."""
        return replace(self, asked=replace(self.asked, prompt=self.in_words))


def _thing(sprite: Sprite) -> Boxed:
    return Boxed(f"{sprite.colour} {sprite.kind}", sprite.box, draw_cutout(sprite, _LONGEST))


def _marked(rng: np.random.Generator, count: int) -> Scene:
    """A scene whose things all have a mark, and are of different looks."""
    while True:
        scene = sample_scene(rng, count=count)
        looks = {(sprite.kind, sprite.colour) for sprite in scene.sprites}
        if len(looks) == count and all(sprite.second_colour for sprite in scene.sprites):
            return scene


def single_cases(count: int, seed: int, stream: int) -> list[Case]:
    """One or two marked things, by turns; the caption leaves out marks and place."""
    cases = []
    for index in range(count):
        rng = np.random.default_rng([stream, seed, _SINGLE, index])
        scene = _marked(rng, 1 + index % 2)
        asked = Asked(
            write_caption(scene, rng, _STYLE).text,
            int(rng.integers(2**31)),
            [_thing(sprite) for sprite in scene.sprites],
            draw_place(scene, cut=True),
        )
        cases.append(Case(asked, scene, write_caption(scene, rng, _IN_WORDS).text))
    return cases


def plans(count: int, seed: int, stream: int) -> list[list[Case]]:
    """One marked thing through three scenes in different places; captions name the places."""
    every = []
    for index in range(count):
        rng = np.random.default_rng([stream, seed, _PLANS, index])
        thing = _marked(rng, 1).sprites[0]
        picture = _thing(thing).picture
        cases = []
        for place in rng.choice(list(PLACES), SCENES, replace=False):
            scene = sample_scene(rng, count=1)
            sprite = _moved(thing, rng)
            scene = replace(scene, sprites=(sprite,), background=str(place))
            prompt = f"{named(sprite.kind, sprite.colour)} {PLACES[str(place)][0]}"
            boxed = Boxed(f"{sprite.colour} {sprite.kind}", sprite.box, picture)
            behind = draw_place(replace(scene, sprites=()), cut=False)
            cases.append(Case(Asked(prompt, int(rng.integers(2**31)), [boxed], behind), scene))
        every.append(cases)
    return every


def _moved(sprite: Sprite, rng: np.random.Generator) -> Sprite:
    x = int(rng.integers(SIZE - sprite.width + 1))
    y = int(rng.integers(SIZE - sprite.height + 1))
    return replace(sprite, x=x, y=y)


def pair_cases(count: int, seed: int, stream: int) -> list[Case]:
    """Two things of one kind and colour, told apart by their marks alone."""
    cases = []
    for index in range(count):
        rng = np.random.default_rng([stream, seed, _PAIRS, index])
        while True:
            scene = sample_scene(rng, count=2)
            first, second = scene.sprites
            marks = {(one.mark, one.second_colour) for one in scene.sprites}
            alike = (first.kind, first.colour) == (second.kind, second.colour)
            if alike and len(marks) == 2 and first.second_colour and second.second_colour:
                break
        asked = Asked(
            write_caption(scene, rng, _STYLE).text,
            int(rng.integers(2**31)),
            [_thing(sprite) for sprite in scene.sprites],
            draw_place(replace(scene, sprites=()), cut=False),
        )
        cases.append(Case(asked, scene))
    return cases


def _look(one: Sprite | Found) -> tuple[str | None, ...]:
    return one.colour, one.mark, one.second_colour


def foreground_kept(case: Case, reading: Reading) -> float:
    """Share of the things that are there with mark and second colour of their picture."""
    kept = [
        any(_look(found) == _look(sprite) for found in alike(sprite, reading))
        for sprite in case.scene.sprites
    ]
    return sum(kept) / len(kept)


def background_kept(case: Case, reading: Reading) -> float:
    """Whether the place and its colours are those of the picture."""
    return float((reading.background, reading.tint) == (case.scene.background, case.scene.tint))


def same_in_all(cases: list[Case], readings: list[Reading]) -> float:
    """Whether the entity is there and reads the same in every scene of a plan."""
    looks = set()
    for case, reading in zip(cases, readings, strict=True):
        sprite = case.scene.sprites[0]
        found = alike(sprite, reading)
        looks.add(_look(found[0]) if found else None)
    return float(len(looks) == 1 and None not in looks)


def own_marks(case: Case, reading: Reading) -> float:
    """Whether each of two things of one kind has, in its own box, the mark of its own picture."""
    taken: list[Found] = []
    for sprite in case.scene.sprites:
        left = [found for found in alike(sprite, reading) if found not in taken]
        best = max(left, key=lambda one: iou(one.box, sprite.box), default=None)
        if best is None or _look(best) != _look(sprite) or iou(best.box, sprite.box) <= 0.1:
            return 0.0
        taken.append(best)
    return 1.0
