"""Names and prompts by their words: what a thing is called, and whether a text speaks of it."""

import re
from collections.abc import Collection

from ..offline.noun_forms import singular
from ..offline.nouns import CLASS_NAMES, KNOWN
from ..offline.words import ARTICLES

_LISTED = 3
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
# Ends the part of a name that says what it is: "a glass of wine", "Tom, an old fisherman".
_AFTER_HEAD = re.compile(
    r"[,;:()]|\b(?:of|with|in|on|at|by|from|for|who|that|which|wearing|holding|made)\b",
    re.IGNORECASE,
)


def words_of(text: str) -> list[str]:
    """Return the words of a text as they stand; "ice-cream" is one."""
    return _WORD.findall(text)


def plain_name(name: str) -> str:
    """Return a name without case, articles and plural: "The Red Balls" becomes "red ball"."""
    return " ".join(word for word in map(_plain, words_of(name)) if word not in ARTICLES)


def heads(name: str) -> frozenset[str]:
    """Return the last word of each part of a name: "a glass of red wine" gives glass and wine."""
    found: set[str] = set()
    for part in _AFTER_HEAD.split(name):
        if words := words_of(part):
            last = _plain(words[-1])
            found |= {last, last.rpartition("-")[2]}
    return frozenset(found)


def listed(ids: Collection[str]) -> str:
    """Write some ids as a message says them: 'a', 'b', 'c' and 2 more."""
    quoted = [repr(name) for name in list(ids)[:_LISTED]]
    if len(ids) > _LISTED:
        quoted.append(f"{len(ids) - _LISTED} more")
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


class Said:
    """What a prompt speaks of."""

    def __init__(self, text: str) -> None:
        self._low = text.casefold()
        words = [_plain(word) for word in words_of(text)]
        self._words = {*words, *(part for word in words for part in word.split("-"))}

    def speaks_of(self, things: frozenset[str]) -> bool:
        """Tell whether one of the words, as ``heads`` gives them, is there or a kind of it."""
        return any(
            self._words & {thing, *_kinds(thing)}
            # Not all scripts part words by spaces.
            or (not thing.isascii() and thing in self._low)
            for thing in things
        )


def _kinds(head: str) -> set[str]:
    """Other words for a thing: a corgi is a dog too, and a dog may be a corgi."""
    wider = {name for name, members in CLASS_NAMES.items() if head in members}
    return wider | CLASS_NAMES.get(head, frozenset())


def _plain(word: str) -> str:
    one = singular(_POSSESSIVE.sub("", word.casefold()))
    return one[:-1] if one.endswith("s") and one[:-1] in KNOWN else one  # "corgis", unlike "bus"
