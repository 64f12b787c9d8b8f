"""The words and colours of the miniature's world, in one place.

Colours of sprites are saturated, colours of backgrounds are not, so that a picture can be read back
without learning anything (see ``oracle``).
"""

from __future__ import annotations

import re

Rgb = tuple[int, int, int]

KINDS = ("ball", "box", "star", "heart", "moon", "fish", "tree", "car")
PLURALS = {
    "ball": "balls",
    "box": "boxes",
    "star": "stars",
    "heart": "hearts",
    "moon": "moons",
    "fish": "fish",
    "tree": "trees",
    "car": "cars",
}

COLOURS: dict[str, Rgb] = {
    "red": (214, 32, 38),
    "orange": (246, 136, 22),
    "yellow": (248, 222, 36),
    "green": (36, 164, 58),
    "blue": (34, 84, 222),
    "purple": (128, 36, 170),
    "pink": (250, 112, 184),
}

MARKS = ("plain", "band", "dot", "half")

# Phrases a caption may use for each background; the first is the name's own.
PLACES: dict[str, tuple[str, ...]] = {
    "meadow": ("in a meadow", "in the meadow", "on the grass"),
    "sea": ("by the sea", "at the sea", "on the beach"),
    "night": ("at night", "under the night sky", "in the night"),
    "desert": ("in the desert", "in a desert", "on the sand"),
    "snow": ("in the snow", "on the snow", "on a snowy field"),
    "city": ("in the city", "in a city", "on the street"),
}
BACKGROUNDS = tuple(PLACES)
# The sky of a background comes in one of these tints, which captions never name: together with
# the horizon it is what makes one meadow this meadow and not another.
TINTS = ("clear", "rosy", "golden")

# Kind and colour pairs that no training picture shows.
HELD_OUT = frozenset(
    {("star", "purple"), ("fish", "orange"), ("car", "pink"), ("heart", "green"), ("tree", "red")}
)

COUNT_WORDS = {2: "two", 3: "three", 4: "four"}
SIZE_WORDS = {"small": ("small", "tiny", "little"), "large": ("large", "big", "huge")}

# Names of the nine cells of the picture, by (row, column).
CELLS: dict[tuple[int, int], tuple[str, ...]] = {
    (0, 0): ("at the top left", "in the top left corner"),
    (0, 1): ("at the top", "at the top in the middle"),
    (0, 2): ("at the top right", "in the top right corner"),
    (1, 0): ("on the left", "on the left side", "at the left"),
    (1, 1): ("in the middle", "in the center"),
    (1, 2): ("on the right", "on the right side", "at the right"),
    (2, 0): ("at the bottom left", "in the bottom left corner"),
    (2, 1): ("at the bottom", "at the bottom in the middle"),
    (2, 2): ("at the bottom right", "in the bottom right corner"),
}

RELATIONS: dict[str, tuple[str, ...]] = {
    "left": ("to the left of", "left of"),
    "right": ("to the right of", "right of"),
    "above": ("above",),
    "below": ("below", "under"),
}

# Verbs tell of motion, which one picture cannot show; captions scatter them so that a prompt that
# has them reads like one that has not.
VERBS = (
    "rolls moves meets sits stands rises falls goes waits drives floats flies comes stays jumps "
    "swims appears leaves joins passes turns walks runs rests"
).split()

_GLUE = (
    "a an the and with of in on at to by is are has it one next there picture drawing scene "
    "half band dot stripe spot across along near over"
).split()


def _words() -> frozenset[str]:
    words = {*KINDS, *PLURALS.values(), *COLOURS, *COUNT_WORDS.values(), *VERBS, *_GLUE}
    for table in (PLACES, SIZE_WORDS, CELLS, RELATIONS):
        for phrases in table.values():
            words.update(word for phrase in phrases for word in phrase.split())
    return frozenset(words)


WORDS = _words()


def unknown_words(text: str) -> list[str]:
    """List the words of a prompt that the miniature was never shown, in order, each once."""
    found = re.findall(r"[^\W\d_]+", text.lower())
    return [word for word in dict.fromkeys(found) if word not in WORDS]


def known_words() -> dict[str, list[str]]:
    """The words of WORDS for people to choose from: what matters most first."""
    groups = {
        "things": list(KINDS),
        "colours": list(COLOURS),
        "places": [phrases[0] for phrases in PLACES.values()],
        "sizes": sorted({word for words in SIZE_WORDS.values() for word in words}),
    }
    named = {word for phrases in groups.values() for phrase in phrases for word in phrase.split()}
    return {**groups, "other words": sorted(WORDS - named)}
