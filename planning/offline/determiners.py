"""What comes before the nouns of a noun phrase: articles, numbers, quantities, "another"."""

from . import words
from .items import NounPhrase
from .lexicon import looks_plural, number_of
from .tokens import Token

_INDEFINITE = frozenset(
    "a an some any several many few various numerous each every multiple".split()
)


class DeterminerReader:
    """Reads determiners into a phrase; stops are token indices no phrase may cross.

    joined says that the phrase is the second of two ("a cat and a dog …"), so that a plain verb
    form may follow a singular.
    """

    def __init__(self, tokens: list[Token], stops: set[int]) -> None:
        self.tokens = tokens
        self.stops = stops
        self.begin = 0
        self.joined = False

    def _low(self, index: int) -> str:
        if index >= len(self.tokens) or (index in self.stops and index != self.begin):
            return ""
        return self.tokens[index].low

    def _next(self, index: int) -> Token:
        return self.tokens[min(index + 1, len(self.tokens) - 1)]

    def _determiners(self, index: int, phrase: NounPhrase) -> int:
        while word := self._low(index):
            number = number_of(self.tokens[index])
            if number is not None:
                if phrase.exact and number < 100:
                    break
                phrase.count = max(phrase.count, 1) * number if phrase.exact else number
                phrase.exact = True
                phrase.plural = phrase.count != 1
                phrase.det = "indefinite" if phrase.det == "none" else phrase.det
            elif word in words.ORDINALS and phrase.det != "none":
                phrase.ordinal = words.ORDINALS[word]
                phrase.det = "another" if phrase.det == "indefinite" else phrase.det
            elif word in words.DETERMINERS:
                self._determiner(word, phrase)
            elif not (
                word in ("just", "only", "about", "exactly") and number_of(self._next(index))
            ):
                break
            index += 1
        return self._dozen(index, phrase)

    def _determiner(self, word: str, phrase: NounPhrase) -> None:
        if word in words.VAGUE_COUNTS and word not in ("all", "these", "those"):
            phrase.count, phrase.plural = words.VAGUE_COUNTS[word], True
        if word in ("other", "more"):
            phrase.other = True
        if word in ("another", "more") or (
            word == "other" and phrase.det in ("none", "indefinite")
        ):
            phrase.det = "another"
        elif word == "no":
            phrase.det = "no"
        elif word in words.POSSESSIVES:
            phrase.det, phrase.owner = "possessive", word
        elif word in _INDEFINITE:
            phrase.det = "indefinite" if phrase.det == "none" else phrase.det
        elif phrase.det == "none":
            phrase.det = "definite"
        if word == "both":
            phrase.count, phrase.plural, phrase.exact = 2, True, True

    def _dozen(self, index: int, phrase: NounPhrase) -> int:
        if self._low(index) == "dozen" and self._low(index + 1) not in ("", "of"):
            phrase.count = 12 * (phrase.count if phrase.exact else 1)
            phrase.exact = phrase.plural = True
            return index + 1
        if self._low(index) == "couple" and looks_plural(self._low(index + 1)):
            phrase.count, phrase.exact, phrase.plural = 2, True, True
            return index + 1
        return index
