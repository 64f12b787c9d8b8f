"""Prompts of the five skills of LVD's layout benchmark (arXiv:2309.17444), with their checks.

The first template of each skill is worded as in the benchmark (released code of LLM-grounded video
diffusion, prompt sets v1.1); the others say the same as people say it.
"""

import random

from .planner_checks import Case, attributed, counted, moves, moves_around, seen_only, visits
from .planner_vocabulary import (
    COLOURS,
    COMMON,
    HELD_OUT,
    LOOKS,
    NUMBERS,
    PLACES,
    WAYS,
    Noun,
    pronoun,
    with_article,
)

SKILLS = ("numeracy", "attribution", "visibility", "dynamic_spatial", "sequential")
_OPENERS = (
    "A realistic lively video of a scene {rest}",
    "A video of a scene {rest}",
    "Generate a realistic video of a scene {rest}.",
    "A scene {rest}",
)


def cases(skill: str, number: int, rng: random.Random) -> list[Case]:
    """Return that many cases of a skill; every second one is about a held-out noun."""
    make = {
        "numeracy": _numeracy,
        "attribution": _attribution,
        "visibility": _visibility,
        "dynamic_spatial": _dynamic_spatial,
        "sequential": _sequential,
    }[skill]
    return [make(rng, _picker(rng, at % 2 == 1), at % 2 == 1) for at in range(number)]


class _picker:
    """Draws different nouns, from the held-out ones where asked."""

    def __init__(self, rng: random.Random, unseen: bool) -> None:
        self.left = list(HELD_OUT if unseen else COMMON)
        rng.shuffle(self.left)

    def one(self) -> Noun:
        """Return a noun that was not drawn before and shares no word with one that was."""
        drawn = self.left.pop()
        words = set(drawn.one.split())
        self.left = [noun for noun in self.left if not words & set(noun.one.split())]
        return drawn


def _frames(rng: random.Random) -> int:
    return rng.choice((8, 8, 8, 12, 16))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _numeracy(rng: random.Random, nouns: _picker, unseen: bool) -> Case:
    noun, number = nouns.one(), rng.choice((1, 2, 3, 4, 5, 6))
    words = rng.choice((NUMBERS[number], NUMBERS[number], str(number)))
    things = f"{words} {noun.one if number == 1 else noun.many}"
    place, colour = rng.choice(PLACES), rng.choice(COLOURS)
    coloured = f"{words} {colour} {noun.one if number == 1 else noun.many}"
    verb = "is" if number == 1 else "are"
    prompt = rng.choice(
        (
            rng.choice(_OPENERS).format(rest=f"with {things}"),
            rng.choice(_OPENERS).format(rest=f"with {coloured}"),
            f"There {verb} {things} {place}.",
            f"{_capital(things)} {place}",
            f"I want to see {coloured} {place}, please.",
            f"{_capital(coloured)} moving slowly {place}.",
            f"Exactly {things} {place} at sunset.",
        )
    )
    return Case("numeracy", prompt, counted(noun.one, number), _frames(rng), unseen)


def _attribution(rng: random.Random, nouns: _picker, unseen: bool) -> Case:
    count = rng.choice((2, 2, 3))
    looks = rng.sample(COLOURS, count - 1) + [rng.choice(COLOURS + LOOKS)]
    while len(set(looks)) < count:
        looks[-1] = rng.choice(COLOURS + LOOKS)
    rng.shuffle(looks)
    pairs = [(look, nouns.one().one) for look in looks]
    said = [with_article(f"{look} {noun}") for look, noun in pairs]
    listed = " and ".join(said) if count == 2 else f"{', '.join(said[:-1])} and {said[-1]}"
    place = rng.choice(PLACES)
    prompt = rng.choice(
        (
            rng.choice(_OPENERS).format(rest=f"with {listed}"),
            _capital(f"{listed} {place}."),
            f"There are {listed} {place}.",
            _capital(f"{said[0]} next to {' and '.join(said[1:])}"),
            f"Show me {listed}.",
            _capital(
                f"{said[0]} beside {said[1]}" + (f", and {said[2]}" if count == 3 else "") + "."
            ),
        )
    )
    return Case("attribution", prompt, attributed(pairs), _frames(rng), unseen)


def _visibility(rng: random.Random, nouns: _picker, unseen: bool) -> Case:
    noun, other, first = nouns.one().one, nouns.one().one, rng.random() < 0.5
    thing, stays = with_article(noun), with_article(other)
    half = "first" if first else "second"
    word = rng.choice(("video", "clip", "video", "scene"))
    place = rng.choice(PLACES)
    early = (
        f"{thing} that vanishes halfway through the {word}",
        f"{thing} is visible until halfway through the {word}, then it is gone",
        f"{thing} {place} disappears in the second half of the {word}",
        f"{thing} {place} that is no longer visible in the second half of the {word}",
    )
    late = (
        f"{thing} that does not appear until the second half of the {word}",
        f"{thing} appears halfway through the {word}",
        f"{thing} {place} is absent in the first half of the {word}",
        f"{thing} shows up only after the first half of the {word}",
    )
    both = (
        rng.choice(_OPENERS).format(
            rest=f"in which {thing} appears only in the {half} half of the {word}"
        ),
        f"{thing} is only visible in the {half} half of the {word}.",
        f"In the {half} half of the {word} only, {thing} can be seen {place}.",
        f"{thing} {place}, seen only during the {half} half of the {word}.",
    )
    if rng.random() < 0.3:
        said = _with_other(rng, thing, stays, half, word, place)
        return Case("visibility", said, seen_only(noun, first, other), _frames(rng), unseen)
    prompt = _capital(rng.choice((*both, *(early if first else late))))
    return Case("visibility", prompt, seen_only(noun, first), _frames(rng), unseen)


def _with_other(
    rng: random.Random, thing: str, stays: str, half: str, word: str, place: str
) -> str:
    return _capital(
        rng.choice(
            (
                f"{stays} {place} all the time, and {thing} that appears only in the {half} half of"
                f" the {word}",
                f"{stays} stays {place}. {_capital(thing)} is visible only in the {half} half of"
                f" the {word}.",
                f"a scene with {stays} {place} in which {thing} is seen in the {half} half of the"
                f" {word} only",
            )
        )
    )


_OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def _dynamic_spatial(rng: random.Random, nouns: _picker, unseen: bool) -> Case:
    noun, other = nouns.one().one, nouns.one().one
    thing, ground, way = with_article(noun), with_article(other), rng.choice(WAYS)
    place = rng.choice(PLACES)
    if rng.random() < 0.5:
        start = rng.choice(("left", "right", "left", "right", "top", "bottom"))
        end = _OPPOSITE[start]
        prompt = rng.choice(
            (
                rng.choice(_OPENERS).format(
                    rest=f"with {thing} {way} from the {start} to the {end}"
                ),
                f"{thing} {way} from {start} to {end} {place}",
                f"{thing} comes from the {start} side and moves to the {end} side.",
                f"{place}, {thing} goes from the {start} of the frame to the {end} of the frame.",
                f"{thing} starts on the {start} and ends up on the {end}.",
                f"{thing} {way} {place} from the {start} side of the screen to the {end} side",
                f"{thing} enters at the {start} edge and crosses to the {end} edge",
            )
        )
        return Case(
            "dynamic_spatial", _capital(prompt), moves(noun, start, end), _frames(rng), unseen
        )
    start = rng.choice(("left", "right"))
    end = _OPPOSITE[start]
    prompt = rng.choice(
        (
            rng.choice(_OPENERS).format(
                rest=f"with {thing} {way} from the {start} of {ground} to its {end}"
            ),
            f"{thing} {way} from the {start} side of {ground} to the {end} side of it",
            f"{thing} is to the {start} of {ground} and then moves to the {end} of the {other}.",
            f"{thing} goes from {start} of {ground} to {end} of it {place}",
            f"first {thing} is on the {start} of {ground}, then {pronoun(noun)} is on the {end} of"
            f" the {other}",
            f"first {thing} is on the {start} of {ground}, then on the {end} of the {other}",
        )
    )
    check = moves_around(noun, other, start, end)
    return Case("dynamic_spatial", _capital(prompt), check, _frames(rng), unseen)


_CORNERS = ("lower left", "lower right", "upper right", "upper left")


def _sequential(rng: random.Random, nouns: _picker, unseen: bool) -> Case:
    noun = nouns.one().one
    thing = with_article(noun)
    at, turn = rng.randrange(4), rng.choice((1, 3))
    spots = [_CORNERS[(at + turn * step) % 4] for step in range(3)]
    a, b, c = spots
    if rng.random() < 0.3:
        spots = rng.choice((["left", "center", "right"], ["right", "center", "left"]))
        a, b, c = spots
    top_down = rng.choice(("top-down viewed scene", "scene"))
    prompt = rng.choice(
        (
            f"A realistic lively video of a {top_down} in which {thing} initially on the {a} of"
            f" the scene. It first moves to the {b} of the scene and then moves to the {c} of the"
            f" scene.",
            f"A realistic video of a scene in which {thing} is initially at the {a}. It moves to"
            f" the {b}. Then it moves to the {c}.",
            f"{thing} starts at the {a}, moves to the {b} and ends at the {c}.",
            f"{thing} is first on the {a}, then on the {b}, and finally on the {c}.",
            f"At first {thing} is in the {a} of the frame. Then it goes to the {b}, and finally to"
            f" the {c}.",
            f"A scene with {thing} that moves from the {a} to the {b} and then to the {c}.",
            f"{thing} travels from the {a} to the {b}, after that to the {c}",
            f"In the beginning {thing} is at the {a}. The {noun} then moves to the {b} and later to"
            f" the {c}.",
        )
    )
    return Case("sequential", _capital(prompt), visits(noun, spots), _frames(rng), unseen)
