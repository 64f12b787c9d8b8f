"""What a prompt asks for, read from its words: the oracle's counterpart for text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .vocabulary import COLOURS, COUNT_WORDS, KINDS, MARKS, PLACES, PLURALS

_KIND_OF = {word: kind for kind in KINDS for word in (kind, PLURALS[kind])}
_COUNTS = {word: count for count, word in COUNT_WORDS.items()} | {"both": 2}
_COUNTS |= {str(count): count for count in COUNT_WORDS} | {"several": 3, "some": 2}
_KNOWN_ALREADY = {"the", "this", "that", "these", "those", "its", "their", "same"}
_NEW = {"a", "an", "another", "one", "1"}
_MARK_WORDS = {*MARKS[1:], "stripe", "spot"}
# Words that end a noun phrase: what stood before them tells nothing of the next noun.
_BREAKS = {"with", "of", "to", "by", "in", "on", "at", "near", "above", "below", "under", "is"}
_PLACE_WORDS = {
    phrase.split()[-1]: name
    for name, phrases in PLACES.items()
    for phrase in phrases
    if phrase.split()[-1] not in ("field", "sky")
} | {"snowy": "snow", "night": "night", "ocean": "sea", "midnight": "night"}


@dataclass(frozen=True)
class Asked:
    """``objects`` has a (kind, colour or None) for each object; ``background`` may be None."""

    objects: list[tuple[str, str | None]]
    background: str | None


@dataclass
class _Phrase:
    """The words since the last noun or break that tell of the next noun."""

    colours: list[str]
    count: int | None = None
    known: bool = False
    new: bool = False


def _remember(objects: list[tuple[str, str | None]], phrase: _Phrase, noun: str, kind: str) -> None:
    """Add what a noun phrase asks for, unless it speaks of something asked for already."""
    plural = noun != kind or (phrase.count or 1) > 1
    colours: list[str | None] = list(phrase.colours) or [None]
    count = phrase.count or (2 if plural else 1)
    if len(colours) > 1 and not plural:
        colours = colours[:1]  # "a red and blue ball" is one ball of two colours
    if len(colours) == 1:
        colours *= count
    alike = [asked for asked in objects if asked[0] == kind and colours[0] in (None, asked[1])]
    if alike and not phrase.new and (phrase.known or not (plural or phrase.colours)):
        return
    objects += [(kind, colour) for colour in colours]


def asked_objects(text: str) -> Asked:
    """Read which objects and which background a prompt asks for.

    Counts multiply ("two red stars"); "the red ball" after "a red ball" is the same ball; a colour
    before a mark ("with a blue dot") is no object's. Words outside the vocabulary are skipped.

    Args:
        text: the prompt of one scene.
    """
    objects: list[tuple[str, str | None]] = []
    background = None
    phrase = _Phrase([])
    for word in re.findall(r"[a-z]+|\d+|[,.;:!?]", text.lower()):
        if word in COLOURS:
            phrase.colours.append(word)
        elif word in _KIND_OF:
            _remember(objects, phrase, word, _KIND_OF[word])
            phrase = _Phrase([])
        elif word in _MARK_WORDS or word in _BREAKS or not word.isalnum():
            phrase = _Phrase([])
        elif word in _COUNTS:
            phrase.count = _COUNTS[word]
        elif word in _KNOWN_ALREADY or word in _NEW:
            phrase = _Phrase([], known=word in _KNOWN_ALREADY, new=word in _NEW)
        if word in _PLACE_WORDS and background is None:
            background = _PLACE_WORDS[word]
            phrase = _Phrase([])
    return Asked(objects, background)
