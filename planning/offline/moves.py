"""The waypoints of each kind of motion."""

from collections.abc import Callable

from .facts import Goal, Motion
from .tracks import Target, Track

_LEFT, _RIGHT, _TOP, _BOTTOM = 0.2, 0.8, 0.22, 0.78
_EDGES = {"left": (0.0, None), "right": (1.0, None), "up": (None, 0.0), "down": (None, 1.0)}
Span = tuple[float, float]


class _Mover:
    """One motion of one track being written down as waypoints."""

    def __init__(self, track: Track, motion: Motion, span: Span, known: dict[str, Track]) -> None:
        self.track = track
        self.motion = motion
        self.start, self.end = span
        self.known = known
        self.source = self._target(motion.source)
        self.goal = self._target(motion.goal)
        self.last = track.waypoints[-1][1] if track.waypoints else None
        self.others = [t for t in known.values() if t.id != track.id]

    def _target(self, goal: Goal | None) -> Target | None:
        if goal is None:
            return None
        if goal.spot is not None:
            return Target(goal.spot.x, goal.spot.y)
        grounds = tuple(g for g in goal.grounds if g in self.known and g != self.track.id)
        return Target(relation=goal.relation, grounds=grounds) if grounds else None

    def go(self, *points: Target) -> None:
        """Pass through the points in equal times; an earlier place is kept until then."""
        path = list(points)
        if self.last is not None and self.source is None and len(path) > 1:
            path[0] = self.last
        steps = max(1, len(path) - 1)
        for index, target in enumerate(path):
            time = self.start + (self.end - self.start) * index / steps
            same = self.track.waypoints and abs(self.track.waypoints[-1][0] - time) < 1e-9
            if same:
                self.track.waypoints[-1] = (time, target)
            else:
                self.track.waypoints.append((time, target))

    def move(self) -> None:
        """From source to goal, or in the direction; a little to the right when nothing is said."""
        direction = _DIRECTIONS.get(self.motion.direction)
        if direction is not None:
            direction(self)
        elif self.source and self.goal:
            self._between(self.source, self._after(self.source, self.goal))
        elif self.goal and self.last and self.last.relation and self.goal.relation:
            self._between(self.last, self.goal)
        elif self.goal:
            self.go(_opposite(self.goal, self.last), self.goal)
        elif self.source:
            self.go(self.source, _inward(self.source))
        elif self.last is None or self.last.relation == "":
            base = self.last or Target()
            self.go(_shifted(base, -0.1), _shifted(base, 0.1))

    def _between(self, source: Target, goal: Target) -> None:
        """From one place to another, around what stands between them."""
        sides = (source.relation, goal.relation)
        if source.grounds == goal.grounds and sides in _CORNERS:
            lane = "below" if self.track.ground else "above"
            corners = _CORNERS[sides][lane == "above"]
            way = [Target(relation=name, grounds=goal.grounds) for name in corners]
            for name in goal.grounds:
                self.known[name].home_x = 0.5
            self.go(source, *way, goal)
        else:
            self.go(source, goal)

    def _after(self, source: Target, goal: Target) -> Target:
        """ "from the left of a house to the right" means the house's right."""
        side = {0.22: "left_of", 0.78: "right_of"}.get(goal.x or 0.5)
        if source.relation and side and goal.y is None and not goal.relation:
            return Target(relation=side, grounds=source.grounds)
        if goal.relation and not goal.grounds:
            return Target(relation=goal.relation, grounds=source.grounds)
        return goal

    def rise(self) -> None:
        """Up, to the goal if there is one."""
        self.go(self.source or Target(y=_BOTTOM), self.goal or Target(y=_TOP))

    def fall(self) -> None:
        """Down, to the goal if there is one."""
        self.go(self.source or Target(y=_TOP), self.goal or Target(y=_BOTTOM))

    def exit(self) -> None:
        """Out of the frame: at its edge, then gone."""
        side = self.goal if self.goal and not self.goal.relation else None
        edge = _EDGES.get(self.motion.direction, (1.0, None))
        if side is not None and side.x is not None and side.x != 0.5:
            edge = (float(side.x > 0.5), side.y)
        elif side is not None and side.y is not None:
            edge = (None, float(side.y > 0.5))
        if self.goal and self.goal.relation:
            self.go(Target(x=_LEFT), self.goal)
        else:
            self.go(self.source or Target(x=0.45), _edge(edge, self.track))
        self._hide(self.start + (self.end - self.start) * 0.85)

    def enter(self) -> None:
        """From the edge into the frame."""
        edge = (0.0, None)
        if self.source and not self.source.relation:
            edge = (
                None if self.source.x is None else float(self.source.x > 0.5),
                None if self.source.y is None else float(self.source.y > 0.5),
            )
        elif self.goal and self.goal.x is not None and self.goal.x < 0.5:
            edge = (1.0, None)
        start = self.source if self.source and self.source.relation else _edge(edge, self.track)
        inner = self.goal or Target(
            x=0.5 if edge[0] is not None else None, y=0.5 if edge[1] is not None else None
        )
        if not self.goal and self.others and edge[0] is not None:
            inner = Target(x=0.36 if edge[0] < 0.5 else 0.64)
        if self.others and self.start == 0 and not self.motion.span and not self.source:
            self.start = 0.25
        self.last = None
        self.track.waypoints.clear()
        self.go(start, inner)
        self._show(self.start)

    def appear(self) -> None:
        """There all at once: halfway when others are there before, else after a third."""
        at = self.start if self.start > 0 else self._first_seen()
        if self.goal or self.source:
            self.track.waypoints[:] = [(0.0, self.goal or self.source or Target())]
        self._show(at)

    def _first_seen(self) -> float:
        if self.end < 1:
            return 0.0
        return 0.5 if self.others else 0.34

    def vanish(self) -> None:
        """Gone all at once."""
        if self.goal and self.goal.relation:
            self.go(Target(x=_LEFT), self.goal)
        self._hide(self.start + (self.end - self.start) * 0.6)

    def meet(self) -> None:
        """Up to the other, from the side."""
        if self.goal is None:
            index = list(self.known).index(self.track.id)
            sides = ((_LEFT, 0.36), (_RIGHT, 0.64))[index % 2]
            self.go(self.source or Target(x=sides[0]), Target(x=sides[1]))
            return
        ground = self.known[self.goal.grounds[0]]
        if not ground.waypoints:
            ground.home_x = 0.76
        near = Target(relation="left_of", grounds=self.goal.grounds)
        start = self.source or Target(x=0.16)
        if start.x is not None and start.x > 0.5:
            near = Target(relation="right_of", grounds=self.goal.grounds)
            ground.home_x = 0.24
        self.go(start, near)

    def follow(self) -> None:
        """Behind the other, both on their way to the right."""
        leaders = self.goal.grounds if self.goal else ()
        if not leaders:
            self.go(self.source or Target(x=_LEFT), Target(x=0.6))
            return
        for name in leaders:
            leader = self.known[name]
            if not leader.waypoints:
                leader.waypoints = [(self.start, Target(x=0.55)), (self.end, Target(x=_RIGHT))]
        behind = Target(relation="left_of", grounds=leaders)
        self.last = None
        self.go(behind, behind)

    def circle(self) -> None:
        """Around the other, or around the middle."""
        if self.goal and self.goal.grounds:
            ground = self.known[self.goal.grounds[0]]
            if not ground.waypoints:
                ground.home_x = ground.home_y = 0.5
            sides = ("left_of", "above", "right_of", "below", "left_of")
            self.go(*[Target(relation=side, grounds=self.goal.grounds) for side in sides])
        else:
            self.go(*[Target(0.5 + dx, 0.5 + dy) for dx, dy in _RING])

    def jump(self) -> None:
        """Onto the goal, or up and down again."""
        if self.goal:
            self.go(Target(x=_LEFT), self.goal)
        elif self.source or self.motion.direction in ("left", "right"):
            self.move()
        else:
            base = self.last or Target(y=0.7)
            self.go(base, Target(base.x, 0.34, base.relation, base.grounds), base)

    def passing(self) -> None:
        """Along the other from its left to its right: over, under or before it."""
        if not self.goal or not self.goal.grounds:
            side = self.source if self.source and self.source.x else Target(x=_LEFT)
            self.go(side, Target(x=1 - (side.x or _LEFT)))
            return
        grounds, lane = self.goal.grounds, _LANES.get(self.goal.relation, "in_front")
        for name in grounds:
            if not self.known[name].waypoints:
                self.known[name].home_x = 0.5
        if lane == "around":
            self.circle()
            return
        if lane in ("in_front", "same"):
            self.track.touches |= set(grounds)
        self.last = None
        if lane in ("above", "below"):
            ways = (f"left_{lane}", f"right_{lane}")
        else:
            ways = ("left_of", "right_of")
        self.go(*[Target(relation=way, grounds=grounds) for way in ways])

    def grow(self) -> None:
        """Larger where it is."""
        base = self.last or Target()
        self.go(_rescaled(base, 0.6), _rescaled(base, 1.2))

    def shrink(self) -> None:
        """Smaller where it is."""
        base = self.last or Target()
        self.go(_rescaled(base, 1.15), _rescaled(base, 0.6))

    def oscillate(self) -> None:
        """To the right and back."""
        self.go(Target(x=0.25), Target(x=0.75), Target(x=0.25))

    def bob(self) -> None:
        """Up and down again."""
        self.go(Target(y=0.62), Target(y=0.36), Target(y=0.62))

    def recede(self) -> None:
        """Away from the viewer: smaller and higher."""
        self.go(Target(y=0.66), Target(y=0.42, scale=0.6))

    def _show(self, time: float) -> None:
        self.track.visible = (time, self.track.visible[1])

    def _hide(self, time: float) -> None:
        self.track.visible = (self.track.visible[0], time)


def _opposite(goal: Target, last: Target | None) -> Target:
    """Where something comes from that goes to a place, when nothing is said of it."""
    if goal.relation:
        return Target(x=_LEFT)
    if goal.x == 0.5 and goal.y == 0.5:
        return Target(x=_LEFT)
    return Target(None if goal.x is None else 1 - goal.x, None if goal.y is None else 1 - goal.y)


def _inward(source: Target) -> Target:
    if source.relation:
        return Target(x=_RIGHT)
    x = None if source.x is None else 0.56 if source.x < 0.5 else 0.44
    return Target(x, None if source.y is None else 0.5)


def _edge(edge: tuple[float | None, float | None], track: Track) -> Target:
    """The place at an edge where the whole box is still inside the frame."""
    half = (track.width / 2, track.height / 2)
    x, y = (
        None if value is None else min(max(value, half[axis]), 1 - half[axis])
        for axis, value in enumerate(edge)
    )
    return Target(x, y)


def _shifted(base: Target, dx: float) -> Target:
    return Target(base.x, base.y, base.relation, base.grounds, dx, 0.0)


def _rescaled(base: Target, scale: float) -> Target:
    return Target(base.x, base.y, base.relation, base.grounds, scale=scale)


# The corners to go by between two sides of a thing: (under it, over it).
_CORNERS = {
    ("left_of", "right_of"): (("left_below", "right_below"), ("left_above", "right_above")),
    ("right_of", "left_of"): (("right_below", "left_below"), ("right_above", "left_above")),
    ("above", "below"): (("right_above", "right_below"), ("left_above", "left_below")),
    ("below", "above"): (("right_below", "right_above"), ("left_below", "left_above")),
}
_RING = ((-0.26, 0.0), (0.0, -0.26), (0.26, 0.0), (0.0, 0.26), (-0.26, 0.0))
_LANES = {"above": "above", "over": "above", "below": "below", "under": "below", "on": "on",
          "across": "on", "around": "around", "through": "same", "past": "in_front"}  # fmt: skip
_DIRECTIONS: dict[str, Callable[[_Mover], None]] = {
    "left": lambda m: m.go(m.source or Target(x=_RIGHT), Target(x=_LEFT)),
    "right": lambda m: m.go(m.source or Target(x=_LEFT), Target(x=_RIGHT)),
    "up": _Mover.rise,
    "down": _Mover.fall,
    "enter": _Mover.enter,
    "exit": _Mover.exit,
    "circle": _Mover.circle,
    "oscillate": _Mover.oscillate,
    "bob": _Mover.bob,
    "approach_camera": _Mover.grow,
    "recede": _Mover.recede,
}
_EFFECTS: dict[str, Callable[[_Mover], None]] = {
    "move": _Mover.move,
    "rise": _Mover.rise,
    "fall": _Mover.fall,
    "exit": _Mover.exit,
    "enter": _Mover.enter,
    "appear": _Mover.appear,
    "vanish": _Mover.vanish,
    "meet": _Mover.meet,
    "follow": _Mover.follow,
    "circle": _Mover.circle,
    "jump": _Mover.jump,
    "pass": _Mover.passing,
    "grow": _Mover.grow,
    "shrink": _Mover.shrink,
    "bob": _Mover.bob,
}


def waypoints_of(track: Track, motion: Motion, span: Span, known: dict[str, Track]) -> None:
    """Write one motion's waypoints (and when it shows or hides the thing) into its track.

    Args:
        track: of the thing that moves; what it did before is in its waypoints.
        motion: what it does.
        span: from when to when, 0..1.
        known: the tracks of all things of the scene by id.
    """
    mover = _Mover(track, motion, span, known)
    # A direction in the frame beats the verb's own way: "flies in circles", "walks out of frame".
    special = motion.direction in ("enter", "exit", "circle", "oscillate", "bob", "recede")
    act = _DIRECTIONS[motion.direction] if special else _EFFECTS.get(motion.effect, _Mover.move)
    act(mover)
