"""What a scene's text says, as facts about things: the input of the timeline."""

from dataclasses import dataclass, field

from .clauses import Clause, Complement
from .items import NounPhrase
from .motion import Effect
from .phrases import Spot
from .things import Thing


@dataclass(frozen=True)
class Goal:
    """Where something is or goes: a spot of the frame, or a relation to other things (ids)."""

    spot: Spot | None = None
    relation: str = ""
    grounds: tuple[str, ...] = ()


@dataclass
class State:
    """The figure is there from this stage on."""

    figure: str
    goal: Goal
    stage: int


@dataclass
class Motion:
    """The figure moves during this stage; direction is a word of `phrases` ("up", "left", …)."""

    figure: str
    effect: Effect
    stage: int
    source: Goal | None = None
    goal: Goal | None = None
    direction: str = ""
    span: tuple[float, float] | None = None


@dataclass
class Presence:
    """The figure is to be seen from span[0] to span[1] of the scene and at no other time."""

    figure: str
    span: tuple[float, float]


@dataclass
class Larger:
    """The figure's sides are factor times as long as the other's."""

    figure: str
    other: str
    factor: float


Fact = State | Motion | Presence | Larger


@dataclass
class Said:
    """A clause with its noun phrases resolved; parts are the complements about things."""

    clause: Clause
    stage: int
    subjects: list[Thing] = field(default_factory=list)
    objects: list[Thing] = field(default_factory=list)
    parts: list[tuple[Complement, list[Thing], list[Thing]]] = field(default_factory=list)
    crossing: bool = False


@dataclass
class SceneFacts:
    """All that was read in one scene, things in the order they are spoken of."""

    things: list[Thing] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    places: list[tuple[str, NounPhrase]] = field(default_factory=list)
    times: list[tuple[str, NounPhrase]] = field(default_factory=list)
    mentions: list[tuple[NounPhrase, list[Thing]]] = field(default_factory=list)
    verbs: dict[str, str] = field(default_factory=dict)
    owners: dict[int, list[Thing]] = field(default_factory=dict)
    elided: list[Thing] = field(default_factory=list)

    def add(self, things: list[Thing]) -> None:
        """Note things as seen in this scene."""
        self.things += [thing for thing in things if thing not in self.things]
