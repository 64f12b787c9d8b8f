"""Findings about the camera.

Boxes are places in the picture, and a camera moves the whole picture, so the two can pull against
each other.
"""

from collections.abc import Iterator
from math import hypot, log, sqrt

from ..camera_moves import MOVES, SPEEDS
from ..schema import Box, Scene, VideoPlan
from .findings import Finding
from .words import listed

# Shorter ways (of the frame) and smaller changes of size (logarithm) are no motion to speak of.
_LEAST_WAY = 0.05
_LEAST_GROWTH = 0.1
_COMPARABLE = 0.5  # the camera's way by the thing's
_OPPOSITE = 0.7  # cosine of the angle between the picture's way and the thing's way back
_LEAST_PIXELS = 4.0  # half a cell of the latents

_Way = tuple[float, float]


def against_motion(plan: VideoPlan) -> Iterator[Finding]:
    """A camera that moves the picture one way while all that moves in it goes the other.

    A thing may outrun a camera that goes with it; here the two are about as fast.
    """
    for number, scene in enumerate(plan.scenes):
        right, down, growth = _camera_way(scene)
        ends = _ends(scene)
        picture = (-right, -down)
        going = {name: way for name, (way, _) in ends.items() if hypot(*way) >= _LEAST_WAY}
        if going and all(_undone(picture, way) for way in going.values()):
            goes, side = _side(*next(iter(going.values()))), _side(*picture)
            yield _against(number, f"{listed(going)} {goes}", f"the picture {side}")
        growing = {name: more for name, (_, more) in ends.items() if abs(more) >= _LEAST_GROWTH}
        if growing and all(-growth / more >= _COMPARABLE for more in growing.values()):
            goes, size = ("smaller", "larger") if growth > 0 else ("larger", "smaller")
            yield _against(number, f"{listed(growing)} {goes}", f"the picture {size}")


def hardly_moves(plan: VideoPlan) -> Iterator[Finding]:
    """A camera whose way is too short to be seen."""
    for number, scene in enumerate(plan.scenes):
        camera = scene.camera
        right, down, growth = _camera_way(scene)
        edge = max(plan.width, plan.height) / 2
        way = max(abs(right) * plan.width, abs(down) * plan.height, abs(growth) * edge)
        if camera.direction == "static" or way >= _LEAST_PIXELS:
            continue
        yield Finding(
            f"scenes[{number}].camera",
            f"goes {camera.direction.replace('_', ' ')}, but moves only {way:.1f} pixels in "
            f"{scene.frames} frame{'s' * (scene.frames > 1)}",
            "give the scene more frames or the camera more speed, or make it static",
            "hardly_moves",
            "warning",
        )


def _against(number: int, things: str, picture: str) -> Finding:
    return Finding(
        f"scenes[{number}].camera",
        f"makes {picture}, while the boxes make {things}: they pull against each other",
        "slow or turn the camera, or keep the boxes in place where it follows the things",
        "against_motion",
        "note",
    )


def _camera_way(scene: Scene) -> tuple[float, float, float]:
    """From the first to the last frame: right and down in frames, and the zoom's logarithm."""
    camera = scene.camera
    if camera.path:
        first, last = camera.path[0], camera.path[-1]
        zoom = log(last.zoom / first.zoom)
        return last.pan_x - first.pan_x, last.pan_y - first.pan_y, zoom
    strength = 1.0 if camera.strength is None else camera.strength
    way = (scene.frames - 1) * SPEEDS[camera.speed] * strength
    right, down, zoom = MOVES[camera.direction]
    return way * right, way * down, way * zoom


def _ends(scene: Scene) -> dict[str, tuple[_Way, float]]:
    """How far each thing goes from its first to its last box, and how much it grows."""
    first: dict[str, Box] = {}
    last: dict[str, Box] = {}
    for keyframe in scene.layout:
        for name, box in keyframe.boxes.items():
            if name != scene.background:
                first.setdefault(name, box)
                last[name] = box
    return {name: _change(first[name], last[name]) for name in first}


def _change(start: Box, end: Box) -> tuple[_Way, float]:
    way = (end[0] + end[2] - start[0] - start[2]) / 2, (end[1] + end[3] - start[1] - start[3]) / 2
    sides = [(box[2] - box[0]) * (box[3] - box[1]) for box in (start, end)]
    growth = log(sqrt(sides[1] / sides[0])) if min(sides) > 0 else 0.0
    return way, growth


def _undone(picture: _Way, way: _Way) -> bool:
    """Whether the picture takes a thing back at least half of its way."""
    back = -(picture[0] * way[0] + picture[1] * way[1]) / hypot(*way)
    return back >= _COMPARABLE * hypot(*way) and back >= _OPPOSITE * hypot(*picture)


def _side(right: float, down: float) -> str:
    if abs(right) >= abs(down):
        return "go right" if right > 0 else "go left"
    return "go down" if down > 0 else "go up"
