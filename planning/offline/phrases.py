"""Set phrases about where, when and in what order, found before single words are looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .lexicon import is_noun, looks_plural, verb_form
from .phrase_patterns import PATTERNS, SPOT_GROUPS

Kind = Literal["spot", "relation", "when", "stage", "direction"]
Mode = Literal["at", "from", "to"]


@dataclass(frozen=True)
class Spot:
    """A place in the frame, 0..1 from the left and the top; None leaves that axis open."""

    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Phrase:
    """One set phrase of a text.

    kind spot: mode and spot; relation: mode and word, a ground follows (or is "its");
    when: word (during, until, from, at) and span; stage: word (first, next, last);
    direction: word (up, down, away, enter, circle, …).
    """

    kind: Kind
    start: int
    end: int
    word: str = ""
    mode: Mode = "at"
    spot: Spot | None = None
    span: tuple[float, float] = (0.0, 1.0)
    only: bool = False
    own: bool = False


_X = {"left": 0.22, "right": 0.78, "center": 0.5, "centre": 0.5, "middle": 0.5}
_Y = {"upper": 0.22, "top": 0.22, "lower": 0.78, "bottom": 0.78}
_OF = {"left": "left_of", "right": "right_of", "upper": "above", "top": "above"} | {
    "lower": "below",
    "bottom": "below",
    "front": "in_front",
    "back": "behind",
}
_FROM_WORDS = ("from", "starting", "starts", "beginning", "begins", "start", "begin", "leaving")
_TO_WORDS = ("to", "toward", "into", "onto", "ending", "ends", "reaching", "reaches", "end")


def find_phrases(text: str) -> list[Phrase]:
    """Return the set phrases of a text in order; none overlaps another."""
    taken = [False] * (len(text) + 1)
    found: list[Phrase] = []
    for name, pattern in PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            start += len(match.group()) - len(match.group().lstrip())
            if start >= end or any(taken[start:end]):
                continue
            if name == "spot" and _names_noun(match.group(), text[end:]):
                continue
            built = list(_build(name, match, start))
            if built:
                taken[start:end] = [True] * (end - start)
                found += built
    return sorted(found, key=lambda phrase: (phrase.start, phrase.mode != "from"))


def _names_noun(said: str, after: str) -> bool:
    """ "in top hats", "on the left bank": the word of place belongs to a noun."""
    follower = re.match(r"\s+([a-z]+)", after, re.IGNORECASE)
    if follower is None:
        return False
    word = follower.group(1).lower()
    if is_noun(word) and verb_form(word) is None:
        return True
    article = re.search(r"\b(?:the|its|his|her|their|a)\b", said, re.IGNORECASE)
    return article is None and looks_plural(word) and verb_form(word) is None


def _build(name: str, match: re.Match[str], start: int) -> Iterator[Phrase]:
    kind, _, word = name.partition(":")
    if kind == "path":
        half = start + (match.end() - start) // 2
        yield Phrase("spot", start, half, mode="from", spot=_spot(match, "0"))
        yield Phrase("spot", half, match.end(), mode="to", spot=_spot(match, "1"))
    elif kind == "across":
        half = start + (match.end() - start) // 2
        yield Phrase("spot", start, half, mode="from", spot=Spot(x=0.22))
        yield Phrase("spot", half, match.end(), mode="to", spot=Spot(x=0.78))
    elif kind == "spot":
        yield Phrase("spot", start, match.end(), mode=_mode(match), spot=_spot(match, "0"))
    elif kind == "sideof":
        yield from _side_of(match, start)
    elif kind == "its":
        word = _OF.get(match.group("its").lower(), "right_of")
        yield Phrase("relation", start, match.end(), word, mode=_mode(match), own=True)
    elif kind == "fixed":
        yield Phrase("spot", start, match.end(), word, mode=_mode(match), spot=_FIXED[word])
    elif kind == "when":
        yield _when(word, match, start)
    elif kind == "relation":
        yield Phrase("relation", start, match.end(), word, mode=_mode(match))
    else:
        yield Phrase("stage" if kind == "stage" else "direction", start, match.end(), word)


_FIXED = {
    "background": Spot(y=0.36),
    "foreground": Spot(y=0.72),
    "air": Spot(y=0.26),
    "ground": Spot(y=0.76),
    "sides": Spot(),
}


def _mode(match: re.Match[str]) -> Mode:
    words = re.findall(r"[a-z]+", (match.groupdict().get("prep") or "").lower())
    if any(word in _FROM_WORDS for word in words):
        return "from"
    return "to" if any(word.removesuffix("s") in _TO_WORDS for word in words) else "at"


def _spot(match: re.Match[str], at: str) -> Spot:
    x: float | None = None
    y: float | None = None
    for group in SPOT_GROUPS:
        word = (match.group(f"{group}{at}") or "").lower()
        x = _X.get(word, x) if group[0] == "h" or word in ("left", "right") else x
        y = _Y.get(word, y)
    words = [match.group(f"{group}{at}") for group in SPOT_GROUPS]
    if x is None and y is None or (x == 0.5 and y is None and sum(map(bool, words)) == 1):
        return Spot(0.5, 0.5)
    if any((w or "").lower() in ("middle", "center", "centre") for w in words):
        return Spot(0.5 if x is None else x, 0.5 if y is None else y)
    return Spot(x, y)


def _side_of(match: re.Match[str], start: int) -> Iterator[Phrase]:
    words = [(match.group(f"{group}0") or "").lower() for group in SPOT_GROUPS]
    for word in words:
        if word in _OF:
            yield Phrase("relation", start, match.end(), _OF[word], mode=_mode(match))
            return
    yield Phrase("relation", start, match.end(), "in", mode=_mode(match))


_EARLY = frozenset("first initial opening early earlier beginning starting".split())


def _when(word: str, match: re.Match[str], start: int) -> Phrase:
    groups = match.groupdict()
    only = "only" in match.group().lower() or "solely" in match.group().lower()
    span = (0.5, 0.5)
    if word == "during":
        share = {"third": 1 / 3, "quarter": 0.25}.get((groups.get("part") or "").lower(), 0.5)
        early = (groups.get("which") or "").lower() in _EARLY
        span = (0.0, share) if early else (1 - share, 1.0)
    elif word == "end":
        word, span = "at", (0.75, 0.75)
    elif word == "always":
        word, span = "during", (0.0, 1.0)
    return Phrase("when", start, match.end(), word, span=span, only=only)
