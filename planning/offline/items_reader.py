"""From a sentence to its pieces: noun phrases, verbs, prepositions, set phrases."""

from . import words
from .items import Item, ItemKind, NounPhrase
from .lexicon import is_adjective, is_adverb, is_closed, is_noun, looks_plural, number_of, verb_form
from .motion import MOVES
from .noun_phrases import NounPhraseReader
from .phrases import Phrase, find_phrases
from .tokens import Token, tokenise
from .verbs import REQUESTS

_STOPS = frozenset('.!?;:()[]"')
_CLAUSE_WORDS = frozenset(
    "while whilst because although though if when where so but yet whereas unless as".split()
)
_PARTICLES = frozenset(
    "up down off out over around by in on through along across away back above below past".split()
)
_GOING = frozenset("up down left right away back off across to toward towards into onto".split())
_BOUNDARIES = ("comma", "stop", "conj", "and", "phrase", "frame", "relative", "there")


def read_items(text: str) -> list[Item]:
    """Cut one scene's normalised text into items, in order; closes with a stop."""
    items = _Reader(text).run()
    end = len(text)
    return [*items, Item("stop", end, end, ".")]


class _Reader:
    def __init__(self, text: str) -> None:
        phrases = find_phrases(text)
        self.starts: dict[int, list[Phrase]] = {}
        covered = sorted((phrase.start, phrase.end) for phrase in phrases)
        self.tokens: list[Token] = []
        slot = 0
        for token in tokenise(text):
            while slot < len(covered) and covered[slot][1] <= token.start:
                self._keep(phrases, covered[slot], len(self.tokens))
                slot += 1
            if not (slot < len(covered) and covered[slot][0] <= token.start):
                self.tokens.append(token)
        for span in covered[slot:]:
            self._keep(phrases, span, len(self.tokens))
        self.nouns = NounPhraseReader(self.tokens, set(self.starts))
        self.items: list[Item] = []

    def _keep(self, phrases: list[Phrase], span: tuple[int, int], index: int) -> None:
        for phrase in phrases:
            if (phrase.start, phrase.end) == span and phrase not in self.starts.get(index, []):
                self.starts.setdefault(index, []).append(phrase)

    def run(self) -> list[Item]:
        index = 0
        while index <= len(self.tokens):
            for phrase in self.starts.get(index, []):
                self.items.append(Item("phrase", phrase.start, phrase.end, phrase=phrase))
            if index == len(self.tokens):
                break
            index = self._step(index)
        return self.items

    def _step(self, index: int) -> int:
        token = self.tokens[index]
        if token.kind == "mark":
            return self._mark(index)
        for rule in (
            self._direction,
            self._pronoun,
            self._function_word,
            self._noun_phrase,
            self._verb,
        ):
            after = rule(index)
            if after is not None:
                return after
        kind: ItemKind = "adverb" if is_adverb(token.low) else "adjective"
        return self._add(kind, index)

    def _add(self, kind: ItemKind, index: int, word: str = "", form: str = "") -> int:
        token = self.tokens[index]
        self.items.append(Item(kind, token.start, token.end, word or token.low, form))
        return index + 1

    def _mark(self, index: int) -> int:
        mark = self.tokens[index].low
        if mark == "&":
            return self._add("and", index, "and")
        if mark in _STOPS:
            return self._add("stop" if mark in ".!?;:" else "comma", index)
        return self._add("comma", index) if mark in ",-/*" else index + 1

    def _low(self, index: int) -> str:
        return self.tokens[index].low if index < len(self.tokens) else ""

    def _last(self) -> str:
        return self.items[-1].kind if self.items else "stop"

    def _direction(self, index: int) -> int | None:
        """ "turns left", "then right": a direction, not the past of "leave"."""
        if self._low(index) not in ("left", "right"):
            return None
        last = self.items[-1] if self.items else None
        after_verb = last is not None and last.kind in ("verb", "adverb") and last.word != "be"
        after_then = last is not None and last.kind == "phrase" and index in self.starts
        alone = not self._opens_noun(index + 1) and self._low(index + 1) not in words.DETERMINERS
        return self._add("adverb", index) if (after_verb or after_then) and alone else None

    def _pronoun(self, index: int) -> int | None:
        word = self._low(index)
        if word not in words.PERSONAL and word not in (
            "someone",
            "somebody",
            "we",
            "i",
            "you",
            "one",
        ):
            return None
        follower = self._low(index + 1)
        named = bool(follower) and (is_noun(follower) or not verb_form(follower))
        if word == "one" and named and not is_closed(follower):
            return None
        if word == "one" and (
            follower == "of" or index == 0 or self._last() not in ("and", "verb")
        ):
            return None
        if word == "her" and index + 1 not in self.starts and self._opens_noun(index + 1):
            return None
        token = self.tokens[index]
        phrase = NounPhrase(token.start, token.end, det="pronoun", alias=word)
        if word in ("i", "you", "we"):
            return index + 1
        if word in ("someone", "somebody"):
            phrase = NounPhrase(token.start, token.end, head="person", det="indefinite")
        self.items.append(Item("np", token.start, token.end, np=phrase))
        return index + 1

    def _opens_noun(self, index: int) -> bool:
        word = self._low(index)
        return bool(word) and word[0].isalpha() and not is_closed(word) and not is_adverb(word)

    def _function_word(self, index: int) -> int | None:
        word, follower = self._low(index), self._low(index + 1)
        if word in ("not", "never"):
            return self._add("not", index)
        if word == "there" and (follower in words.BE or follower in ("appears", "stands", "sits")):
            return self._add("there", index)
        if word in words.RELATIVES and self._relative(index):
            return self._add("relative", index)
        if word == "to" and (form := verb_form(follower)) and form.form == "base":
            if not self._plain_noun(index + 1):
                return self._add("to", index)
        if word in ("and", "or"):
            return self._add("and", index)
        if word in _CLAUSE_WORDS or (
            word in ("before", "after", "since") and self._clause(index + 1)
        ):
            return self._add("conj", index)
        if word in words.AUXILIARIES:
            return self._auxiliary(index)
        if word in words.PREPOSITIONS and word not in ("like",):
            return self._preposition(index)
        return None

    def _plain_noun(self, index: int) -> bool:
        return is_noun(self._low(index)) and is_closed(self._low(index + 1))

    def _relative(self, index: int) -> bool:
        word, follower = self._low(index), self._low(index + 1)
        if word in ("who", "whom", "which", "whose"):
            return True
        last = self._last()
        verbal = follower in words.AUXILIARIES or verb_form(follower) is not None
        return (
            last in ("np", "frame", "phrase", "comma")
            and (verbal or is_adverb(follower))
            or (last == "np" and follower in words.DETERMINERS | words.PRONOUNS)
        )

    def _clause(self, index: int) -> bool:
        """Whether a clause follows "before" or "after", rather than a thing."""
        form = verb_form(self._low(index))
        if form and form.form == "ing":
            return True
        if self._low(index) in words.PERSONAL:
            return verb_form(self._low(index + 1)) is not None
        read = self.nouns.read(index) if self._low(index) else None
        return read is not None and verb_form(self._low(read[1])) is not None

    def _auxiliary(self, index: int) -> int:
        word, follower = self._low(index), self._low(index + 1)
        if word in words.BE:
            return self._add("verb", index, "be", "s")
        form = verb_form(word)
        if form and (follower in words.DETERMINERS or number_of_low(self.tokens, index + 1)):
            return self._add("verb", index, form.lemma, form.form)
        return self._add("aux", index)

    def _preposition(self, index: int) -> int:
        word = self._low(index)
        alone = index + 1 >= len(self.tokens) or index + 1 in self.starts
        follower = "" if alone else self._low(index + 1)
        if word in _PARTICLES and (
            not follower or not follower[0].isalnum() or follower in words.CONJUNCTIONS
            or follower in words.PREPOSITIONS or is_adverb(follower)
        ):  # fmt: skip
            return self._add("particle", index)
        return self._add("prep", index)

    def _noun_phrase(self, index: int) -> int | None:
        word = self._low(index)
        introduced = word in words.DETERMINERS or number_of(self.tokens[index]) is not None
        if not introduced and not self._bare(index):
            return None
        self.nouns.joined = [item.kind for item in self.items[-2:]] == ["np", "and"]
        read = self.nouns.read(index)
        if read is None:
            return None
        phrase, after = read
        frame = phrase.head in words.FRAME_NOUNS and phrase.det != "possessive"
        kind: ItemKind = "frame" if frame and phrase.head not in ("half", "line") else "np"
        self.items.append(Item(kind, phrase.start, phrase.end, np=phrase))
        return after

    def _bare(self, index: int) -> bool:
        """Whether a noun phrase without a determiner starts here."""
        token = self.tokens[index]
        word, form = token.low, verb_form(token.low)
        if token.kind != "word" or is_closed(word) or is_adverb(word) and not is_adjective(word):
            return False
        last = self._last()
        if token.capital and index > 0 and last not in ("stop",) and not form:
            return True
        if last in _BOUNDARIES or not self.items:
            return self._bare_subject(index)
        if is_adjective(word) and not is_noun(word):
            return self._described(index)
        if last == "verb" and self.items[-1].word == "be":
            return looks_plural(word) and is_noun(word)
        if last in ("np", "aux", "not", "to"):
            return False
        return form is None or is_noun(word) and last in ("prep", "phrase", "verb", "adverb")

    def _bare_subject(self, index: int) -> bool:
        word, form = self._low(index), verb_form(self._low(index))
        if is_adjective(word) and not (is_noun(word) and self._verb_at(index + 1)):
            return self._described(index)
        if form is None:
            return True
        if word in REQUESTS and not (is_noun(word) and self._verb_at(index + 1)):
            return False
        if form.form == "ing" or form.form == "ed":
            return is_noun(word) and not self._object_at(index + 1)
        if form.form == "base":
            named = is_noun(word) and (
                word not in words.ABSTRACT
                or (self._verb_at(index + 1) and not is_adverb(self._low(index + 1)))
            )
            return named and not self._object_at(index + 1)
        if not is_noun(word) or (form.lemma in MOVES and self._low(index + 1) in _GOING):
            return False
        return not any(item.kind == "np" for item in self.items) or self._verb_at(index + 1)

    def _described(self, index: int) -> bool:
        """Whether adjectives here lead to a noun ("red cars"), not to an end ("is red")."""
        while self._low(index) and index not in self.starts or index == 0:
            word = self._low(index)
            if not word or not word[0].isalpha():
                return False
            if word == "and" and is_adjective(self._low(index + 1)):
                index += 1
                continue
            if is_closed(word):
                return False
            if is_noun(word) or not is_adjective(word) and not is_adverb(word):
                form = verb_form(word)
                return is_noun(word) or form is None
            index += 1
        return False

    def _verb_at(self, index: int) -> bool:
        word = self._low(index)
        return word in words.AUXILIARIES or verb_form(word) is not None

    def _object_at(self, index: int) -> bool:
        return self._low(index) in words.DETERMINERS

    def _verb(self, index: int) -> int | None:
        word = self._low(index)
        form = verb_form(word)
        if word in words.ADVERBS and self._last() in ("verb", "particle", "adverb"):
            return None
        if form is not None:
            return self._add("verb", index, form.lemma, form.form)
        unknown = not is_adjective(word) and not is_adverb(word) and word.isalpha()
        if unknown and self._last() in ("np", "relative", "aux", "to", "not"):
            return self._add("verb", index, word, "s")
        return None


def number_of_low(tokens: list[Token], index: int) -> bool:
    """Whether a number stands at that index."""
    return index < len(tokens) and number_of(tokens[index]) is not None
