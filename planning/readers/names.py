"""Names of things as texts list them."""

import re

from .drafts import Thing

_NOTHING = {"", "none", "n/a", "na", "null", "nothing", "-", "–", "—", "empty", "no background"}
_LISTING = re.compile(r"[,、，;；]")
_LAST = re.compile(r"^(?:and|&)\s+", re.IGNORECASE)


def said(text: str) -> str | None:
    """Return a name without the punctuation around it; None for "none" and the like."""
    name = text.strip(" \t\n.。;；,，\"'“”‘’`[]*").strip()
    return None if name.lower() in _NOTHING else name


def split_names(text: str) -> list[str]:
    """Split a list of names at commas; [] for "none"."""
    parts = (_LAST.sub("", part.strip()) for part in _LISTING.split(text))
    return [name for part in parts if (name := said(part))]


def number_things(names: list[str]) -> list[Thing]:
    """Number things of the same name in the order they are listed."""
    counts: dict[tuple[str, int], int] = {}
    things = []
    for name in names:
        key = Thing(name).key()
        counts[key] = counts.get(key, 0) + 1
        things.append(Thing(name, counts[key]))
    return things
