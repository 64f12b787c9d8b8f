"""Several things in one and the same relation to another: spread so that none hides the next."""

from dataclasses import replace
from math import ceil

from .tracks import Track

_ROWS = frozenset("on above below riding".split())
_FREE = frozenset("left_of right_of beside toward in_front behind after".split())


def spread_groups(tracks: list[Track]) -> None:
    """Change the tracks of things that would all be put at the same place by one relation.

    Side by side relations become rules and leave the places to the search; what is on, above or
    below something stands in a row; what is inside something fills it row by row.
    """
    _meet_apart(tracks)
    groups: dict[tuple[str, tuple[str, ...]], list[Track]] = {}
    for track in tracks:
        relations = {(t.relation, t.grounds) for t in track.targets if t.relation}
        if len(relations) == 1:
            groups.setdefault(relations.pop(), []).append(track)
    known = {track.id: track for track in tracks}
    for (relation, grounds), members in groups.items():
        ground = known[grounds[0]]
        if len(members) < 2:
            continue
        if relation in _ROWS:
            _row(members, ground)
        elif relation == "inside":
            _grid(members, ground)
        elif relation in _FREE and any(len(member.waypoints) > 1 for member in members):
            _column(members)
        elif relation in _FREE:
            for member in members:
                member.rules += [target for _, target in member.waypoints]
                member.waypoints = []


def _meet_apart(tracks: list[Track]) -> None:
    """Things sent to one and the same point of the frame stand side by side there."""
    at: dict[tuple[float, float, float], list[Track]] = {}
    for track in tracks:
        for time, target in track.waypoints:
            if target.x is not None and target.y is not None and not target.relation:
                at.setdefault((time, target.x, target.y), []).append(track)
    for (time, x, y), members in at.items():
        room = 0.96 / len(members)
        for index, member in enumerate(members if len(members) > 1 else []):
            if member.width > 0.94 * room:
                member.height *= 0.94 * room / member.width
                member.width = 0.94 * room
            wide = min(room, 1.12 * max(other.width for other in members))
            dx = (index - (len(members) - 1) / 2) * wide
            shift = max(-x + room * len(members) / 2, 0) - max(x + room * len(members) / 2 - 1, 0)
            member.waypoints = [
                (
                    t,
                    replace(p, dx=dx + (shift if wide == room else 0))
                    if (t, p.x, p.y) == (time, x, y)
                    else p,
                )
                for t, p in member.waypoints
            ]


def _row(members: list[Track], ground: Track) -> None:
    ground.width = max(ground.width, min(0.92, 0.15 * len(members)))
    room = max(ground.width, 0.5)
    width = min(members[0].width, 0.94 * room / len(members))
    for index, member in enumerate(members):
        member.height *= width / member.width if member.width > width else 1
        member.width = min(member.width, width)
        _shift(member, (index - (len(members) - 1) / 2) * (width * 1.06), 0.0)


def _column(members: list[Track]) -> None:
    """One over the other, each in its own lane while it moves."""
    room = 0.94 / len(members)
    for index, member in enumerate(members):
        if member.height > 0.94 * room:
            member.width *= 0.94 * room / member.height
            member.height = 0.94 * room
        member.home_y = room * (index + 0.5) + 0.03
        member.ground = False
        member.waypoints = [
            (
                time,
                replace(t, y=member.home_y) if not t.relation else replace(t, level=member.home_y),
            )
            for time, t in member.waypoints
        ]


def _grid(members: list[Track], ground: Track) -> None:
    columns = ceil(len(members) ** 0.5)
    rows = ceil(len(members) / columns)
    ground.width = max(ground.width, min(0.62, 0.14 * columns))
    ground.height = max(ground.height, min(0.62, 0.14 * rows))
    cell = min(0.9 * ground.width / columns, 0.9 * ground.height / rows)
    for index, member in enumerate(members):
        longest = max(member.width, member.height)
        if longest > 0.92 * cell:
            member.width *= 0.92 * cell / longest
            member.height *= 0.92 * cell / longest
        row, column = divmod(index, columns)
        in_row = min(columns, len(members) - row * columns)
        low = 0.42 * ground.height - member.height / 2
        dy = -low + (row - (rows - 1) / 2) * cell
        _shift(member, (column - (in_row - 1) / 2) * cell, dy)


def _shift(member: Track, dx: float, dy: float) -> None:
    member.waypoints = [
        (time, replace(t, dx=t.dx + dx, dy=t.dy + dy)) for time, t in member.waypoints
    ]
