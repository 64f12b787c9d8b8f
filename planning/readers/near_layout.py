"""The key frames of a plan that is almost ours."""

import re
from collections.abc import Callable, Iterator, Mapping

from ..schema import PlanError
from .boxes import corner_box
from .drafts import spread
from .near_fields import BOX_FIELDS, KEYFRAME_FIELDS, fields_of, listed, whole

_FRAME = re.compile(r"(?:key)?frame[ _-]?(\d{1,4})", re.IGNORECASE)
_UNITS = (100.0, 1000.0)
Find = Callable[[object], object]


def near_layout(value: object, where: str, frames: object, find: Find, own: bool) -> object:
    """Return key frames as a plan has them, from a list or a dictionary of them.

    Args:
        value: the layout as it was written.
        where: its path in the plan.
        frames: how many the scene has.
        find: gives the id of an entity's name.
        own: the document is in our format.

    Raises:
        PlanError: one entity has two boxes in a key frame.
    """
    if isinstance(value, Mapping) and not own:
        value = list(_from_dictionary(value))
    if not isinstance(value, list):
        return value
    keyframes = [
        _keyframe(item, f"{where}[{index}]", find, own) if isinstance(item, Mapping) else item
        for index, item in enumerate(value)
    ]
    made = [keyframe for keyframe in keyframes if isinstance(keyframe, dict)]
    if not own and len(made) == len(keyframes):
        _place(made, frames)
    return keyframes


def scale_boxes(scenes: list[object], width: object, height: object) -> None:
    """Turn boxes in percent, thousandths or pixels into fractions where their unit is certain.

    It is where the boxes reach exactly to the right and the lower edge of one of these units;
    other boxes stay as they are, and the plan's own check tells of them.
    """
    boxes = [
        (keyframe["boxes"], name, box)
        for scene in scenes
        if isinstance(scene, dict) and isinstance(scene.get("layout"), list)
        for keyframe in scene["layout"]
        if isinstance(keyframe, dict) and isinstance(keyframe.get("boxes"), dict)
        for name, item in keyframe["boxes"].items()
        if (box := corner_box(item)) is not None
    ]
    right = max((max(box[0], box[2]) for _, _, box in boxes), default=0)
    lower = max((max(box[1], box[3]) for _, _, box in boxes), default=0)
    unit = next(((each, each) for each in _UNITS if right == lower == each), None)
    if right > 1 and (right, lower) == (width, height):
        unit = (right, lower)
    if unit and all(max(box) > 1 for _, _, box in boxes):
        for owner, name, (x0, y0, x1, y1) in boxes:
            owner[name] = [x0 / unit[0], y0 / unit[1], x1 / unit[0], y1 / unit[1]]


def _from_dictionary(value: Mapping[str, object]) -> Iterator[object]:
    """Yield key frames of {"0": {…}, "15": {…}}, {"Frame_1": {…}} or of {name: box} alone."""
    if value and all(corner_box(box) is not None for box in value.values()):
        yield {"frame": 0, "boxes": value}
        return
    if tracks := _tracks(value):
        yield from ({"boxes": dict(zip(value, boxes, strict=True))} for boxes in tracks)
        return
    for name, item in value.items():
        part = item if isinstance(item, Mapping) and "boxes" in item else {"boxes": item}
        if name.strip().isdecimal():
            yield {"frame": int(name), **part}
        elif _FRAME.fullmatch(name.strip()):
            yield dict(part)
        else:
            yield {name: item}


def _tracks(value: Mapping[str, object]) -> list[tuple[object, ...]]:
    """Return the boxes of each key frame of {name: [box, box, …]}; [] where it is none."""
    lists = [item for item in value.values() if isinstance(item, list)]
    boxed = all(corner_box(box) is not None for item in lists for box in item)
    even = len(lists) == len(value) > 0 and len({len(item) for item in lists}) == 1
    return list(zip(*lists, strict=True)) if boxed and even else []


def _keyframe(value: Mapping[str, object], where: str, find: Find, own: bool) -> dict[str, object]:
    keyframe = fields_of(value, KEYFRAME_FIELDS, own)
    if "frame" in keyframe:
        keyframe["frame"] = whole(keyframe["frame"])
    if not own and not {"boxes", "caption"} & set(keyframe):
        return dict(value)  # what it means is not known, and the plan's own check says so
    boxes = keyframe.get("boxes")
    if isinstance(boxes, Mapping | list):
        placed: dict[str, object] = {}
        for name, box in _pairs(boxes):
            entity = str(find(name))
            if entity in placed:
                raise PlanError(
                    f"{where}.boxes: has two boxes for {entity[:60]!r}; keep one, or make the "
                    "other an entity of its own"
                )
            placed[entity] = _box(box)
        keyframe["boxes"] = placed
    return keyframe


def _pairs(boxes: object) -> Iterator[tuple[object, object]]:
    for name, item in listed(boxes):
        if name is not None:
            yield name, item
        elif isinstance(item, Mapping):
            part = fields_of(item, BOX_FIELDS, own=False)
            rest = {key: value for key, value in part.items() if key not in ("name", "box")}
            yield part.get("name"), part.get("box", rest)
        elif isinstance(item, list) and len(item) in (2, 5):
            yield item[0], item[1] if len(item) == 2 else item[1:]
        else:
            yield str(item)[:60], item


def _box(value: object) -> object:
    box = corner_box(value)
    return value if box is None else list(box)


def _place(keyframes: list[dict[str, object]], frames: object) -> None:
    """Give key frames without a number their place, and count from 0 where they count from 1."""
    numbers = [keyframe.get("frame") for keyframe in keyframes]
    if not isinstance(frames, int) or not keyframes:
        return
    if all(number is None for number in numbers):
        for keyframe, frame in zip(keyframes, spread(len(keyframes), frames), strict=True):
            keyframe["frame"] = frame
    whole_numbers = [number for number in numbers if isinstance(number, int)]
    if len(whole_numbers) < len(numbers) or min(whole_numbers) < 1:
        return
    if max(whole_numbers) == frames:  # there is no such frame when they count from 0
        for keyframe, number in zip(keyframes, whole_numbers, strict=True):
            keyframe["frame"] = number - 1
