"""Boxes from tracks: a small deterministic search for a layout that holds what was said.

Every track has a base (a point of the frame) and a side; what the text fixes follows from them.
Coordinate descent moves one base at a time to the candidate of least cost: leaving the frame,
overlapping, breaking a relation, and, weakest, standing far from home. Things are drawn smaller
when they cannot be kept apart.
"""

from dataclasses import dataclass, replace

from .geometry import Rect, inside_frame, outside, overlap, related, violation
from .tracks import Target, Track

_XS = (0.14, 0.23, 0.32, 0.41, 0.5, 0.59, 0.68, 0.77, 0.86)
_YS = (0.16, 0.26, 0.36, 0.46, 0.56, 0.66, 0.76, 0.86)
_PASSES = 3
_MANY = 5  # more things than this are placed on every second candidate
_SHRINKS = 7
_MARGIN = 0.012
_TOUCHING = frozenset("on riding inside in_front behind same".split())


@dataclass(frozen=True)
class Choice:
    """The free part of a track: its base and its side."""

    x: float
    y: float
    side: int = 1


class Layout:
    """The tracks of one scene with a choice for each; boxes follow from both."""

    def __init__(self, tracks: list[Track]) -> None:
        self.tracks = {track.id: track for track in tracks}
        self.choices = {track.id: Choice(track.home_x, track.home_y) for track in tracks}
        self.times = _times(tracks)
        self.leaning = {track.id: _dependents(track.id, tracks) for track in tracks}
        self._memo: dict[tuple[str, float], Rect] = {}
        self._open: set[tuple[str, float]] = set()

    def rect(self, name: str, time: float) -> Rect:
        """Return a thing's box at a time, not yet moved into the frame."""
        key = (name, time)
        if key not in self._memo:
            self._open.add(key)
            self._memo[key] = self._between(self.tracks[name], time)
            self._open.discard(key)
        return self._memo[key]

    def _between(self, track: Track, time: float) -> Rect:
        points = track.waypoints
        if not points:
            return self._at(track, Target(), time)
        before = max((p for p in points if p[0] <= time), default=points[0], key=lambda p: p[0])
        after = min((p for p in points if p[0] > time), default=before, key=lambda p: p[0])
        if after[0] <= before[0] or time <= before[0]:
            return self._at(track, before[1], max(time, before[0]))
        a, b = self._at(track, before[1], before[0]), self._at(track, after[1], after[0])
        share = (time - before[0]) / (after[0] - before[0])
        return Rect(*(p + (q - p) * share for p, q in zip(a, b, strict=True)))

    def _at(self, track: Track, target: Target, time: float) -> Rect:
        choice = self.choices[track.id]
        width, height = track.width * target.scale, track.height * target.scale
        x = choice.x if target.x is None else target.x
        y = choice.y if target.y is None else target.y
        grounds = [g for g in target.grounds if g in self.tracks and (g, time) not in self._open]
        if target.relation and grounds:
            rects = [self.rect(g, time) for g in grounds]
            level = self._level(track, grounds)
            x, y = related(target.relation, width, height, rects, choice.side, level)
        y = y if target.level is None else target.level
        return Rect(x + target.dx, y + target.dy, width, height)

    def _level(self, track: Track, grounds: list[str]) -> bool:
        return track.ground and all(self.tracks[g].ground for g in grounds)

    def cost(self, names: set[str]) -> float:
        """Return the cost of all terms that involve one of the names."""
        self._memo.clear()
        total = 0.0
        for name in names:
            total += self._own_cost(self.tracks[name])
        for first, second in self._pairs(names):
            total += self._pair_cost(first, second)
        return total

    def _pairs(self, names: set[str]) -> list[tuple[Track, Track]]:
        order = list(self.tracks.values())
        return [
            (a, b)
            for i, a in enumerate(order)
            for b in order[i + 1 :]
            if (a.id in names or b.id in names) and b.id not in a.touches and a.id not in b.touches
        ]

    def _own_cost(self, track: Track) -> float:
        choice = self.choices[track.id]
        total = 0.4 * (choice.x - track.home_x) ** 2 + 0.5 * (choice.y - track.home_y) ** 2
        total += 0.001 * (choice.side < 0)
        for time, target in track.waypoints or [(0.0, Target())]:
            total += 10 * outside(self.rect(track.id, time))
            if target.relation and target.grounds:
                total += self._broken(track, target, time)
        for rule in track.rules:
            total += self._broken(track, rule, 0.0)
        return total

    def _broken(self, track: Track, target: Target, time: float) -> float:
        grounds = [self.rect(g, time) for g in target.grounds if g in self.tracks]
        if not grounds:
            return 0.0
        size = violation(target.relation, self.rect(track.id, time), grounds)
        return 1.0 + 4 * size if size > 1e-6 else 0.0

    def _pair_cost(self, a: Track, b: Track) -> float:
        total = 0.0
        for time in self.times:
            if a.seen(time) and b.seen(time):
                share = overlap(self.rect(a.id, time), self.rect(b.id, time), _MARGIN)
                total += 0.4 + 3 * share if share > 0 else 0.0
        return total

    def crowded(self) -> bool:
        """Whether some boxes overlap, or leave the frame, that should not."""
        self._memo.clear()
        if any(self._pair_cost(a, b) > 0 for a, b in self._pairs(set(self.tracks))):
            return True
        return any(
            outside(self.rect(name, time)) > 0.015
            for name, track in self.tracks.items()
            for time, _ in track.waypoints or [(0.0, Target())]
        )


def _times(tracks: list[Track]) -> list[float]:
    times = sorted({0.0} | {time for track in tracks for time, _ in track.waypoints})
    middles = [(a + b) / 2 for a, b in zip(times, times[1:], strict=False)]
    return sorted({*times, *middles})


def _dependents(name: str, tracks: list[Track]) -> set[str]:
    """The track itself and all that are placed by it, directly or through others."""
    found = {name}
    while True:
        more = {
            track.id
            for track in tracks
            if any(found & {*target.grounds} for target in [*track.targets, *track.rules])
        }
        if more <= found:
            return found
        found |= more


def _candidates(track: Track, coarse: bool) -> list[Choice]:
    every = 2 if coarse else 1
    targets = track.targets or [Target()]
    free = [t for t in targets if not (t.relation and t.grounds)]
    xs = sorted({*_XS[::every], track.home_x}) if any(t.x is None for t in free) else [track.home_x]
    ys = sorted({*_YS[::every], track.home_y}) if any(t.y is None for t in free) else [track.home_y]
    sided = any(t.relation in ("beside", "toward", "in_front", "behind") for t in targets)
    return [Choice(x, y, side) for side in ((1, -1) if sided else (1,)) for x in xs for y in ys]


def place(tracks: list[Track]) -> Layout:
    """Return the layout of least cost that the search finds, things made smaller if need be."""
    _allow_touching(tracks)
    layout = Layout(tracks)
    _search(layout)
    for _ in range(_SHRINKS):
        if not layout.crowded():
            break
        tracks = [replace(t, width=t.width * 0.9, height=t.height * 0.9) for t in tracks]
        smaller = Layout(tracks)
        everything = set(smaller.tracks)
        fresh = smaller.cost(everything)
        homes, smaller.choices = smaller.choices, layout.choices
        if fresh < smaller.cost(everything):
            smaller.choices = homes
        layout = smaller
        _search(layout)
    return layout


def _allow_touching(tracks: list[Track]) -> None:
    """What is on, in, in front of or behind something may overlap it."""
    for track in tracks:
        for target in [*track.targets, *track.rules]:
            if target.relation in _TOUCHING:
                track.touches |= set(target.grounds)


def _search(layout: Layout) -> None:
    """Improve the layout's choices, one track after the other, until none gets better."""
    tracks = list(layout.tracks.values())
    options = {track.id: _candidates(track, coarse=len(tracks) > _MANY) for track in tracks}
    for _ in range(_PASSES):
        changed = False
        for track in tracks:
            names = layout.leaning[track.id]
            best = layout.choices[track.id]
            least = layout.cost(names) - 1e-9
            for choice in options[track.id]:
                layout.choices[track.id] = choice
                cost = layout.cost(names)
                if cost < least:
                    best, least, changed = choice, cost, True
            layout.choices[track.id] = best
        if not changed:
            break
    layout.cost(set())


def box_at(layout: Layout, name: str, time: float) -> tuple[float, float, float, float]:
    """Return a thing's box (xyxy, four decimals) at a time, moved into the frame."""
    rect = inside_frame(layout.rect(name, time))
    corners = (rect.left, rect.top, rect.right, rect.bottom)
    x0, y0, x1, y1 = (round(min(1.0, max(0.0, value)), 4) for value in corners)
    return x0, y0, x1, y1
