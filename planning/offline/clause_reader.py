"""Reads items as clauses, one pass from left to right."""

from .clause_subjects import SubjectReader
from .clauses import Clause, Complement, Stage
from .items import Item, NounPhrase
from .phrases import Mode, Spot
from .places import is_where

_CHAINS = frozenset(
    "begin start continue keep try want need seem appear go come stop decide get".split()
)
_SHOWS = frozenset(
    "show depict feature portray illustrate showcase present introduce display contain include see"
    " reveal follow focus make create generate imagine draw picture render produce film visualize"
    " animate begin start open end".split()
)
_NOUN_RELATIONS = frozenset(
    "on in under above below beside behind between inside near by over in_front left_of right_of"
    " atop beneath underneath at with next within opposite against".split()
)
_LISTS = ("and", "comma")


class ClauseReader(SubjectReader):
    """Turns items into clauses, one pass from left to right."""

    def read(self) -> list[Clause]:
        """Return the clauses in the order of the text."""
        for index, item in enumerate(self.items):
            handler = getattr(self, f"_{item.kind}", None)
            if handler is not None:
                handler(index, item)
        self._close()
        return self.clauses

    def _stop(self, index: int, item: Item) -> None:
        self._begin()
        self.sentence += 1
        self.clause.sentence = self.sentence
        self.framed = False

    def _frame(self, index: int, item: Item) -> None:
        self.framed = True
        self.pending = None
        after = self._kind(index + 1)
        if not self.clause.empty and self.clause.verb and after == "verb":
            self._begin()

    def _np(self, index: int, item: Item) -> None:
        phrase = item.np
        assert phrase is not None
        if self._time_opening(index, phrase):
            self.clause.complements.append(Complement("ground", "at", grounds=[phrase]))
        elif self.pending is not None:
            self._ground(phrase)
        elif self._placed_pair(index):
            self._begin()
            self._subject(index, phrase)
        elif self._kind(index - 1) in _LISTS and self.role and not self._opens_clause(index):
            self._listed(index, phrase)
        elif self._new_subject(index):
            self._begin([phrase])
            self.clause.inherited = False
            self.role = self.clause.subjects
        elif not self.clause.verb:
            self._subject(index, phrase)
        else:
            self.clause.objects.append(phrase)
            self.role = self.clause.objects
        self.last_np = phrase
        self.framed = False

    def _ground(self, phrase: NounPhrase) -> None:
        pending = self.pending
        assert pending is not None
        pending.grounds.append(phrase)
        self.clause.complements.append(pending)
        self.role = pending.grounds
        self.pending = None

    def _verb(self, index: int, item: Item) -> None:
        clause = self.clause
        if self.framed and not clause.subjects:
            self.framed = False
            if item.word in _SHOWS or item.word == "be":
                return
        if not clause.subjects and item.word in _SHOWS and item.form != "ed" and not clause.verb:
            return
        if not clause.verb:
            clause.verb, clause.form = item.word, item.form
        elif self._continues(index, item):
            clause.passive = clause.verb in ("be", "get") and item.form == "ed"
            clause.verb, clause.form = item.word, item.form
        else:
            self._begin(self._doer(index, item))
            self.clause.verb, self.clause.form = item.word, item.form
        self.role = None
        self.pending = None

    def _continues(self, index: int, item: Item) -> bool:
        clause = self.clause
        if clause.objects or any(c.kind == "ground" for c in clause.complements):
            return False
        if clause.verb in ("be", "get") and item.form in ("ing", "ed"):
            return self._kind(index - 1) not in _LISTS
        previous = self._kind(index - 1)
        return (
            clause.verb in _CHAINS
            and previous in ("verb", "to", "adverb")
            and (item.form == "ing" or previous == "to")
        )

    def _doer(self, index: int, item: Item) -> list[NounPhrase]:
        previous = self._kind(index - 1)
        if item.form in ("ing", "ed") and previous == "np" and self.last_np is not None:
            return [self.last_np]
        return self.clause.subjects

    def _aux(self, index: int, item: Item) -> None:
        if self.clause.verb and self._kind(index - 1) in _LISTS:
            self._begin(self.clause.subjects)

    def _not(self, index: int, item: Item) -> None:
        self.clause.negated = True

    def _there(self, index: int, item: Item) -> None:
        if self.clause.verb or self.clause.subjects:
            self._begin()

    def _relative(self, index: int, item: Item) -> None:
        self.pending = None
        if self.framed or self.last_np is None:
            return
        self._begin(self._antecedent(self.last_np))

    def _antecedent(self, last: NounPhrase) -> list[NounPhrase]:
        """Whom "that" or "who" is about: the last noun, but "a car by a lake that …" the car."""
        clause = self.clause
        part = clause.complements[-1] if clause.complements else None
        if part is not None and last in part.grounds and is_where(part.word, last, False):
            return [part.figure] if part.figure else clause.subjects[-1:] or [last]
        return [last]

    def _conj(self, index: int, item: Item) -> None:
        subjects = self.clause.subjects if self._kind(index + 1) in ("verb", "prep") else None
        if self.clause.verb or item.word in ("before", "after"):
            stage: Stage = "next" if item.word == "before" else ""
            self._begin(subjects)
            self.clause.stage = stage

    def _to(self, index: int, item: Item) -> None:
        self.pending = None

    def _prep(self, index: int, item: Item) -> None:
        self._fronted_again(index)
        if self.framed and item.word in ("of", "with", "about", "for", "from", "in", "featuring"):
            return
        if self.pending is not None and self.pending.word in ("up", "down", "off", "out", "away"):
            self.clause.particles.append(self.pending.word)
        if self.clause.verb in _SHOWS and not self.clause.subjects:
            self.clause.verb = ""
        self.pending = Complement("ground", item.word, mode=_mode(item.word))
        self.pending.figure = self._figure(index, item.word)
        self.pending.early = not self.clause.verb and bool(self.clause.subjects)

    def _figure(self, index: int, word: str) -> NounPhrase | None:
        """The noun that a preposition right after it belongs to; None for the subjects."""
        if self._kind(index - 1) != "np" or self.last_np is None or word not in _NOUN_RELATIONS:
            return None
        clause = self.clause
        if self.pending is not None and self.pending.mode == "from":
            return None
        if not clause.verb:
            return self.last_np if clause.complements else None
        if word in ("with",):
            return self.last_np if self.last_np.det != "pronoun" else None
        return self.last_np

    def _goes(self, mode: Mode) -> bool:
        """Whether "to the left of" here is where the subject goes, not where the noun is."""
        return mode != "at" and bool(self.clause.verb) and self.last_np not in self.clause.objects

    def _particle(self, index: int, item: Item) -> None:
        self.clause.particles.append(item.word)

    def _adverb(self, index: int, item: Item) -> None:
        self.clause.particles.append(item.word)

    def _adjective(self, index: int, item: Item) -> None:
        if self.clause.verb:
            self.clause.predicates.append(item.word)

    def _phrase(self, index: int, item: Item) -> None:
        phrase = item.phrase
        assert phrase is not None
        if phrase.kind == "stage":
            self._stage(index, phrase.word)
            return
        if phrase.kind in ("relation", "spot") and phrase.mode == "at":
            self._fronted_again(index)
        if phrase.kind == "relation":
            self.pending = Complement("ground", phrase.word, phrase.mode, own=phrase.own)
            self.pending.early = not self.clause.verb and bool(self.clause.subjects)
            if not phrase.own and not self._goes(phrase.mode):
                self.pending.figure = self._figure(index, phrase.word)
            if phrase.own:
                self.clause.complements.append(self.pending)
                self.pending = None
            return
        self.pending = None
        if phrase.kind == "spot" and phrase.mode == "to" and self._already_goes():
            verb = self.clause.verb
            self._begin(self.clause.subjects)
            self.clause.verb, self.clause.stage = verb, "next"
        made = Complement(phrase.kind, phrase.word, phrase.mode, only=phrase.only, span=phrase.span)
        made.spot = phrase.spot or Spot()
        if phrase.kind == "spot" and self._kind(index - 1) == "np":
            made.figure = self._placed(phrase.mode)
            if not self.clause.verb and len(self.clause.subjects) > 1:
                made.figure = self.last_np
        self.clause.complements.append(made)

    def _placed(self, mode: Mode) -> NounPhrase | None:
        """The noun just named that "on the left" is about ("the house on the left")."""
        last, parts = self.last_np, self.clause.complements
        ground = mode == "at" and bool(parts) and last in parts[-1].grounds
        return last if last in self.clause.objects or ground else None

    def _already_goes(self) -> bool:
        return any(part.kind == "spot" and part.mode == "to" for part in self.clause.complements)

    def _no_verb(self, index: int) -> bool:
        """Whether no verb comes before the clause ends ("then up", "then to the left")."""
        while self._kind(index) in ("phrase", "particle", "adverb"):
            index += 1
        return self._kind(index) not in ("verb", "np", "aux")

    def _stage(self, index: int, word: str) -> None:
        said = bool(self.clause.verb or self.clause.complements)
        following = self._kind(index + 1)
        opens = following in ("verb", "np", "aux", "phrase", "adverb", "particle", "prep", "comma")
        if word == "first" and (not said or self.clause.verb == "be"):
            self.clause.stage = "first"
        elif said and opens and not (self.clause.verb == "be" and self._kind(index - 1) == "verb"):
            verb = self.clause.verb
            self._begin(self.clause.subjects)
            if following in ("phrase", "particle", "adverb") and self._no_verb(index + 1):
                self.clause.verb = verb
            self.clause.stage = "next" if word != "first" else "first"
        else:
            self.clause.stage = "next" if word != "first" else "first"


def _mode(word: str) -> Mode:
    if word in ("to", "toward", "towards", "onto", "into", "at"):
        return "to"
    return "from" if word == "from" else "at"


def read_clauses(items: list[Item]) -> list[Clause]:
    """Return the clauses of one scene's items, in the order of the text."""
    return ClauseReader(items).read()
