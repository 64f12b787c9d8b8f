"""What one clause says about where its things are and how they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import motion
from .adjectives import COMPARATIVES
from .clauses import Complement
from .facts import Fact, Goal, Larger, Motion, Presence, State
from .motion import Effect, effect_of
from .references import Thing

if TYPE_CHECKING:
    from .reading import Said

_RELATIONS = {
    **dict.fromkeys(("on", "onto", "atop", "upon", "off"), "on"),
    **dict.fromkeys(("above", "over", "overhead"), "above"),
    **dict.fromkeys(("below", "beneath", "under", "underneath"), "below"),
    **dict.fromkeys(("in", "into", "inside", "within", "out_of"), "inside"),
    **dict.fromkeys(("between", "among", "amid", "amidst"), "between"),
    **dict.fromkeys(("behind", "beyond"), "behind"),
    **dict.fromkeys(("in_front", "before"), "in_front"),
    **dict.fromkeys(("beside", "near", "by", "alongside", "against", "opposite", "along"), "beside"),
    **dict.fromkeys(("with", "at", "around", "to", "toward", "towards", "past", "from"), "beside"),
    **dict.fromkeys(("through", "across", "away_from", "other_side", "next"), "beside"),
    **dict.fromkeys(("left_of",), "left_of"),
    **dict.fromkeys(("right_of",), "right_of"),
}
_MENTIONS = frozenset("of about for like as than without despite during except per until".split())
_GOALS = frozenset("to toward towards onto into at".split())
_PASSES = frozenset("past over through across around other_side under".split())
_STAYS = frozenset("beside near by with behind in_front between along alongside above in inside".split())
_ABSENT = frozenset("absent missing gone invisible hidden".split())
_MUTUAL = {"left_of": "right_of", "right_of": "left_of", "above": "below", "below": "above"}


def clause_facts(said: Said) -> list[Fact]:
    """Return the facts of one resolved clause."""
    clause = said.clause
    effect = effect_of(clause.verb, clause.particles, clause.predicates)
    if clause.passive or clause.verb in motion.STILL and effect == "move":
        effect = ""
    facts: list[Fact] = []
    whens = [part for part, _, _ in said.parts if part.kind == "when"]
    if whens:
        effect, shown = _presence(said, effect, whens)
        facts += shown
    elif clause.negated:
        effect = ""
    facts += _comparisons(said)
    if said.objects:
        found = _object_facts(said, effect)
        facts += found
        if clause.verb in motion.MEETS | motion.FOLLOWS and any(
            isinstance(fact, Motion) for fact in found
        ):
            effect = ""
    return facts + _place_facts(said, effect, whens)


def _presence(
    said: Said, effect: Effect, whens: list[Complement]
) -> tuple[Effect, list[Fact]]:
    """Read "only in the first half", "until halfway", …; motion then keeps to that time."""
    clause, part = said.clause, whens[0]
    gone = clause.negated or bool(_ABSENT & {*clause.predicates}) or "away" in clause.particles
    gone = gone or clause.verb in ("hide", "miss")
    leaves = effect in ("vanish", "exit")
    low, high = part.span
    if part.word == "during":
        span = (0.0, low if low > 0 else high) if leaves else part.span
        if gone:
            span = (high, 1.0) if low <= 0 else (0.0, low)
    elif part.word == "until":
        span = (low, 1.0) if gone else (0.0, low)
    else:
        span = (0.0, low) if gone or leaves else (low, 1.0)
    moving = effect in ("move", "rise", "fall", "pass", "circle", "jump", "meet", "follow", "grow")
    if moving and not part.only and not gone:
        return effect, []
    if span == (0.0, 1.0):
        return effect, []
    kept = effect if moving else ""
    return kept, [Presence(thing.id, span) for thing in said.subjects]


def _comparisons(said: Said) -> list[Fact]:
    """ "The dog is bigger than the cat.", and "a dog larger than a cat"."""
    adjectives = [w for phrase in said.clause.subjects for w in phrase.adjectives]
    factor = next(
        (COMPARATIVES[w] for w in [*said.clause.predicates, *adjectives] if w in COMPARATIVES), None
    )
    if factor is None and "twice" in said.clause.particles:
        factor = 1.6
    for part, figures, grounds in said.parts:
        if part.word == "than" and grounds:
            return [Larger(f.id, grounds[0].id, factor or 1.4) for f in figures]
    return []


def _object_facts(said: Said, effect: Effect) -> list[Fact]:
    """What the verb does with its objects: rides, carries, meets, chases, or merely is near."""
    clause, stage = said.clause, said.stage
    ids = tuple(thing.id for thing in said.objects)
    facts: list[Fact] = []
    for thing in said.subjects:
        others = tuple(name for name in ids if name != thing.id)
        if not others:
            continue
        if clause.verb in motion.FOLLOWS and effect == "follow":
            facts.append(Motion(thing.id, "follow", stage, goal=Goal(None, "after", others)))
        elif effect == "meet" or clause.verb == "join":
            facts.append(Motion(thing.id, "meet", stage, goal=Goal(None, "beside", others[:1])))
        elif effect == "circle":
            facts.append(Motion(thing.id, "circle", stage, goal=Goal(None, "beside", others)))
        elif effect == "pass" or clause.verb == "pass":
            facts.append(Motion(thing.id, "pass", stage, goal=Goal(None, "past", others[:1])))
        elif clause.verb in motion.RIDES and clause.verb != "fly":
            facts.append(State(thing.id, Goal(None, "riding", others[:1]), stage))
    return facts or _held(said)


def _held(said: Said) -> list[Fact]:
    if not said.subjects:
        return []
    holder = said.subjects[0].id
    relation = "above" if said.clause.verb == "fly" else "beside"
    return [
        State(thing.id, Goal(None, relation, (holder,)), said.stage)
        for thing in said.objects
        if thing not in said.subjects
    ]


def _place_facts(said: Said, effect: Effect, whens: list[Complement]) -> list[Fact]:
    facts: list[Fact] = []
    mover = _movers(said, effect)
    source = goal = None
    direction = ""
    passing = False
    last: tuple[Thing, ...] = ()
    for part, figures, grounds in said.parts:
        made = _goal(part, grounds or list(last))
        last = tuple(grounds) or last
        if part.kind == "direction":
            direction = part.word
        if made is None:
            continue
        moved = [thing for thing in figures if thing in mover]
        if not moved or (effect == "" and not _shifts(said, part)):
            facts += _states(said, part, figures, made)
        elif _is_source(part, said):
            source = made
        elif _is_goal(part, effect, said):
            goal = Goal(made.spot, "toward" if part.word.startswith("toward") else made.relation,
                        made.grounds)  # fmt: skip
        elif part.kind == "ground" and part.word in _PASSES:
            goal, passing = Goal(None, part.word, made.grounds), True
        else:
            facts += _states(said, part, figures, made)
    direction = direction or _climbing(said)
    if said.crossing and effect == "move" and not (source or goal or direction):
        direction = "right"
    facts += _motions(said, mover, "pass" if passing else effect, source, goal, direction, whens)
    return facts


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
        return part.mode == "to" or effect in ("enter", "appear", "fall", "vanish") and (
            said.clause.verb in ("land", "arrive", "stop", "drop", "enter")
        )
    if part.mode == "to" or part.own or part.word in ("onto", "into"):
        return True
    if part.word in ("left_of", "right_of", "on", "below", "under", "behind", "between", "in_front"):
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


def _motions(
    said: Said,
    movers: list[Thing],
    effect: Effect,
    source: Goal | None,
    goal: Goal | None,
    direction: str,
    whens: list[Complement],
) -> list[Fact]:
    if not effect and source is None and goal is None and direction not in _FRAME_MOVES:
        return []
    if not effect:
        effect = "move"
    span = next((part.span for part in whens if part.span[0] < part.span[1]), None)
    if span is None and whens and whens[0].word in ("at", "from"):
        span = (whens[0].span[0], 1.0)
    elif span is None and whens and whens[0].word == "until":
        span = (0.0, whens[0].span[0])
    return [Motion(t.id, effect, said.stage, source, goal, direction, span) for t in movers]


_FRAME_MOVES = ("enter", "exit", "circle", "oscillate", "bob", "approach_camera", "recede")
