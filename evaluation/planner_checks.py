"""What a plan must show, read from its boxes with geometry of its own.

Nothing here uses the planner: things are found by the words of their names, boxes by the plan's
interpolation. Every check returns "" when it holds and else says what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..planning.layout import interpolate
from ..planning.schema import Box, VideoPlan

Check = Callable[[VideoPlan], str]
Frames = list[dict[str, Box]]


@dataclass(frozen=True)
class Case:
    """One prompt with the skill that it asks for and the check of its plan."""

    skill: str
    prompt: str
    check: Check
    frames: int = 8
    unseen: bool = False


def frames_of(plan: VideoPlan, scene: int = 0) -> Frames:
    """Return the boxes of every frame of one scene, foreground only."""
    shown = set(plan.scenes[scene].entities)
    return [
        {name: box for name, box in boxes.items() if name in shown}
        for boxes in interpolate(plan.scenes[scene])
    ]


def ids_of(plan: VideoPlan, noun: str, attribute: str = "") -> list[str]:
    """Return the foreground entities called so: by whole words of name and description."""
    wanted = [*noun.lower().split(), *attribute.lower().split()]
    found = []
    for entity in plan.entities:
        words = f"{entity.name} {entity.description}".lower().replace(",", " ").split()
        if entity.kind == "foreground" and all(word in words for word in wanted):
            found.append(entity.id)
    return found


def one_scene(plan: VideoPlan) -> str:
    """A plan of one scene."""
    return "" if len(plan.scenes) == 1 else f"{len(plan.scenes)} scenes instead of one"


def counted(noun: str, number: int) -> Check:
    """That many boxes of the noun in every frame, apart from each other, and no other boxes."""

    def check(plan: VideoPlan) -> str:
        ids = ids_of(plan, noun)
        if len(ids) != number:
            return f"{len(ids)} entities called {noun}, asked {number}"
        for at, boxes in enumerate(frames_of(plan)):
            if set(boxes) != set(ids):
                return f"frame {at}: boxes of {sorted(boxes)}"
            if worst_overlap(boxes) > 0.05:
                return f"frame {at}: boxes overlap by {worst_overlap(boxes):.2f}"
        return one_scene(plan)

    return check


def attributed(pairs: list[tuple[str, str]]) -> Check:
    """Each noun once, with its own attribute and none of the others', boxed in every frame."""

    def check(plan: VideoPlan) -> str:
        foreground = [entity for entity in plan.entities if entity.kind == "foreground"]
        if len(foreground) != len(pairs):
            return f"entities {[entity.name for entity in foreground]}"
        for attribute, noun in pairs:
            ids = ids_of(plan, noun, attribute)
            others = [a for a, n in pairs if a != attribute and ids_of(plan, noun, a) == ids]
            if len(ids) != 1 or others:
                return f"{attribute} {noun}: {ids}, also {others}"
            if any(ids[0] not in boxes for boxes in frames_of(plan)):
                return f"{ids[0]} is not boxed in every frame"
        return one_scene(plan)

    return check


def seen_only(noun: str, first_half: bool, stays: str = "") -> Check:
    """The noun boxed in all frames of one half and in none of the other; stays in all."""

    def check(plan: VideoPlan) -> str:
        ids = ids_of(plan, noun)
        boxes = frames_of(plan)
        if len(ids) != 1:
            return f"{len(ids)} entities called {noun}"
        half = len(boxes) // 2
        seen = [ids[0] in frame for frame in boxes]
        asked = [(at < half) == first_half for at in range(len(boxes))]
        if seen != asked:
            return f"seen in frames {[at for at, here in enumerate(seen) if here]}"
        for other in ids_of(plan, stays) if stays else []:
            if any(other not in frame for frame in boxes):
                return f"{other} is not there all the time"
        return one_scene(plan)

    return check


def moves(noun: str, start: str, end: str) -> Check:
    """From one side of the frame to another, first frame to last."""

    def check(plan: VideoPlan) -> str:
        ids, boxes = ids_of(plan, noun), frames_of(plan)
        if len(ids) != 1:
            return f"{len(ids)} entities called {noun}"
        if ids[0] not in boxes[0] or ids[0] not in boxes[-1]:
            return "not there in the first and the last frame"
        first, last = boxes[0][ids[0]], boxes[-1][ids[0]]
        if not on_side(first, start) or not on_side(last, end):
            return f"from {centre(first)} to {centre(last)}"
        return one_scene(plan)

    return check


def moves_around(noun: str, other: str, start: str, end: str) -> Check:
    """From one side of another thing to its other side, without running into it at either end."""

    def check(plan: VideoPlan) -> str:
        ids, grounds, boxes = ids_of(plan, noun), ids_of(plan, other), frames_of(plan)
        if len(ids) != 1 or len(grounds) != 1:
            return f"{ids} and {grounds}"
        for at, side in ((0, start), (-1, end)):
            if {ids[0], grounds[0]} - set(boxes[at]):
                return f"not both there in frame {at}"
            if not beside(boxes[at][ids[0]], boxes[at][grounds[0]], side):
                return f"frame {at}: not {side} of it"
        return one_scene(plan)

    return check


def visits(noun: str, spots: list[str]) -> Check:
    """At each spot in the asked order, the first in the first frame and the last in the last."""

    def check(plan: VideoPlan) -> str:
        ids, boxes = ids_of(plan, noun), frames_of(plan)
        if len(ids) != 1:
            return f"{len(ids)} entities called {noun}"
        if any(ids[0] not in frame for frame in boxes):
            return "not there all the time"
        if not at_spot(boxes[0][ids[0]], spots[0]) or not at_spot(boxes[-1][ids[0]], spots[-1]):
            return f"from {centre(boxes[0][ids[0]])} to {centre(boxes[-1][ids[0]])}"
        at = 0
        for frame in boxes:
            at += at < len(spots) and at_spot(frame[ids[0]], spots[at])
        return one_scene(plan) if at == len(spots) else f"reaches {at} of {len(spots)} spots"

    return check


def centre(box: Box) -> tuple[float, float]:
    """Return the centre of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def on_side(box: Box, side: str) -> bool:
    """Tell whether the centre is in that half of the frame, clear of its middle by 5 %."""
    x, y = centre(box)
    return {"left": x < 0.45, "right": x > 0.55, "top": y < 0.45, "bottom": y > 0.55}[side]


def at_spot(box: Box, spot: str) -> bool:
    """Tell whether the centre is in that quarter ("upper left"), half ("left") or "center"."""
    x, y = centre(box)
    if spot == "center":
        return abs(x - 0.5) < 0.15 and abs(y - 0.5) < 0.15
    names = {"upper": y < 0.5, "lower": y > 0.5, "top": y < 0.5, "bottom": y > 0.5}
    names |= {"left": x < 0.5, "right": x > 0.5}
    return all(names[word] for word in spot.split())


def beside(box: Box, other: Box, side: str) -> bool:
    """Tell whether a box lies wholly on that side of the other, and more so than any other way."""
    (x, y), (u, v) = centre(box), centre(other)
    if side in ("left", "right"):
        apart = box[2] <= other[0] + 0.005 if side == "left" else box[0] >= other[2] - 0.005
        return apart and abs(x - u) > abs(y - v)
    apart = box[3] <= other[1] + 0.005 if side == "top" else box[1] >= other[3] - 0.005
    return apart and abs(y - v) > abs(x - u)


def worst_overlap(boxes: dict[str, Box]) -> float:
    """Return the largest common area of two boxes as a share of the smaller one."""
    worst = 0.0
    everything = list(boxes.values())
    for at, a in enumerate(everything):
        for b in everything[at + 1 :]:
            wide = min(a[2], b[2]) - max(a[0], b[0])
            high = min(a[3], b[3]) - max(a[1], b[1])
            if wide > 0 and high > 0:
                areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
                worst = max(worst, wide * high / min(areas))
    return worst
