"""Findings about boxes. Between keyframes boxes move evenly, so keyframes are all that is read."""

from collections.abc import Iterator
from itertools import combinations, pairwise

from ..invariants import key_path
from ..problems import shown
from ..schema import Box, Scene, VideoPlan
from .findings import Finding
from .words import listed

# Things are not drawn that are shorter than this share of the frame, or than this many cells of
# the latents, on their longer side; the other side needs half of it.
_LEAST_SIDE = 0.04
_LEAST_CELLS = 2
_PIXELS_PER_CELL = 8
# Common area by united area; a thing inside another, or a rider on a horse, stays below.
_SAME_PLACE = 0.8
# More things than this no model holds apart, and pairs are many.
_MOST_THINGS = 32
_FASTEST = 0.2  # of the frame per frame
_LONGEST = 10.0  # times as long as thick
_LEAST_BACKGROUND = 0.25  # of the frame's area

# The boxes of one entity by the number of their keyframe.
_Track = dict[int, Box]


def too_small(plan: VideoPlan) -> Iterator[Finding]:
    """Things whose boxes are never large enough to be drawn."""
    cells = _LEAST_CELLS * _PIXELS_PER_CELL
    least_wide, least_high = (max(_LEAST_SIDE, cells / side) for side in (plan.width, plan.height))
    for number, scene in enumerate(plan.scenes):
        small: dict[str, int] = {}
        for name, track in _things(scene).items():
            index, (x0, y0, x1, y1) = _largest(track)
            sides = (x1 - x0) / least_wide, (y1 - y0) / least_high
            if max(sides) < 1 or min(sides) < 0.5:
                small[name] = index
        if small:
            first = next(iter(small))
            yield Finding(
                _path(number, small[first], first),
                f"too small to be drawn at {plan.width}×{plan.height}: {listed(small)}",
                f"make boxes about {least_wide:.1%} wide and {least_high:.1%} high at least",
                "too_small",
                "warning",
            )


def in_one_place(plan: VideoPlan) -> Iterator[Finding]:
    """Two things that share one box for as long as both are there."""
    for number, scene in enumerate(plan.scenes):
        tracks = list(_things(scene).items())[:_MOST_THINGS]
        for (first, one), (second, other) in combinations(tracks, 2):
            shorter, longer = sorted((one, other), key=len)
            if all(
                index in longer and _likeness(box, longer[index]) >= _SAME_PLACE
                for index, box in shorter.items()
            ):
                yield Finding(
                    _path(number, min(shorter), second),
                    f"{shown(first)} and {shown(second)} share one box, so they will be drawn as "
                    "one thing or only one of them",
                    "move one of them, or make it clearly smaller if it is on or in the other",
                    "in_one_place",
                    "warning",
                )


def too_fast(plan: VideoPlan) -> Iterator[Finding]:
    """A box that jumps from one frame to the next."""
    for number, scene in enumerate(plan.scenes):
        told: set[str] = set()
        for index, (here, there) in enumerate(pairwise(scene.layout), 1):
            for name in here.boxes:
                if name in told or name not in there.boxes:
                    continue
                ways = zip(here.boxes[name], there.boxes[name], strict=True)
                speed = max(abs(b - a) for a, b in ways) / (there.frame - here.frame)
                if speed > _FASTEST:
                    told.add(name)
                    yield Finding(
                        _path(number, index, name),
                        f"moves or grows by {speed:.0%} of the frame in each frame from frame "
                        f"{here.frame} on, which will look like a jump",
                        f"stay below {_FASTEST:.0%}: give it more frames, or less of a way",
                        "too_fast",
                        "warning",
                    )


def stretched(plan: VideoPlan) -> Iterator[Finding]:
    """A box far longer than any thing."""
    for number, scene in enumerate(plan.scenes):
        for name, track in _things(scene).items():
            ratios = {index: _ratio(box, plan) for index, box in track.items()}
            index = max(ratios, key=lambda key: ratios[key])
            if ratios[index] > _LONGEST:
                yield Finding(
                    _path(number, index, name),
                    f"is {min(ratios[index], 9999):.0f} times as long as it is thick, which few "
                    "things are",
                    "give the box the thing's own proportions",
                    "stretched",
                    "warning",
                )


def small_background(plan: VideoPlan) -> Iterator[Finding]:
    """A place boxed like a thing."""
    for number, scene in enumerate(plan.scenes):
        name = scene.background or ""
        track = _tracks(scene).get(name)
        if not track:
            continue
        index, box = _largest(track)
        if _area(box) < _LEAST_BACKGROUND:
            yield Finding(
                _path(number, index, name),
                f"the background's box is {_area(box):.0%} of the frame, but a place is all around",
                "make it [0, 0, 1, 1] or leave it out; if it is a thing, make its kind foreground",
                "small_background",
                "warning",
            )


def _tracks(scene: Scene) -> dict[str, _Track]:
    found: dict[str, _Track] = {}
    for index, keyframe in enumerate(scene.layout):
        for name, box in keyframe.boxes.items():
            found.setdefault(name, {})[index] = box
    return found


def _things(scene: Scene) -> dict[str, _Track]:
    """The tracks of all but the background."""
    return {name: track for name, track in _tracks(scene).items() if name != scene.background}


def _path(number: int, index: int, name: str) -> str:
    return f"scenes[{number}].layout[{index}].boxes{key_path(name)}"


def _largest(track: _Track) -> tuple[int, Box]:
    return max(track.items(), key=lambda item: _area(item[1]))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _ratio(box: Box, plan: VideoPlan) -> float:
    wide, high = (box[2] - box[0]) * plan.width, (box[3] - box[1]) * plan.height
    return max(wide / high, high / wide)


def _likeness(one: Box, other: Box) -> float:
    """Common area by united area."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    common = max(wide, 0.0) * max(high, 0.0)
    united = _area(one) + _area(other) - common
    return common / united if united > 0 else 1.0  # two boxes without any area to speak of
