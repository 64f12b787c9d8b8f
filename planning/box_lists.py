"""Between the plan's boxes and the host's lists of boxes in pixels.

The host's detectors (RT-DETR, SAM3) give a list for every picture, each box a dict of x, y, width
and height, with a label and a score where they know them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .layout import boxes_at
from .schema import Box, Keyframe, SceneBundle


class Detection(NamedTuple):
    """One box that was found; ``box`` is xyxy in 0–1."""

    box: Box
    label: str = ""
    score: float = 1.0


def to_pixels(box: Box, width: int, height: int) -> dict[str, float]:
    """Give a box of the plan as the host's dict."""
    x0, y0, x1, y1 = box
    return {
        "x": x0 * width,
        "y": y0 * height,
        "width": (x1 - x0) * width,
        "height": (y1 - y0) * height,
    }


def read_boxes(
    value: object, frames: int, width: int, height: int, *, clamp: bool = False
) -> list[list[Detection]]:
    """Read the host's boxes as one list per frame.

    Args:
        value: a single dict, a list of dicts (the same for every frame), or one such list per
            frame.
        frames: how many are wanted.
        width, height: of the pictures the pixels belong to.
        clamp: cut boxes at the picture's edge instead of refusing them.

    Raises:
        ValueError: another form, another number of frames, or a box without area or outside.
    """
    if isinstance(value, Mapping):
        value = [[value]]
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"boxes: got {type(value).__name__}; needs a list of boxes for each frame")
    lists = list(value)
    if lists and isinstance(lists[0], Mapping):
        lists = [lists]
    if len(lists) == 1:
        lists *= frames
    if len(lists) != frames:
        raise ValueError(
            f"boxes: got lists for {len(lists)} frames, but there are {frames}; give one for each, "
            "or a single one for all"
        )
    return [
        [
            _detection(f"boxes[{frame}][{number}]", entry, width, height, clamp)
            for number, entry in enumerate(entries)
        ]
        for frame, entries in enumerate(lists)
    ]


def _detection(path: str, entry: object, width: int, height: int, clamp: bool) -> Detection:
    if not isinstance(entry, Mapping):
        raise ValueError(f"{path}: got {type(entry).__name__}; needs x, y, width and height")
    try:
        x, y, wide, high = (float(entry[key]) for key in ("x", "y", "width", "height"))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: needs the numbers x, y, width and height") from error
    corners = (x / width, y / height, (x + wide) / width, (y + high) / height)
    if clamp:
        corners = _clamped(corners)
    x0, y0, x1, y1 = corners
    # Detectors round: half a pixel over the edge is no mistake.
    slack_x, slack_y = 0.5 / width, 0.5 / height
    inside = x0 >= -slack_x and y0 >= -slack_y and x1 <= 1 + slack_x and y1 <= 1 + slack_y
    if not (inside and x0 < x1 and y0 < y1):
        raise ValueError(
            f"{path}: x {x:g}, y {y:g}, width {wide:g}, height {high:g} is no box inside a picture "
            f"of {width} x {height}; correct it, or allow clamping"
        )
    label, score = entry.get("label"), entry.get("score", 1.0)
    return Detection(
        _clamped(corners),
        label if isinstance(label, str) else "",
        float(score) if isinstance(score, int | float) else 1.0,
    )


def _clamped(corners: Box) -> Box:
    x0, y0, x1, y1 = (min(max(value, 0.0), 1.0) for value in corners)
    return x0, y0, x1, y1


def follow_boxes(
    bundle: SceneBundle, entity_id: str, found: Sequence[Sequence[Detection]]
) -> SceneBundle:
    """Let an entity go where boxes were found: the surest one of every frame.

    Where a frame has none, the entity is not in it. Other entities keep their boxes.

    Args:
        bundle: the scene.
        entity_id: of an entity of the scene.
        found: one list per frame, as ``read_boxes`` gives.

    Raises:
        ValueError: the scene has no such entity, or there are not as many lists as frames.
    """
    scene = bundle.scene
    if entity_id not in scene.entities:
        known = ", ".join(scene.entities) or "none"
        raise ValueError(f"scene {scene.id!r} has no entity {entity_id!r}; it has: {known}")
    if len(found) != scene.frames:
        raise ValueError(
            f"scene {scene.id!r} has {scene.frames} frames, but boxes came for {len(found)}"
        )
    layout = []
    for frame, here in enumerate(found):
        boxes = boxes_at(scene, frame)
        boxes.pop(entity_id, None)
        if here:
            boxes[entity_id] = max(here, key=lambda detection: detection.score).box
        layout.append(Keyframe(frame=frame, boxes=boxes))
    changed = scene.model_copy(update={"layout": layout})
    return SceneBundle.model_validate({**bundle.model_dump(), "scene": changed.model_dump()})


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0–1."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    return both / (_area(one) + _area(other) - both)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
