"""Who does what, where and when: the clauses of a sentence."""

from dataclasses import dataclass, field
from typing import Literal

from .items import NounPhrase
from .phrases import Mode, Spot

Stage = Literal["", "first", "next", "last"]


@dataclass
class Complement:
    """What a clause or a noun says besides subject, verb and object.

    kind ground: word is the preposition or relation, grounds what it refers to (own: the ground
    spoken of before, "its left"); spot, when and direction as in `phrases.Phrase`.
    early: it stands before the verb and so describes the noun ("a boy on a bicycle passes").
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
    early: bool = False
    figure: NounPhrase | None = None


@dataclass
class Clause:
    """One statement: subjects, at most one verb, and what goes with it."""

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
    fronted: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing has been read into it yet."""
        return not (self.subjects or self.verb or self.objects or self.complements)
