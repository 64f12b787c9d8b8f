"""Does a noun phrase or a pronoun fit a thing that was spoken of before?"""

from .adjectives import COLOURS, MATERIALS, SCALES
from .items import NounPhrase
from .nouns import ANIMAL, CLASS_NAMES, FEMALE, MALE, PERSON
from .things import Thing

_SIZES = (frozenset("tiny small little mini".split()), frozenset("big large huge giant".split()))
_NEUTER = frozenset("baby child toddler robot alien monster ghost skeleton person android".split())
_CROWDS = frozenset("audience crowd couple family people".split())


def fits(thing: Thing, phrase: NounPhrase) -> bool:
    if thing.head != phrase.head:
        class_word = phrase.det in ("definite", "possessive") and not phrase.modifiers
        if not class_word or thing.head not in CLASS_NAMES.get(phrase.head, ()):
            return False
        if phrase.head == thing.head:
            return False
    elif not set(phrase.modifiers) <= set(thing.modifiers) | set(thing.adjectives):
        return False
    elif thing.modifiers and not phrase.modifiers and phrase.det not in ("definite", "possessive"):
        return False
    return not _conflict(thing.adjectives, phrase.adjectives) and _same_part(thing, phrase)


def _same_part(thing: Thing, phrase: NounPhrase) -> bool:
    return not phrase.of or not thing.of or phrase.of == thing.of


def same_name(thing: Thing, phrase: NounPhrase) -> bool:
    return (thing.head, thing.modifiers) == (
        phrase.head,
        phrase.modifiers,
    ) and thing.adjectives == phrase.adjectives


def _conflict(known: list[str], asked: list[str]) -> bool:
    for family in (COLOURS, MATERIALS):
        left, right = set(known) & family, set(asked) & family
        if right and not right <= left and (left or family is COLOURS):
            return True
    sizes = [
        next((i for i, family in enumerate(_SIZES) if set(w) & family), None)
        for w in (known, asked)
    ]
    if None not in sizes and sizes[0] != sizes[1]:
        return True
    plain = set(asked) - COLOURS - MATERIALS - set(SCALES)
    return bool(plain & {"new", "different", "second", "third"}) and not plain <= set(known)


def surely(word: str, thing: Thing) -> bool:
    if word in ("she", "her", "herself"):
        return thing.head in FEMALE
    if word in ("he", "him", "himself"):
        return thing.head in MALE
    return thing.head not in PERSON and not thing.alias


def agrees(word: str, thing: Thing) -> bool:
    male, female = thing.head in MALE, thing.head in FEMALE
    person = (thing.head in PERSON or bool(thing.alias)) and thing.head not in _CROWDS
    if word in ("he", "him", "himself"):
        return (person and not female) or (male and thing.head not in ANIMAL)
    if word in ("she", "her", "herself"):
        return (person and not male) or female
    return not person or thing.head in _NEUTER
