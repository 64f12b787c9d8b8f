"""Places for waypoints, and changes of them."""

from .tracks import Target, Track

LEFT, RIGHT, TOP, BOTTOM = 0.2, 0.8, 0.22, 0.78


def opposite(goal: Target, last: Target | None) -> Target:
    """Where something comes from that goes to a place, when nothing is said of it."""
    if goal.relation:
        return Target(x=LEFT)
    if goal.x == 0.5 and goal.y == 0.5:
        return Target(x=LEFT)
    return Target(None if goal.x is None else 1 - goal.x, None if goal.y is None else 1 - goal.y)


def inward(source: Target) -> Target:
    if source.relation:
        return Target(x=RIGHT)
    x = None if source.x is None else 0.56 if source.x < 0.5 else 0.44
    return Target(x, None if source.y is None else 0.5)


def edge_target(edge: tuple[float | None, float | None], track: Track) -> Target:
    """The place at an edge where the whole box is still inside the frame."""
    half = (track.width / 2, track.height / 2)
    x, y = (
        None if value is None else min(max(value, half[axis]), 1 - half[axis])
        for axis, value in enumerate(edge)
    )
    return Target(x, y)


def shifted(base: Target, dx: float) -> Target:
    return Target(base.x, base.y, base.relation, base.grounds, dx, 0.0)


def rescaled(base: Target, scale: float) -> Target:
    return Target(base.x, base.y, base.relation, base.grounds, scale=scale)
