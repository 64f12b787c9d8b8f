"""Boxes by their centres, and where a relation puts one box beside another. All sizes 0..1."""

from typing import NamedTuple

GAP = 0.025


class Rect(NamedTuple):
    """A box by centre and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + self.height / 2


def overlap(a: Rect, b: Rect, margin: float = 0.0) -> float:
    """Return the common area as a share of the smaller box, both grown by half the margin."""
    wide = min(a.right, b.right) - max(a.left, b.left) + margin
    high = min(a.bottom, b.bottom) - max(a.top, b.top) + margin
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / max(1e-6, min(a.width * a.height, b.width * b.height))


def outside(rect: Rect) -> float:
    """Return by how much a box leaves the frame, all four sides added."""
    return (
        max(0.0, -rect.left) + max(0.0, -rect.top)
        + max(0.0, rect.right - 1) + max(0.0, rect.bottom - 1)
    )  # fmt: skip


def inside_frame(rect: Rect) -> Rect:
    """Move a box into the frame; one larger than the frame is cut to it."""
    width, height = min(rect.width, 0.98), min(rect.height, 0.98)
    x = min(max(rect.x, width / 2), 1 - width / 2)
    y = min(max(rect.y, height / 2), 1 - height / 2)
    return Rect(x, y, width, height)


def related(
    relation: str, width: float, height: float, grounds: list[Rect], side: int, ground_line: bool
) -> tuple[float, float]:
    """Return the centre of a box that stands in a relation to others.

    Args:
        relation: left_of, right_of, above, below, on, beside, toward, behind, in_front, inside,
            between, riding, same or after.
        width, height: the box's own size.
        grounds: what it relates to, at least one.
        side: -1 or 1, where the relation leaves a choice.
        ground_line: line up lower edges instead of centres for what stands side by side.
    """
    ground = union(grounds)
    level = ground.bottom - height / 2 if ground_line else ground.y
    along = (width + ground.width) / 2 + GAP
    up = (height + ground.height) / 2 + GAP
    if relation == "beside":
        relation = "left_of" if side < 0 else "right_of"
    if relation == "between" and len(grounds) > 1:
        return sum(g.x for g in grounds) / len(grounds), sum(g.y for g in grounds) / len(grounds)
    if relation == "between":
        relation = "right_of"
    table = {
        "left_of": (ground.x - along, level),
        "after": (ground.x - along, level),
        "right_of": (ground.x + along, level),
        "toward": (ground.x + side * (along + 0.04), level),
        "above": (ground.x, ground.y - up),
        "below": (ground.x, ground.y + up),
        "left_above": (ground.x - along, ground.y - up),
        "right_above": (ground.x + along, ground.y - up),
        "left_below": (ground.x - along, ground.y + up),
        "right_below": (ground.x + along, ground.y + up),
        "on": (ground.x, ground.top - height / 2),
        "riding": (ground.x, ground.top + 0.3 * ground.height - height / 2),
        "inside": (ground.x, ground.bottom - height / 2 - 0.08 * ground.height),
        "in_front": (ground.x + side * 0.2 * ground.width, ground.bottom + 0.12 - height / 2),
        "behind": (ground.x + side * 0.35 * along, ground.bottom - 0.12 - height / 2),
        "same": (ground.x, ground.y),
    }
    return table.get(relation, (ground.x + side * along, level))


def union(rects: list[Rect]) -> Rect:
    """Return the smallest box around all of them."""
    left, right = min(r.left for r in rects), max(r.right for r in rects)
    top, bottom = min(r.top for r in rects), max(r.bottom for r in rects)
    return Rect((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def violation(relation: str, figure: Rect, grounds: list[Rect]) -> float:
    """Return by how much a relation between placed boxes fails to hold; 0 when it holds."""
    ground = union(grounds)
    gaps = {
        "left_of": figure.right - ground.left,
        "after": figure.right - ground.left,
        "right_of": ground.right - figure.left,
        "above": figure.bottom - ground.top,
        "below": ground.bottom - figure.top,
    }
    if relation in gaps:
        return max(0.0, gaps[relation])
    if relation == "between" and len(grounds) > 1:
        low, high = sorted(g.x for g in grounds)[:: len(grounds) - 1]
        return max(0.0, low - figure.x) + max(0.0, figure.x - high)
    near = max(abs(figure.x - ground.x), abs(figure.y - ground.y))
    return max(0.0, near - 0.6)
