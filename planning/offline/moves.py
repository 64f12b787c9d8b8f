"""The waypoints of each kind of motion."""

from collections.abc import Callable

from .facts import Motion
from .mover import Mover, Span
from .targets import LEFT, RIGHT, edge_target, rescaled
from .tracks import Target, Track

_EDGES = {"left": (0.0, None), "right": (1.0, None), "up": (None, 0.0), "down": (None, 1.0)}


class _Actor(Mover):
    """All that verbs make things do, beyond going from one place to another."""

    def enter(self) -> None:
        """From the edge into the frame."""
        edge: tuple[float | None, float | None] = (0.0, None)
        if self.source and not self.source.relation:
            edge = (
                None if self.source.x is None else float(self.source.x > 0.5),
                None if self.source.y is None else float(self.source.y > 0.5),
            )
        elif self.goal and self.goal.x is not None and self.goal.x < 0.5:
            edge = (1.0, None)
        start = (
            self.source if self.source and self.source.relation else edge_target(edge, self.track)
        )
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

    def exit(self) -> None:
        """Out of the frame: at its edge, then gone."""
        side = self.goal if self.goal and not self.goal.relation else None
        edge = _EDGES.get(self.motion.direction, (1.0, None))
        if side is not None and side.x is not None and side.x != 0.5:
            edge = (float(side.x > 0.5), side.y)
        elif side is not None and side.y is not None:
            edge = (None, float(side.y > 0.5))
        if self.goal and self.goal.relation:
            self.go(Target(x=LEFT), self.goal)
        else:
            self.go(self.source or Target(x=0.45), edge_target(edge, self.track))
        self._hide(self.start + (self.end - self.start) * 0.85)

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
            self.go(Target(x=LEFT), self.goal)
        self._hide(self.start + (self.end - self.start) * 0.6)

    def meet(self) -> None:
        """Up to the other, from the side."""
        if self.goal is None or not self.goal.grounds:
            index = list(self.known).index(self.track.id)
            half = self.track.width / 2 + 0.02
            sides = ((LEFT, 0.5 - half), (RIGHT, 0.5 + half))[index % 2]
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
            self.go(self.source or Target(x=LEFT), Target(x=0.6))
            return
        for name in leaders:
            leader = self.known[name]
            if not leader.waypoints:
                leader.waypoints = [(self.start, Target(x=0.55)), (self.end, Target(x=RIGHT))]
        behind = Target(relation="left_of", grounds=leaders)
        self.last = None
        self.go(behind, behind)

    def circle(self) -> None:
        """Around the other, or around the middle."""
        if self.goal and self.goal.grounds:
            ground = self.known[self.goal.grounds[0]]
            if not ground.waypoints:
                ground.home_x = ground.home_y = 0.5
            corners = ("left_above", "right_above", "right_below", "left_below")
            sides = ("left_of", *corners, "left_of")
            self.go(*[Target(relation=side, grounds=self.goal.grounds) for side in sides])
        else:
            turn = list(self.known).index(self.track.id) % 4
            ring = [_RING[(turn + step) % 4] for step in range(5)]
            base = self.last if self.last and not self.last.relation else Target()
            self.last = None
            self.go(*[Target(base.x, base.y, dx=dx, dy=dy) for dx, dy in ring])

    def jump(self) -> None:
        """Onto the goal, or up and down again."""
        if self.goal:
            self.go(Target(x=LEFT), self.goal)
        elif self.motion.direction in ("left", "right"):
            _DIRECTIONS[self.motion.direction](self)
        elif self.source:
            self.move()
        else:
            base = self.last or Target(y=0.7)
            self.go(base, Target(base.x, 0.34, base.relation, base.grounds), base)

    def passing(self) -> None:
        """Along the other from its left to its right: over, under or before it."""
        if not self.goal or not self.goal.grounds:
            side = self.source if self.source and self.source.x else Target(x=LEFT)
            self.go(side, Target(x=1 - (side.x or LEFT)))
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
        self.go(rescaled(base, 0.6), rescaled(base, 1.2))

    def shrink(self) -> None:
        """Smaller where it is."""
        base = self.last or Target()
        self.go(rescaled(base, 1.15), rescaled(base, 0.6))

    def oscillate(self) -> None:
        """To the right and back."""
        self.go(Target(x=0.25), Target(x=0.75), Target(x=0.25))

    def bob(self) -> None:
        """Up and down again."""
        self.go(Target(y=0.62), Target(y=0.36), Target(y=0.62))

    def recede(self) -> None:
        """Away from the viewer: smaller and higher."""
        self.go(Target(y=0.66), Target(y=0.42, scale=0.6))


_RING = ((-0.15, 0.0), (0.0, -0.15), (0.15, 0.0), (0.0, 0.15))
_LANES = {"above": "above", "over": "above", "below": "below", "under": "below", "on": "on",
          "across": "on", "around": "around", "through": "same", "past": "in_front"}  # fmt: skip
_DIRECTIONS: dict[str, Callable[[_Actor], None]] = {
    "left": lambda m: m.go(m.source or Target(x=RIGHT), Target(x=LEFT)),
    "right": lambda m: m.go(m.source or Target(x=LEFT), Target(x=RIGHT)),
    "up": _Actor.rise,
    "down": _Actor.fall,
    "enter": _Actor.enter,
    "exit": _Actor.exit,
    "circle": _Actor.circle,
    "oscillate": _Actor.oscillate,
    "bob": _Actor.bob,
    "approach_camera": _Actor.grow,
    "recede": _Actor.recede,
}
# What these do is not a way through the frame, or they see to the direction themselves.
_OWN_WAY = frozenset(
    "exit enter appear vanish meet follow circle jump pass grow shrink rise fall".split()
)
_EFFECTS: dict[str, Callable[[_Actor], None]] = {
    "move": _Actor.move,
    "rise": _Actor.rise,
    "fall": _Actor.fall,
    "exit": _Actor.exit,
    "enter": _Actor.enter,
    "appear": _Actor.appear,
    "vanish": _Actor.vanish,
    "meet": _Actor.meet,
    "follow": _Actor.follow,
    "circle": _Actor.circle,
    "jump": _Actor.jump,
    "pass": _Actor.passing,
    "grow": _Actor.grow,
    "shrink": _Actor.shrink,
    "bob": _Actor.bob,
}


def waypoints_of(track: Track, motion: Motion, span: Span, known: dict[str, Track]) -> None:
    """Write one motion's waypoints (and when it shows or hides the thing) into its track.

    Args:
        track: of the thing that moves; what it did before is in its waypoints.
        motion: what it does.
        span: from when to when, 0..1.
        known: the tracks of all things of the scene by id.
    """
    mover = _Actor(track, motion, span, known)
    # A direction in the frame beats the verb's own way: "flies in circles", "walks out of frame".
    direction = _DIRECTIONS.get(motion.direction)
    special = motion.direction in ("enter", "exit", "circle", "oscillate", "bob", "recede")
    if direction is not None and (special or motion.effect not in _OWN_WAY):
        direction(mover)
    else:
        _EFFECTS.get(motion.effect, _Actor.move)(mover)
