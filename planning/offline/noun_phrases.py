"""Noun phrases: which words together name one thing, or several of a kind."""

from . import words
from .adjectives import PREDICATE_ONLY
from .determiners import DeterminerReader
from .items import NounPhrase
from .lexicon import (
    is_adjective,
    is_adverb,
    is_closed,
    is_noun,
    looks_plural,
    number_of,
    verb_form,
)
from .noun_forms import INVARIANT, singular
from .nouns import KNOWN, PARTITIVE, PERSON
from .tokens import Token

_ONLY_VERB_AFTER_NOUN = frozenset(
    "left saw rose fell felt lit shot cut hit set put bit lay".split()
)


_SHOT_KINDS = frozenset(
    "drone wide close tracking establishing medium long angle camera up".split()
)


class NounPhraseReader(DeterminerReader):
    """Reads a whole noun phrase that starts at a token."""

    def read(self, at: int) -> tuple[NounPhrase, int] | None:
        """Return the phrase and the index after it, or None when none starts here."""
        self.begin = at
        phrase = NounPhrase(self.tokens[at].start, self.tokens[at].end)
        index = self._determiners(at, phrase)
        if self._low(index) == "of" and (phrase.exact or phrase.plural or phrase.count > 1):
            return self._members(index, phrase)
        index = self._words(index, phrase)
        if not phrase.head and not phrase.alias:
            return self._headless(index, phrase)
        while self._low(index) == "'s":
            owned = self._owned(index, phrase)
            if owned is None:
                break
            phrase, index = owned
        index = self._alias(index, phrase)
        phrase.end = self.tokens[index - 1].end
        return self._of(index, phrase)

    def _headless(self, index: int, phrase: NounPhrase) -> tuple[NounPhrase, int] | None:
        """ "the other two float away": a number alone stands for what was spoken of."""
        if not (phrase.exact and phrase.det == "definite") or index == self.begin:
            return None
        phrase.alias = "one"
        phrase.end = self.tokens[index - 1].end
        return phrase, index

    def _members(self, index: int, phrase: NounPhrase) -> tuple[NounPhrase, int] | None:
        """ "two of them", "one of the dogs": some of a group spoken of before."""
        phrase.member = True
        if self._low(index + 1) in words.PERSONAL:
            phrase.det, phrase.alias = "pronoun", self._low(index + 1)
            phrase.end = self.tokens[index + 1].end
            return phrase, index + 2
        inner = self.read(index + 1) if self._low(index + 1) else None
        if inner is None:
            return None
        thing, after = inner
        thing.member, thing.count, thing.plural = True, phrase.count, phrase.count > 1
        thing.start = phrase.start
        return thing, after

    def _words(self, index: int, phrase: NounPhrase) -> int:
        """Take adjectives and nouns up to the end of the phrase; the last noun is its head."""
        taken: list[Token] = []
        while self._low(index):
            token = self.tokens[index]
            if token.kind != "word":
                if not (token.low == "," and self._adjective_list(index, taken)):
                    break
            elif token.low == "and" and self._adjective_list(index, taken):
                pass
            elif self._ends(index, taken, phrase):
                break
            else:
                taken.append(token)
            index += 1
        self._fill(phrase, taken)
        return index

    def _adjective_list(self, index: int, taken: list[Token]) -> bool:
        """Whether "and" or a comma joins adjectives of one noun ("black and white cat")."""
        if not taken or not all(is_adjective(token.low) for token in taken):
            return False
        if any(is_noun(token.low) and not is_adjective(token.low) for token in taken):
            return False
        after = self._low(index + 1)
        if after == "and":
            after, index = self._low(index + 2), index + 1
        follower = self._low(index + 2)
        return is_adjective(after) and bool(follower) and not is_closed(follower)

    def _ends(self, index: int, taken: list[Token], phrase: NounPhrase) -> bool:
        token = self.tokens[index]
        word = token.low
        if is_closed(word) or word in words.CONJUNCTIONS:
            return True
        if number_of(token) is not None and word != "one":
            return True
        named = any(not is_adjective(t.low) for t in taken)
        if not named and not self._acts(index, taken):
            return self._ends_early(index, taken, phrase)
        if token.capital and index > 0 and (taken[-1].capital or not is_noun(word)):
            return not taken[-1].capital
        if is_adverb(word) or (word in PREDICATE_ONLY):
            return True
        if is_adjective(word) and not is_noun(word):
            return not self._noun_follows(index)
        return self._is_verb_here(index, taken, phrase)

    def _acts(self, index: int, taken: list[Token]) -> bool:
        """Whether an adjective that names things too ("an orange", "a giant") is a subject here."""
        form = verb_form(self.tokens[index].low)
        doing = form is not None and form.form != "base"
        return doing and any(is_noun(token.low) for token in taken)

    def _ends_early(self, index: int, taken: list[Token], phrase: NounPhrase) -> bool:
        word = self.tokens[index].low
        if is_adverb(word) and not is_adjective(word):
            follower = self._low(index + 1)
            return not (follower and (is_adjective(follower) or follower.endswith("ed")))
        form = verb_form(word)
        headless = phrase.exact and phrase.det == "definite" and not taken
        return headless and form is not None and not is_noun(word)

    def _noun_follows(self, index: int) -> bool:
        follower = self._low(index + 1)
        form = verb_form(follower)
        return bool(follower) and is_noun(follower) and not (form and form.form != "base")

    def _is_verb_here(self, index: int, taken: list[Token], phrase: NounPhrase) -> bool:
        """Whether a word after a noun goes on as a verb ("a dog walks", not "a dog park")."""
        token = self.tokens[index]
        form = verb_form(token.low)
        previous = taken[-1].low
        many = looks_plural(previous) or phrase.plural and previous in INVARIANT
        if form is None:
            return self._unknown_verb(index, phrase, many)
        if token.low in _ONLY_VERB_AFTER_NOUN:
            return not (token.low == "shot" and previous in _SHOT_KINDS)
        if form.form == "ed":
            return True
        if form.form == "ing":
            return not is_noun(token.low) or self._starts_object(index + 1)
        if form.form == "s":
            return self._third_person(index, phrase, many)
        return (
            many
            or not is_noun(token.low)
            or (self.joined and token.low not in KNOWN and self._closes(index + 1))
        )

    def _closes(self, index: int) -> bool:
        """Whether what comes next cannot belong to the noun phrase ("a cat and a dog play in")."""
        word = self._low(index)
        return not word or not word[0].isalpha() or is_closed(word) or is_adverb(word)

    def _third_person(self, index: int, phrase: NounPhrase, many: bool) -> bool:
        word, follower = self.tokens[index].low, self._low(index + 1)
        if follower in ("left", "right"):
            return True
        if not is_noun(word):
            return not (phrase.exact and phrase.plural and not many)
        if phrase.plural or many:
            return False
        form = verb_form(follower)
        if follower in words.BE or (form and not is_noun(follower) and form.form in ("base", "ed")):
            return False
        return phrase.det != "definite" or not follower or not is_noun(follower)

    def _unknown_verb(self, index: int, phrase: NounPhrase, many: bool) -> bool:
        word = self.tokens[index].low
        if word.endswith("ing") and not is_noun(word):
            return True
        if is_noun(word) or many and not word.endswith(("ed", "ing")):
            return many and not is_noun(word) and self._starts_object(index + 1)
        if not word.endswith(("s", "ed", "ing")) or word.endswith(("ss", "us")) or phrase.plural:
            return False
        if phrase.det == "indefinite" and phrase.count == 1 and word.endswith("s"):
            return True
        follower = self._low(index + 1)
        ends = not follower or not follower[0].isalnum()
        return ends or is_closed(follower) or is_adverb(follower)

    def _starts_object(self, index: int) -> bool:
        word = self._low(index)
        return word in words.DETERMINERS or word in words.PRONOUNS or word in words.PREPOSITIONS

    def _fill(self, phrase: NounPhrase, taken: list[Token]) -> None:
        lows = [token.low for token in taken if not (is_adverb(token.low) and len(taken) > 1)]
        if not lows:
            return
        proper = [t for t in taken if t.capital and not is_noun(t.low)]
        proper = proper if len(proper) > 1 or (proper and proper[0].start > 0) else []
        opening = len(taken) == 1 and self._is_name(taken[0])
        if phrase.det == "none" and (opening or (proper and len(proper) == len(taken))):
            phrase.alias, phrase.det = " ".join(t.text for t in taken), "name"
            return
        if len(taken) > 1 and taken[-1].capital and taken[-2].low in PERSON and taken[-1].start > 0:
            phrase.alias = taken[-1].text
            lows = lows[:-1]
        head = lows[-1]
        if head in ("one", "ones"):
            head = ""
        first_noun = next((i for i, low in enumerate(lows[:-1]) if _modifies(low)), len(lows) - 1)
        phrase.adjectives = lows[:first_noun]
        phrase.modifiers = lows[first_noun:-1]
        phrase.head = singular(head)
        if looks_plural(head) and head not in INVARIANT and not phrase.plural:
            phrase.plural = True
            phrase.count = max(phrase.count, words.PLURAL_COUNT)
        if phrase.exact and phrase.count == 1 and is_adjective(head) and not is_noun(head):
            phrase.head, phrase.adjectives, phrase.modifiers = "", lows, []
        if not phrase.head:
            phrase.alias = "one"
        phrase.original = " ".join(lows)

    def _is_name(self, token: Token) -> bool:
        """Whether an unknown word with a capital that opens the text is a name ("Emma bakes")."""
        if not token.capital or is_noun(token.low) or is_adjective(token.low):
            return False
        index = self.tokens.index(token) + 1
        follower = self._low(index)
        form = verb_form(follower)
        acts = follower in words.AUXILIARIES or (form is not None and form.form in ("s", "ed"))
        named = [t for t in self.tokens[index + 1 : index + 2] if t.capital]
        return verb_form(token.low) is None and (acts or (follower == "and" and bool(named)))

    def _owned(self, index: int, owner: NounPhrase) -> tuple[NounPhrase, int] | None:
        inner = NounPhrase(owner.start, owner.end, det="possessive", owner=owner.noun)
        after = self._words(index + 1, inner)
        return (inner, after) if inner.head else None

    def _alias(self, index: int, phrase: NounPhrase) -> int:
        if self._low(index) in ("named", "called") and self._low(index + 1):
            phrase.alias = self.tokens[index + 1].text
            return index + 2
        token = self.tokens[index] if self._low(index) else None
        if token and token.kind == "word" and token.capital and phrase.head and not phrase.plural:
            if not is_closed(token.low) and not is_noun(token.low):
                phrase.alias = token.text
                return index + 1
        return index

    def _of(self, index: int, phrase: NounPhrase) -> tuple[NounPhrase, int]:
        if self._low(index) != "of":
            return phrase, index
        inner = self.read(index + 1) if self._low(index + 1) else None
        if inner is None or phrase.head in words.FRAME_NOUNS:
            return phrase, index
        thing, after = inner
        if phrase.head in words.GROUP_COUNTS and phrase.head not in PARTITIVE:
            return self._counted(phrase, thing), after
        phrase.of = self.tokens[index].text + " " + self._text(index + 1, after)
        phrase.of_head = thing.head
        phrase.end = self.tokens[after - 1].end
        return phrase, after

    def _counted(self, group: NounPhrase, thing: NounPhrase) -> NounPhrase:
        thing.count = words.GROUP_COUNTS[group.head] * (group.count if group.exact else 1)
        thing.exact = group.head in ("pair", "couple", "duo", "trio", "dozen")
        thing.plural = True
        thing.det = group.det if thing.det == "none" else thing.det
        thing.start = group.start
        return thing

    def _text(self, start: int, end: int) -> str:
        return " ".join(token.text for token in self.tokens[start:end])


def _modifies(word: str) -> bool:
    return (
        not is_adjective(word)
        or word in ("toy", "baby")
        or is_noun(word)
        and (
            word
            not in ("orange", "giant", "glass", "lime", "stone", "golden", "gold", "light", "stray")
            and not is_adjective(word)
        )
    )
