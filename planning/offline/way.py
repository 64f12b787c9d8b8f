"""Where the subjects of a clause are or go, from its complements of place."""

from . import motion
from .clauses import Complement
from .facts import Fact, Goal, Motion, Said, State
from .motion import Effect
from .things import Thing

_RELATIONS = {
    **dict.fromkeys(("on", "onto", "atop", "upon", "off"), "on"),
    **dict.fromkeys(("above", "over", "overhead"), "above"),
    **dict.fromkeys(("below", "beneath", "under", "underneath"), "below"),
    **dict.fromkeys(("in", "into", "inside", "within", "out_of"), "inside"),
    **dict.fromkeys(("between", "among", "amid", "amidst"), "between"),
    **dict.fromkeys(("behind", "beyond"), "behind"),
    **dict.fromkeys(("in_front", "before"), "in_front"),
    **dict.fromkeys(
        ("beside", "near", "by", "alongside", "against", "opposite", "along"), "beside"
    ),
    **dict.fromkeys(("with", "at", "around", "to", "toward", "towards", "past", "from"), "beside"),
    **dict.fromkeys(("through", "across", "away_from", "other_side", "next"), "beside"),
    **dict.fromkeys(("left_of",), "left_of"),
    **dict.fromkeys(("right_of",), "right_of"),
}
_MENTIONS = frozenset("of about for like as than without despite during except per until".split())
_PASSES = frozenset("past over through across around other_side under".split())
_STAYS = frozenset(
    "beside near by with behind in_front between along alongside above in inside".split()
)
_FRAME_MOVES = ("enter", "exit", "circle", "oscillate", "bob", "approach_camera", "recede")


class _Way:
    """Source, goal and direction of one clause's motion, gathered part by part."""

    def __init__(self, said: Said, effect: Effect) -> None:
        self.said, self.effect = said, effect
        self.movers = _movers(said, effect)
        self.source: Goal | None = None
        self.goal: Goal | None = None
        self.direction = ""
        self.facts: list[Fact] = []

    def take(self, part: Complement, figures: list[Thing], grounds: list[Thing]) -> None:
        """Read one complement: as where the motion starts or ends, or as where something is."""
        made = _goal(part, grounds)
        if part.kind == "direction":
            self.direction = part.word
        if made is None:
            return
        moved = [thing for thing in figures if thing in self.movers]
        if part.word == "with" and grounds and figures:
            self._company((moved or figures)[0], grounds)
        elif not moved or not self._leads(part):
            self.facts += _states(self.said, part, figures, made)
        elif _is_source(part, self.said):
            self.source = made
        elif _is_goal(part, self.effect, self.said):
            toward = "toward" if part.word.startswith("toward") else made.relation
            self.goal = Goal(made.spot, toward, made.grounds)
        elif part.kind == "ground" and part.word in _PASSES:
            self.goal, self.effect = Goal(None, part.word, made.grounds), "pass"
        else:
            self.facts += _states(self.said, part, figures, made)

    def _leads(self, part: Complement) -> bool:
        """Whether the part is about the motion, not about where its figure is anyway."""
        attributive = part.early and part.kind == "ground" and part.mode == "at"
        return not attributive and (self.effect != "" or _shifts(self.said, part))

    def _company(self, mover: Thing, company: list[Thing]) -> None:
        """Company goes along: it is placed beside the other."""
        beside = Goal(None, "beside", (mover.id,))
        self.facts += [State(t.id, beside, self.said.stage) for t in company if t is not mover]

    def finish(self, whens: list[Complement]) -> list[Fact]:
        """Return all facts, the motion last."""
        self.direction = self.direction or _climbing(self.said)
        aimless = not (self.source or self.goal or self.direction)
        if self.said.crossing and self.effect == "move" and aimless:
            self.direction = "right"
        return self.facts + self._motions(whens)

    def _motions(self, whens: list[Complement]) -> list[Fact]:
        still = not self.effect and self.source is None and self.goal is None
        if still and self.direction not in _FRAME_MOVES:
            return []
        span = next((part.span for part in whens if part.span[0] < part.span[1]), None)
        if span is None and whens and whens[0].word in ("at", "from"):
            span = (whens[0].span[0], 1.0)
        elif span is None and whens and whens[0].word == "until":
            span = (0.0, whens[0].span[0])
        effect = self.effect or "move"
        way = (self.said.stage, self.source, self.goal, self.direction, span)
        return [Motion(thing.id, effect, *way) for thing in self.movers]


def place_facts(said: Said, effect: Effect, whens: list[Complement]) -> list[Fact]:
    """Return where the clause's things are and how they move.

    Args:
        said: the resolved clause.
        effect: what its verb does.
        whens: its complements of time; motion keeps to that time.
    """
    way = _Way(said, effect)
    last: list[Thing] = []
    for part, figures, grounds in said.parts:
        way.take(part, figures, grounds or last)
        last = grounds or last
    return way.finish(whens)


def _movers(said: Said, effect: Effect) -> list[Thing]:
    ridden = said.clause.verb in motion.RIDES and said.clause.verb != "fly"
    if effect and ridden and said.objects:
        return said.objects
    return said.subjects


def _shifts(said: Said, part: Complement) -> bool:
    """ "starts on the left and ends on the right": a move although no verb of motion says so."""
    if part.kind != "spot" or part.mode == "at" or said.clause.verb in motion.STILL:
        return False
    return any(other.mode == "from" and other.kind == "spot" for other, _, _ in said.parts) or (
        said.clause.verb in ("start", "end", "begin", "finish", "stop")
    )


def _goal(part: Complement, grounds: list[Thing]) -> Goal | None:
    if part.kind == "spot":
        return Goal(part.spot)
    if part.kind != "ground" or not grounds or part.word in _MENTIONS:
        return None
    return Goal(None, _RELATIONS.get(part.word, "beside"), tuple(thing.id for thing in grounds))


def _is_source(part: Complement, said: Said) -> bool:
    entering = said.clause.verb in ("enter", "come") and part.kind == "spot" and part.mode == "at"
    return part.mode == "from" or part.word in ("out_of", "away_from", "off") or entering


def _is_goal(part: Complement, effect: Effect, said: Said) -> bool:
    if part.kind == "spot":
        return (
            part.mode == "to"
            or effect == "meet"
            or said.clause.verb in ("land", "arrive", "stop", "drop", "enter")
        )
    if part.mode == "to" or part.own or part.word in ("onto", "into"):
        return True
    if part.word in (
        "left_of",
        "right_of",
        "on",
        "below",
        "under",
        "behind",
        "between",
        "in_front",
    ):
        return said.clause.verb not in ("walk", "run", "fly", "float", "hover", "play", "roll") or (
            part.word in ("left_of", "right_of")
        )
    return effect in ("jump", "fall", "enter", "rise") and part.word in _STAYS | {"in"}


def _states(said: Said, part: Complement, figures: list[Thing], goal: Goal) -> list[Fact]:
    if part.kind == "spot" and said.clause.verb in motion.STILL and part.mode == "to":
        return []
    made: list[Fact] = []
    for thing in figures:
        grounds = tuple(name for name in goal.grounds if name != thing.id)
        if goal.spot is not None or grounds:
            made.append(State(thing.id, Goal(goal.spot, goal.relation, grounds), said.stage))
    return made


def _climbing(said: Said) -> str:
    for part, _, _ in said.parts:
        if part.kind == "ground" and part.word in ("up", "down"):
            return part.word
    for word, to in (("left", "left"), ("right", "right"), ("up", "up"), ("down", "down")):
        if word in said.clause.particles or f"{word}wards" in said.clause.particles:
            return to
    return ""
