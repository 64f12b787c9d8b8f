"""When things happen: facts become tracks with waypoints.

Stages of the text ("first … then …") share the scene's time equally. A thing that is said to move
twice in one stage moves twice one after the other.
"""

from math import ceil

from .facts import Goal, Larger, Motion, Presence, SceneFacts, State
from .groups import spread_groups
from .moves import waypoints_of
from .nouns import ANIMATE, MOBILE
from .sizes import Shape, crowding, row_fits, scaled, shape_of
from .things import Thing
from .tracks import Target, Track


def build_tracks(facts: SceneFacts, width: int, height: int) -> list[Track]:
    """Return one track per thing, in the order of the text.

    Args:
        facts: what was read in the scene.
        width, height: of the frame in pixels; boxes keep their shape in frames that are not square.
    """
    shapes = _shapes(facts)
    _drive(facts)
    states, motions = _ordered(facts)
    slices = _slices(motions)
    tracks = []
    short = min(width, height)
    for index, thing in enumerate(facts.things):
        shape = shapes[thing.id]
        x, y = _home(shape, index, facts, shapes)
        track = Track(thing.id, shape.width * short / width, shape.height * short / height, x, y)
        track.ground = shape.ground
        tracks.append(track)
    known = {track.id: track for track in tracks}
    for track in tracks:
        _fill(track, states.get(track.id, []), motions.get(track.id, []), slices, known)
    spread_groups(tracks)
    _presences(facts, known)
    return tracks


def _shapes(facts: SceneFacts) -> dict[str, Shape]:
    factor = crowding(len(facts.things))
    shapes = {thing.id: scaled(shape_of(thing), factor) for thing in facts.things}
    for fact in facts.facts:
        if isinstance(fact, Larger) and fact.other in shapes and fact.figure in shapes:
            shapes[fact.figure] = _sized(shapes[fact.figure], shapes[fact.other], fact.factor)
        if isinstance(fact, State) and fact.goal.relation == "inside":
            living = next((t.head in ANIMATE for t in facts.things if t.id == fact.figure), False)
            _fit_inside(fact, shapes, living)
    return shapes


def _sized(shape: Shape, other: Shape, factor: float) -> Shape:
    ratio = factor * (other.width * other.height / (shape.width * shape.height)) ** 0.5
    return Shape(shape.width * ratio, shape.height * ratio, shape.home, shape.ground)


def _fit_inside(fact: State, shapes: dict[str, Shape], holder_open: bool) -> None:
    holder = fact.goal.grounds[0]
    if holder not in shapes or fact.figure not in shapes:
        return
    outer, inner = shapes[holder], shapes[fact.figure]
    outer = Shape(max(outer.width, 0.3), max(outer.height, 0.3), outer.home, outer.ground)
    # Who sits in a boat or a chair shows above its rim.
    rim = 1.1 if holder_open else 0.72
    ratio = min(1.0, 0.72 * outer.width / inner.width, rim * outer.height / inner.height)
    shapes[holder] = outer
    shapes[fact.figure] = Shape(
        max(0.1, inner.width * ratio), max(0.1, inner.height * ratio), inner.home, inner.ground
    )


def _home(
    shape: Shape, index: int, facts: SceneFacts, shapes: dict[str, Shape]
) -> tuple[float, float]:
    """Where a thing stands when nothing is said: spread from left to right, many in rows."""
    count = len(facts.things)
    if count == 1:
        return 0.5, shape.home
    widths = [shapes[thing.id].width for thing in facts.things]
    columns = count if count <= 3 or row_fits(widths) else ceil(count**0.5)
    rows = -(-count // columns)
    row, column = divmod(index, columns)
    in_row = min(columns, count - row * columns)
    x = (column + 0.5) / in_row
    if rows == 1:
        return x, shape.home
    low = 0.18 if shape.home < 0.5 else 0.26
    return x, low + (0.82 - low) * row / (rows - 1)


def _drive(facts: SceneFacts) -> None:
    """Who is on a bicycle or in a boat and moves, moves with it: the motion is the vehicle's."""
    heads = {thing.id: thing.head for thing in facts.things}
    seats: dict[str, str] = {}
    for fact in facts.facts:
        if isinstance(fact, State) and fact.goal.relation in ("on", "inside", "riding"):
            if heads.get(fact.goal.grounds[0]) in MOBILE:
                seats[fact.figure] = fact.goal.grounds[0]
        elif isinstance(fact, Motion) and fact.figure in seats and fact.effect in ("move", "pass"):
            fact.figure = seats[fact.figure]


def _ordered(facts: SceneFacts) -> tuple[dict[str, list[State]], dict[str, list[Motion]]]:
    """Sort states and motions by figure; a state that comes after others is a move to it."""
    states: dict[str, list[State]] = {}
    motions: dict[str, list[Motion]] = {}
    for fact in facts.facts:
        if isinstance(fact, Motion):
            _add_motion(motions.setdefault(fact.figure, []), fact)
        elif isinstance(fact, State):
            mine = motions.get(fact.figure, [])
            earlier = states.get(fact.figure, [])
            before = [known.stage for known in earlier] + [known.stage for known in mine]
            later = bool(mine) or any(stage < fact.stage for stage in before)
            if later and fact.goal.relation not in ("riding",):
                _add_motion(
                    motions.setdefault(fact.figure, []),
                    Motion(fact.figure, "move", fact.stage, goal=fact.goal),
                )
            else:
                states.setdefault(fact.figure, []).append(fact)
    return states, motions


def _add_motion(mine: list[Motion], fact: Motion) -> None:
    """Append; a second motion in one stage comes after the first, unless it only refines it."""
    fact = Motion(**vars(fact))
    if mine and fact.stage <= mine[-1].stage:
        aimless = fact.goal is None and fact.source is None and not fact.direction
        if aimless and fact.effect in ("move", "meet", "jump"):
            return
        last = mine[-1]
        blank = last.goal is None and last.source is None and not last.direction
        if blank and last.effect == "move":
            mine.pop()
            fact.stage = last.stage
        else:
            fact.stage = last.stage + 1
    mine.append(fact)


def _slices(motions: dict[str, list[Motion]]) -> dict[int, tuple[float, float]]:
    """Share the scene's time among the stages in which something moves."""
    stages = sorted({fact.stage for mine in motions.values() for fact in mine})
    count = len(stages)
    return {stage: (i / count, (i + 1) / count) for i, stage in enumerate(stages)}


def _fill(
    track: Track,
    states: list[State],
    motions: list[Motion],
    slices: dict[int, tuple[float, float]],
    known: dict[str, Track],
) -> None:
    start = _start(track, states, known)
    if start is not None:
        track.waypoints.append((0.0, start))
    for motion in motions:
        span = motion.span or slices[motion.stage]
        waypoints_of(track, motion, span, known)
    if not motions and start is not None and start.relation:
        track.waypoints = [(0.0, start)] + [
            (time, start) for time in _times(start, known) if time > 0
        ]


def _times(target: Target, known: dict[str, Track]) -> list[float]:
    """A thing that keeps beside moving things is placed anew whenever they are."""
    return sorted({t for g in target.grounds for t, _ in known[g].waypoints})


def _start(track: Track, states: list[State], known: dict[str, Track]) -> Target | None:
    """The first state decides, the others are rules that the search tries to keep."""
    chosen: Target | None = None
    for state in sorted(states, key=lambda state: state.goal.relation == "beside"):
        target = target_of(state.goal, known)
        if target is None or track.id in target.grounds:
            continue
        if chosen is None or (target.x is not None and chosen.x is None and not chosen.relation):
            chosen = _joined(chosen, target)
        elif target.relation and _leans(target, track.id, known):
            track.rules.append(target)
        elif chosen.relation and target.relation:
            track.rules.append(target)
        else:
            chosen = _joined(chosen, target)
    if chosen is not None and chosen.relation and _leans(chosen, track.id, known):
        track.rules.append(chosen)
        return None
    return chosen


def _joined(first: Target | None, second: Target) -> Target:
    if first is None or first.relation or second.relation:
        return second if first is None or not first.relation else first
    x = first.x if first.x is not None else second.x
    return Target(x, first.y if first.y is not None else second.y)


def _leans(target: Target, name: str, known: dict[str, Track]) -> bool:
    """Whether the grounds are themselves placed by the thing, so that it cannot be by them."""
    open_ = list(target.grounds)
    seen: set[str] = set()
    while open_:
        ground = open_.pop()
        if ground == name:
            return True
        if ground not in seen:
            seen.add(ground)
            open_ += [g for target in known[ground].targets for g in target.grounds]
    return False


def target_of(goal: Goal | None, known: dict[str, Track]) -> Target | None:
    """Return a goal of the facts as a target, or None when it says nothing that can be placed."""
    if goal is None:
        return None
    if goal.spot is not None:
        return Target(goal.spot.x, goal.spot.y)
    grounds = tuple(ground for ground in goal.grounds if ground in known)
    return Target(relation=goal.relation, grounds=grounds) if grounds else None


def _presences(facts: SceneFacts, known: dict[str, Track]) -> None:
    for fact in facts.facts:
        if isinstance(fact, Presence) and fact.figure in known:
            known[fact.figure].visible = fact.span


def things_of(facts: SceneFacts) -> dict[str, Thing]:
    """Return the scene's things by id."""
    return {thing.id: thing for thing in facts.things}
