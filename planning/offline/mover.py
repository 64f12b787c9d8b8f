"""Plain motion from one place to another, written down as waypoints."""

from .facts import Goal, Motion
from .targets import BOTTOM, TOP, inward, opposite, shifted
from .tracks import Target, Track

Span = tuple[float, float]


class Mover:
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
        """From source to goal; a little to the right when nothing is said."""
        if self.source and self.goal:
            self._between(self.source, self._after(self.source, self.goal))
        elif self.goal and self.last and self.last.relation and self.goal.relation:
            self._between(self.last, self.goal)
        elif self.goal:
            for name in self.goal.grounds if self.last is None else ():
                if not self.known[name].waypoints:
                    self.known[name].home_x = 0.76
            self.go(opposite(self.goal, self.last), self.goal)
        elif self.source:
            self.go(self.source, inward(self.source))
        elif self.last is None or self.last.relation == "":
            base = self.last or Target()
            self.go(shifted(base, -0.1), shifted(base, 0.1))

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
        self.go(self.source or Target(y=BOTTOM), self.goal or Target(y=TOP))

    def fall(self) -> None:
        """Down, to the goal if there is one."""
        self.go(self.source or Target(y=TOP), self.goal or Target(y=BOTTOM))

    def _show(self, time: float) -> None:
        self.track.visible = (time, self.track.visible[1])

    def _hide(self, time: float) -> None:
        self.track.visible = (self.track.visible[0], time)


# The corners to go by between two sides of a thing: (under it, over it).
_CORNERS = {
    ("left_of", "right_of"): (("left_below", "right_below"), ("left_above", "right_above")),
    ("right_of", "left_of"): (("right_below", "left_below"), ("right_above", "left_above")),
    ("above", "below"): (("right_above", "right_below"), ("left_above", "left_below")),
    ("below", "above"): (("right_below", "right_above"), ("left_below", "left_above")),
}
