"""What a word may be: the questions that the chunker asks about single words."""

from . import words
from .adjectives import ADJECTIVES
from .noun_forms import is_known_noun, is_plural, singular
from .place_words import ENTERABLE, PLACES, TIMES, WEATHER_SUBJECTS
from .tokens import Token
from .verbs import VerbForm, verb_forms

_ADJECTIVE_ENDINGS = ("ful", "ous", "less", "ish", "able", "ible", "ular", "esque", "like", "some")
_CLOSED = (
    words.DETERMINERS
    | words.PRONOUNS
    | words.PREPOSITIONS
    | words.CONJUNCTIONS
    | words.AUXILIARIES
    | words.QUESTION_WORDS
    | words.RELATIVES
)


def is_closed(word: str) -> bool:
    """Tell whether the word can neither describe nor name a thing."""
    return word in _CLOSED and word not in ("like", "single", "double", "will", "can", "past")


def is_noun(word: str) -> bool:
    """Tell whether the word is known to name a thing, a place or a time."""
    if is_known_noun(word) or word in PLACES | TIMES | ENTERABLE | WEATHER_SUBJECTS:
        return True
    return word in words.GROUP_COUNTS or word in words.FRAME_NOUNS or singular(word) in PLACES


def is_adjective(word: str) -> bool:
    """Tell whether the word describes: by the list, or by its ending."""
    if word in ADJECTIVES or word in words.LY_ADJECTIVES:
        return True
    if is_noun(word) or is_closed(word):
        return False
    for ending in ("er", "est"):
        stem = word.removesuffix(ending)
        if stem != word and (stem in ADJECTIVES or stem + "e" in ADJECTIVES):
            return True
    if "-" in word:
        last = word.rsplit("-", 1)[1]
        return last in ADJECTIVES or last.endswith(("ed", "ing")) or last in ("size", "style")
    return len(word) > 5 and word.endswith(_ADJECTIVE_ENDINGS)


def is_adverb(word: str) -> bool:
    """Tell whether the word says how, when or how much."""
    if word in words.ADVERBS:
        return True
    known = word in words.LY_ADJECTIVES or word in words.LY_NOUNS or is_noun(word)
    return word.endswith("ly") and len(word) > 4 and not known


def verb_form(word: str) -> VerbForm | None:
    """Return the word's reading as a verb, or None."""
    return verb_forms().get(word)


def number_of(token: Token) -> int | None:
    """Return the whole number a token writes, in digits or as a word."""
    if token.kind == "number":
        digits = token.low.replace(",", "")
        return int(digits) if digits.isdigit() and len(digits) < 7 else None
    if token.low in words.NUMBERS and token.low != "both":
        return words.NUMBERS[token.low]
    if "-" in token.low:
        tens, _, ones = token.low.partition("-")
        if tens in words.NUMBERS and ones in words.NUMBERS:
            return words.NUMBERS[tens] + words.NUMBERS[ones]
    return None


def looks_plural(word: str) -> bool:
    """Tell whether a noun is or may be a plural (sheep may)."""
    return is_plural(word) or word in ("people", "police", "cattle", "sheep", "fish", "deer")
