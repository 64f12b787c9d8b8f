"""What one clause says about where its things are and how they move."""

from . import motion
from .adjectives import COMPARATIVES
from .clauses import Complement
from .facts import Fact, Goal, Larger, Motion, Presence, Said, State
from .motion import Effect, effect_of
from .phrases import Spot
from .way import place_facts

_ABSENT = frozenset("absent missing gone invisible hidden".split())


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
    return facts + _aloft(said) + place_facts(said, effect, whens)


def _presence(said: Said, effect: Effect, whens: list[Complement]) -> tuple[Effect, list[Fact]]:
    """Read "only in the first half", "until halfway", …; motion then keeps to that time."""
    clause, part = said.clause, whens[0]
    gone = (
        clause.negated
        or bool(_ABSENT & {*clause.predicates})
        or (clause.verb == "be" and "away" in clause.particles)
    )
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
    fresh = all(phrase.det == "indefinite" for phrase in clause.subjects) and span != (0.0, 1.0)
    if fresh and part.word in ("during", "from") and effect and not (gone or leaves):
        shown = part.span if part.word == "during" else span
        return effect, [Presence(thing.id, shown) for thing in said.subjects]
    moving = effect in ("move", "rise", "fall", "pass", "circle", "jump", "meet", "follow", "grow")
    if moving and not part.only and not gone:
        return effect, []
    if span == (0.0, 1.0):
        return effect, []
    kept = effect if moving else ""
    return kept, [Presence(thing.id, span) for thing in said.subjects]


def _aloft(said: Said) -> list[Fact]:
    """ "seagulls circle above": a height of the frame when no ground is named."""
    for word, height in (("above", 0.26), ("overhead", 0.26), ("below", 0.76)):
        if word in said.clause.particles:
            goal = Goal(Spot(y=height))
            return [State(thing.id, goal, said.stage) for thing in said.subjects]
    return []


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
            others = [f for f in figures if f.id != grounds[0].id]
            return [Larger(f.id, grounds[0].id, factor or 1.4) for f in others]
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
