"""Whose clause is it? The part of the clause reader that tells subjects from the rest."""

from .clauses import Clause, Complement
from .items import Item, NounPhrase
from .nouns import CLOTHING
from .place_words import TIMES
from .words import ABSTRACT

_LISTS = ("and", "comma")


class SubjectReader:
    """The state of reading clauses, and the rules for subjects and lists of noun phrases."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.clauses: list[Clause] = []
        self.clause = Clause()
        self.pending: Complement | None = None
        self.role: list[NounPhrase] | None = None
        self.last_np: NounPhrase | None = None
        self.framed = False
        self.sentence = 0

    def _close(self) -> None:
        if self.pending and self.pending.own:
            self.clause.complements.append(self.pending)
        self.pending = None
        if not self.clause.empty:
            self.clauses.append(self.clause)
        self.role = None

    def _begin(self, subjects: list[NounPhrase] | None = None) -> None:
        stage = self.clause.stage if self.clause.empty else ""
        self._close()
        inherited = subjects is not None
        self.clause = Clause(list(subjects or []), sentence=self.sentence, inherited=inherited)
        self.clause.stage = stage

    def _kind(self, index: int) -> str:
        return self.items[index].kind if 0 <= index < len(self.items) else "stop"

    # one handler per kind of item

    def _time_opening(self, index: int, phrase: NounPhrase) -> bool:
        """ "One day, …" at the start of a clause says when, not who."""
        opens = self.clause.empty and self.pending is None and self._kind(index + 1) == "comma"
        return opens and (phrase.head in TIMES or phrase.head in ABSTRACT)

    def _placed_pair(self, index: int) -> bool:
        """ "a boat on the left and a ship on the right": each with a place of its own."""
        placed = any(part.kind == "spot" for part in self.clause.complements)
        listed = self._kind(index - 1) in _LISTS and self._kind(index + 1) in ("phrase", "prep")
        return listed and placed and not self.clause.verb and bool(self.clause.subjects)

    def _new_subject(self, index: int) -> bool:
        if not self._opens_clause(index):
            return False
        phrase = self.items[index].np
        if self.clause.verb == "wear" and phrase is not None and phrase.head in CLOTHING:
            return False
        listed = self._kind(index - 1) == "and" or not self.clause.subjects
        return bool(self.clause.verb) or not (listed or self.clause.inherited)

    def _subject(self, index: int, phrase: NounPhrase) -> None:
        if self.clause.inherited:
            self.clause.subjects, self.clause.inherited = [], False
        if self.clause.subjects and self.clause.complements and self._kind(index - 1) == "comma":
            self._begin()
        if not self.clause.subjects and self.clause.complements:
            self.clause.fronted = True
        self.clause.subjects.append(phrase)
        self.role = self.clause.subjects

    def _fronted_again(self, index: int) -> None:
        """ "on the left a door, on the right a window": the next place opens the next clause."""
        clause = self.clause
        if clause.fronted and not clause.verb and self._kind(index - 1) in _LISTS:
            self._begin()

    def _listed(self, index: int, phrase: NounPhrase) -> None:
        """A further member of the list that the last noun phrase is in."""
        role = self.role
        assert role is not None
        grounds = role is not self.clause.subjects and role is not self.clause.objects
        if grounds and not self.clause.subjects:
            self._subject(index, phrase)
        elif grounds and (self._kind(index - 1) == "comma" or not self._joins_grounds(phrase)):
            if self.clause.verb:
                self.clause.objects.append(phrase)
                self.role = self.clause.objects
            else:
                self._begin()
                self._subject(index, phrase)
        elif self._apposition(index, role, phrase):
            role[-1].of = ""
        else:
            role.append(phrase)

    def _joins_grounds(self, phrase: NounPhrase) -> bool:
        last = self.clause.complements[-1]
        return last.word in ("between", "with", "among", "of", "to", "for") or (
            bool(self.clause.verb) or phrase.det in ("definite", "none", "pronoun")
        )

    def _apposition(self, index: int, role: list[NounPhrase], phrase: NounPhrase) -> bool:
        """ "Max, a small corgi, …" and "the corgi, Max, …" name one thing twice."""
        if self._kind(index - 1) != "comma" or self._kind(index + 1) not in (
            "comma",
            "verb",
            "stop",
        ):
            return False
        first = role[-1]
        if first.det == "name" and phrase.det == "indefinite" and phrase.head:
            first.head, first.modifiers = phrase.head, phrase.modifiers
            first.adjectives = phrase.adjectives
            return True
        if phrase.det == "name" and first.head and not first.alias and not first.plural:
            first.alias = phrase.alias
            return True
        return False

    def _opens_clause(self, index: int) -> bool:
        """Whether the noun phrase at index is the subject of a verb that follows it."""
        if not (self.clause.verb or self.clause.complements):
            return False
        ahead = index + 1
        fed = self._kind(index - 1) == "verb"
        while self._kind(ahead) == "adverb" or (not fed and self._joined_subject(ahead)):
            ahead += 1 if self._kind(ahead) == "adverb" else 2
        kind = self._kind(ahead)
        if kind == "phrase" and self._kind(ahead + 1) == "verb":
            return True
        if kind == "verb" and not self.clause.verb and not self.clause.subjects:
            return False
        return kind in ("verb", "aux", "relative")

    def _joined_subject(self, ahead: int) -> bool:
        return self._kind(ahead) == "and" and self._kind(ahead + 1) == "np"
