"""Who does what, where and when: the clauses of a sentence."""

from dataclasses import dataclass, field
from typing import Literal

from .items import Item, NounPhrase
from .phrases import Mode, Spot
from .place_words import TIMES
from .places import is_where
from .words import ABSTRACT

Stage = Literal["", "first", "next", "last"]


@dataclass
class Complement:
    """What a clause or a noun says besides subject, verb and object.

    kind ground: word is the preposition or relation, grounds what it refers to (own: the ground
    spoken of before, "its left"); spot, when and direction as in `phrases.Phrase`.
    figure is the noun phrase it belongs to; None means the subjects of the clause.
    """

    kind: Literal["ground", "spot", "when", "direction"]
    word: str = ""
    mode: Mode = "at"
    grounds: list[NounPhrase] = field(default_factory=list)
    spot: Spot = field(default_factory=Spot)
    span: tuple[float, float] = (0.0, 1.0)
    only: bool = False
    own: bool = False
    figure: NounPhrase | None = None


@dataclass
class Clause:
    """One statement: subjects, at most one verb, and what goes with it, in the order of the text."""

    subjects: list[NounPhrase] = field(default_factory=list)
    verb: str = ""
    form: str = ""
    passive: bool = False
    particles: list[str] = field(default_factory=list)
    objects: list[NounPhrase] = field(default_factory=list)
    complements: list[Complement] = field(default_factory=list)
    predicates: list[str] = field(default_factory=list)
    negated: bool = False
    stage: Stage = ""
    sentence: int = 0
    inherited: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing has been read into it yet."""
        return not (self.subjects or self.verb or self.objects or self.complements)


_CHAINS = frozenset("begin start continue keep try want need seem appear go come stop decide get".split())
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


class ClauseReader:
    """Turns items into clauses, one pass from left to right."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.clauses: list[Clause] = []
        self.clause = Clause()
        self.pending: Complement | None = None
        self.role: list[NounPhrase] | None = None
        self.last_np: NounPhrase | None = None
        self.framed = False
        self.sentence = 0

    def read(self) -> list[Clause]:
        """Return the clauses in the order of the text."""
        for index, item in enumerate(self.items):
            handler = getattr(self, f"_{item.kind}", None)
            if handler is not None:
                handler(index, item)
        self._close()
        return self.clauses

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

    def _time_opening(self, index: int, phrase: NounPhrase) -> bool:
        """ "One day, …" at the start of a clause says when, not who."""
        opens = self.clause.empty and self.pending is None and self._kind(index + 1) == "comma"
        return opens and (phrase.head in TIMES or phrase.head in ABSTRACT)

    def _new_subject(self, index: int) -> bool:
        if not self._opens_clause(index):
            return False
        listed = self._kind(index - 1) == "and" or not self.clause.subjects
        return bool(self.clause.verb) or not (listed or self.clause.inherited)

    def _ground(self, phrase: NounPhrase) -> None:
        pending = self.pending
        assert pending is not None
        pending.grounds.append(phrase)
        self.clause.complements.append(pending)
        self.role = pending.grounds
        self.pending = None

    def _subject(self, index: int, phrase: NounPhrase) -> None:
        if self.clause.inherited:
            self.clause.subjects, self.clause.inherited = [], False
        if self.clause.subjects and self.clause.complements and self._kind(index - 1) == "comma":
            self._begin()
        self.clause.subjects.append(phrase)
        self.role = self.clause.subjects

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
        if self._kind(index - 1) != "comma" or self._kind(index + 1) not in ("comma", "verb", "stop"):
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
        while self._kind(ahead) in ("adverb",) or self._joined_subject(ahead):
            ahead += 1 if self._kind(ahead) == "adverb" else 2
        kind = self._kind(ahead)
        if kind == "phrase" and self._kind(ahead + 1) == "verb":
            return True
        if kind == "verb" and not self.clause.verb and not self.clause.subjects:
            return False
        return kind in ("verb", "aux", "relative")

    def _joined_subject(self, ahead: int) -> bool:
        return self._kind(ahead) == "and" and self._kind(ahead + 1) == "np"

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
        return clause.verb in _CHAINS and previous in ("verb", "to", "adverb") and (
            item.form == "ing" or previous == "to"
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
        if self.framed and item.word in ("of", "with", "about", "for", "from", "in", "featuring"):
            return
        if self.pending is not None and self.pending.word in ("up", "down", "off", "out", "away"):
            self.clause.particles.append(self.pending.word)
        if self.clause.verb in _SHOWS and not self.clause.subjects:
            self.clause.verb = ""
        self.pending = Complement("ground", item.word, mode=_mode(item.word))
        self.pending.figure = self._figure(index, item.word)

    def _figure(self, index: int, word: str) -> NounPhrase | None:
        """The noun that a preposition right after it belongs to; None for the subjects."""
        if self._kind(index - 1) != "np" or self.last_np is None or word not in _NOUN_RELATIONS:
            return None
        clause = self.clause
        if self.pending is not None and self.pending.mode == "from":
            return None
        if not clause.verb:
            return self.last_np if self.last_np in clause.subjects[1:] or clause.complements else None
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
        if phrase.kind == "relation":
            self.pending = Complement("ground", phrase.word, phrase.mode, own=phrase.own)
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
            made.figure = self.last_np if self.last_np in self.clause.objects else None
            if not self.clause.verb and len(self.clause.subjects) > 1:
                made.figure = self.last_np
        self.clause.complements.append(made)

    def _already_goes(self) -> bool:
        return any(part.kind == "spot" and part.mode == "to" for part in self.clause.complements)

    def _stage(self, index: int, word: str) -> None:
        said = bool(self.clause.verb or self.clause.complements)
        following = self._kind(index + 1)
        opens = following in ("verb", "np", "aux", "phrase", "adverb", "prep", "comma")
        if word == "first" and (not said or self.clause.verb == "be"):
            self.clause.stage = "first"
        elif said and opens and not (self.clause.verb == "be" and self._kind(index - 1) == "verb"):
            verb = self.clause.verb
            self._begin(self.clause.subjects)
            if following == "phrase":
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
