"""Captions of drawings in varied words, each remembering which words tell of which sprite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .vocabulary import CELLS, COUNT_WORDS, PLACES, PLURALS, RELATIONS, SIZE_WORDS, VERBS
from .world import LARGE_FROM, SMALL_BELOW, Scene, Sprite

# Words outside the vocabulary, so that the text encoder learns to read past what it doesn't know.
FILLERS = (
    "slowly quickly lovely old shiny happily together gently bright beautiful very quiet fast "
    "young then while again sunny round wooden suddenly finally nice through towards across"
).split()
_OFF_CENTRE = 0.14  # a cell's name is used only for centres clearly inside it


@dataclass(frozen=True)
class Style:
    """How often a caption does what, 0–1."""

    place: float = 0.35
    relation: float = 0.45
    size: float = 0.5
    mark: float = 0.5
    no_colour: float = 0.06
    no_background: float = 0.07
    verb: float = 0.3
    filler: float = 0.15


PLAIN = Style(no_colour=0, no_background=0, filler=0)


@dataclass
class Caption:
    """A caption as words; ``mentions`` names the words that tell of each group of sprites, and
    ``place_words`` those that tell of the place."""

    words: list[str] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    background: bool = False
    place_words: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.words).replace(" ,", ",").replace(" .", ".")


@dataclass
class Mention:
    """A noun phrase: its sprites and the indices of its words in the caption, with those of the
    mark among them."""

    sprites: tuple[int, ...]
    noun: int
    words: list[int]
    says: dict[str, str]
    mark_words: list[int] = field(default_factory=list)


def cell_of(sprite: Sprite) -> tuple[int, int] | None:
    """Row and column of the third of the picture a sprite stands in, None near a border of it."""
    index = []
    for value in sprite.centre[::-1]:
        third = min(2, int(value * 3))
        if abs(value - (third + 0.5) / 3) > _OFF_CENTRE and 0.2 < value < 0.8:
            return None
        index.append(third)
    return index[0], index[1]


def relation_of(first: Sprite, second: Sprite) -> str | None:
    """The one direction in which ``first`` clearly lies from ``second``, if there is one."""
    dx = first.centre[0] - second.centre[0]
    dy = first.centre[1] - second.centre[1]
    if abs(dx) > 0.2 and abs(dx) > 1.6 * abs(dy):
        return "left" if dx < 0 else "right"
    if abs(dy) > 0.2 and abs(dy) > 1.6 * abs(dx):
        return "above" if dy < 0 else "below"
    return None


class _Writer:
    def __init__(self, scene: Scene, rng: np.random.Generator, style: Style) -> None:
        self.scene, self.rng, self.style = scene, rng, style
        self.caption = Caption()

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def choose(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def say(self, phrase: str) -> list[int]:
        words = phrase.split()
        start = len(self.caption.words)
        self.caption.words += words
        return list(range(start, start + len(words)))

    def mention(self, group: tuple[int, ...], *, place: bool) -> Mention:
        """Write one noun phrase: count or article, size, colour, noun, mark, place."""
        sprites = [self.scene.sprites[index] for index in group]
        first = sprites[0]
        says = {"kind": first.kind}
        cell = cell_of(first) if place and len(group) == 1 else None
        words: list[int] = []
        mark_words: list[int] = []
        in_front = cell is not None and self.chance(0.15)
        if cell is not None and in_front:
            words += self.say(self.choose(CELLS[cell]))
        words += self.say(COUNT_WORDS[len(group)] if len(group) > 1 else self._article())
        size = _size_of(sprites)
        if size and self.chance(self.style.size):
            words += self.say(self.choose(SIZE_WORDS[size]))
            says["size"] = size
        if self.chance(self.style.filler / 2):
            self.say(self.choose(FILLERS))
        if not self.chance(self.style.no_colour):
            words += self.say(first.colour)
            says["colour"] = first.colour
        noun = self.say(first.kind if len(group) == 1 else PLURALS[first.kind])
        words += noun
        if len(group) == 1 and first.second_colour and self.chance(self.style.mark):
            mark_words = self.say(said_mark(first))
            words += mark_words
            says |= {"mark": first.mark, "second": first.second_colour}
        if cell is not None:
            says["cell"] = str(cell[0] * 3 + cell[1])
            if not in_front:
                words += self.say(self.choose(CELLS[cell]))
        made = Mention(group, noun[0], words, says, mark_words)
        self.caption.mentions.append(made)
        return made

    def _article(self) -> str:
        return "the" if self.chance(0.25) else "a"

    def verb(self) -> None:
        if self.chance(self.style.verb):
            self.say(self.choose(VERBS))
            if self.chance(self.style.filler):
                self.say(self.choose(FILLERS))

    def background(self) -> None:
        self.caption.place_words += self.say(self.choose(PLACES[self.scene.background]))
        self.caption.background = True

    def body(self) -> None:
        groups = _groups(self.scene)
        place = self.chance(self.style.place)
        order = [groups[int(index)] for index in self.rng.permutation(len(groups))]
        for position, group in enumerate(order):
            if position and position == len(order) - 1:
                self._join_last(order, place)
                return
            if position:
                self.say(",")
            # A list of things reads worse when each has a verb: only the first may.
            self.mention(group, place=place and self.chance(0.8))
            if position == 0 and not (len(order) == 2 and place):
                self.verb()

    def _join_last(self, order: list[tuple[int, ...]], place: bool) -> None:
        """Join the last phrase to the one before: by a relation where there is one, or "and"."""
        before, last = order[-2], order[-1]
        relation = None
        if len(before) == len(last) == 1 and not place:
            relation = relation_of(self.scene.sprites[before[0]], self.scene.sprites[last[0]])
        if relation and self.chance(self.style.relation):
            joint = self.say(self.choose(RELATIONS[relation]))
            made = self.mention(last, place=False)
            made.says["relation"] = relation
            made.words += joint
            return
        self.say(self.choose(("and", "and", "and", "next to")) if len(order) == 2 else "and")
        self.mention(last, place=place and self.chance(0.8))


def _size_of(sprites: list[Sprite]) -> str | None:
    if all(sprite.longest < SMALL_BELOW for sprite in sprites):
        return "small"
    if all(sprite.longest >= LARGE_FROM for sprite in sprites):
        return "large"
    return None


def _groups(scene: Scene) -> list[tuple[int, ...]]:
    """Indices of the sprites, those of one kind and colour together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, sprite in enumerate(scene.sprites):
        groups.setdefault((sprite.kind, sprite.colour), []).append(index)
    return [tuple(group) for group in groups.values()]


def write_caption(scene: Scene, rng: np.random.Generator, style: Style | None = None) -> Caption:
    """Describe a drawing; every sprite is mentioned, in a random order and manner.

    Args:
        scene: what the drawing shows.
        rng: the only source of chance.
        style: how often what is said; training's own habits by default.
    """
    writer = _Writer(scene, rng, style or Style())
    with_background = not writer.chance(writer.style.no_background)
    background_first = with_background and writer.chance(0.22)
    if background_first:
        writer.background()
        if writer.chance(0.5):
            writer.caption.place_words += writer.say(",")
    elif writer.chance(0.12):
        writer.say(writer.choose(("a picture of", "there is", "a drawing of", "a scene with")))
    writer.body()
    if with_background and not background_first:
        writer.background()
    if writer.chance(0.3):
        writer.say(".")
    writer.caption.words = with_articles(writer.caption.words)
    return writer.caption


def said_mark(sprite: Sprite) -> str:
    """The mark of a sprite that has one: "with a blue dot"."""
    return f"with a {sprite.second_colour} {sprite.mark}"


def with_articles(words: list[str]) -> list[str]:
    """The same words with "an" for "a" where it stands before a vowel."""
    followers = [*words[1:], ""]
    return [
        "an" if word == "a" and follower[:1] in tuple("aeiou") else word
        for word, follower in zip(words, followers, strict=True)
    ]


def without_looks(
    caption: Caption, rng: np.random.Generator, *, marks: float, place: float
) -> Caption:
    """The same caption with less of what a picture can show; its words only.

    Args:
        caption: as ``write_caption`` wrote it.
        rng: the only source of chance.
        marks: share of the marks that are left out.
        place: share of the places that are.
    """
    silent = [mention.mark_words for mention in caption.mentions if rng.random() < marks]
    silent += [caption.place_words] if rng.random() < place else []
    left_out = {index for words in silent for index in words}
    return Caption([word for index, word in enumerate(caption.words) if index not in left_out])


def swap_colours(scene: Scene) -> Scene | None:
    """Give the first two sprites of different colours each other's: the hard negative.

    Returns:
        None where the drawing has no two sprites of different kind and colour.
    """
    sprites = list(scene.sprites)
    for i, first in enumerate(sprites):
        for j, second in enumerate(sprites[i + 1 :], i + 1):
            if first.kind != second.kind and first.colour != second.colour:
                # Sprites that share kind and colour with either would make both captions true.
                sprites[i] = replace(first, colour=second.colour)
                sprites[j] = replace(second, colour=first.colour)
                return replace(scene, sprites=tuple(sprites))
    return None
