"""VideoDirectorGPT's plans: `Frame_i: [[name, [left, top, right, bottom]], …], caption: …`.

arXiv:2309.15091. The authors released no code; the frame lines follow their planner's template,
and the dictionary form follows their figures: a scene description, a background, and per frame
`{'a fluffy Siamese cat': [.25, .25, 1, .70], …}`. One name in several scenes is one entity (their
consistency grouping), and the background may be boxed as well.
"""

import re
from collections.abc import Iterator, Mapping

from ..schema import PlanError, VideoPlan
from .boxes import corner_box, visible_box
from .drafts import DraftKeyframe, DraftScene, Settings, build_plan
from .frame_lines import Block, FrameLine, read_blocks
from .names import number_things

FORMAT = "VideoDirectorGPT: Frame_1: [['cat', [left, top, right, bottom]]], caption: … (0 to 1)"
_CAPTION = re.compile(r"^[\"'*]{0,3}caption[\"'*]{0,3}[ \t]*[:：=][ \t]*", re.IGNORECASE)
_SCENE = re.compile(r"(?:scene|step|shot)[ _-]?(\d{1,4})", re.IGNORECASE)
_FRAME = re.compile(r"frame[ _-]?(\d{1,4})", re.IGNORECASE)
_DESCRIPTION = ("description", "scene description", "scene_description", "prompt", "caption")
_LAYOUT = ("frames", "layout", "layouts", "entity layouts", "entity_layouts", "entities")
_NAME = ("name", "entity", "object", "label")
_BOX = ("box", "bbox", "bounding_box", "bounding box")
# Further out than this, a coordinate is in pixels or percent, not an overshoot.
_OVERSHOOT = 1.0


def read_videodirectorgpt(text: str, settings: Settings) -> VideoPlan:
    """Read frame lines, one scene per `Scene i:`.

    Raises:
        PlanError: an entry that is no name with a box, or a plan that would not be valid.
    """
    return build_plan([_scene(block) for block in read_blocks(text)], settings)


def is_dictionary(value: object) -> bool:
    """Tell whether a value is the dictionary form, whole or of one scene."""
    if not isinstance(value, Mapping):
        return False
    if any(isinstance(part, str) and _FRAME.fullmatch(part) for part in value.values()):
        return True
    parts = [value, *(part for part in value.values() if isinstance(part, Mapping))]
    return any(_is_framed(part) for part in parts) or any(
        _is_framed(inner)
        for part in parts[1:]
        for inner in part.values()
        if isinstance(inner, Mapping)
    )


def read_dictionary(value: Mapping[str, object], settings: Settings) -> VideoPlan:
    """Read a dictionary of scenes.

    Raises:
        PlanError: an entry that is no name with a box, or a plan that would not be valid.
    """
    scenes = {name: part for name, part in value.items() if _SCENE.fullmatch(name.strip())}
    drafts = []
    for number, (name, part) in enumerate((scenes or {"scene 1": value}).items(), start=1):
        if not isinstance(part, Mapping):
            raise PlanError(f"{name}: is no dictionary; write {{'description': …, 'Frame_1': …}}")
        lowered = {str(key).strip().lower(): item for key, item in part.items()}
        drafts.append(_dictionary_scene(number, lowered))
    return build_plan(drafts, settings)


def _is_framed(part: Mapping[object, object]) -> bool:
    return any(
        _FRAME.fullmatch(str(key).strip()) and not isinstance(item, str)
        for key, item in part.items()
    )


def _scene(block: Block) -> DraftScene:
    keyframes = [_keyframe(frame) for frame in block.frames]
    captions = [keyframe.caption for keyframe in keyframes if keyframe.caption]
    return DraftScene(
        prompt=block.prompt or (captions[0] if captions else _told(keyframes)),
        things=number_things(block.entities),
        background=block.background,
        keyframes=keyframes,
    )


def _told(keyframes: list[DraftKeyframe]) -> str:
    names = [thing.name for keyframe in keyframes for thing, _ in keyframe.boxes]
    return ", ".join(dict.fromkeys(names))


def _keyframe(frame: FrameLine) -> DraftKeyframe:
    caption = _CAPTION.sub("", frame.rest).strip().strip("\"'“”")
    named = []
    for name, part in _pairs(frame):
        if name.strip().lower() == "caption" and isinstance(part, str):
            caption = part
        elif (corners := corner_box(part)) is not None and name.strip():
            named.append((name, corners))
        else:
            raise _not_a_box(frame)
    things = number_things([name for name, _ in named])
    boxes = []
    for thing, (_, box) in zip(things, named, strict=True):
        shown = visible_box(box) if all(-_OVERSHOOT <= x <= 1 + _OVERSHOOT for x in box) else box
        if shown:
            boxes.append((thing, shown))
    return DraftKeyframe(boxes, caption or None)


def _pairs(frame: FrameLine) -> Iterator[tuple[str, object]]:
    """Yield name and box of each entry of a frame."""
    value = frame.value
    if isinstance(value, Mapping):
        inner = next((value[key] for key in ("boxes", "layout", "entities") if key in value), None)
        if isinstance(inner, Mapping | list):
            yield from _pairs(FrameLine(frame.number, frame.line, inner, ""))
            value = {key: item for key, item in value.items() if key == "caption"}
        yield from ((str(name), box) for name, box in value.items())
        return
    items = value if isinstance(value, list) else [None]
    if len(items) in (2, 5) and isinstance(items[0], str) and not isinstance(items[1], str):
        items = [items]  # one pair without the outer brackets
    for item in items:
        yield from _entry(frame, item)


def _entry(frame: FrameLine, item: object) -> Iterator[tuple[str, object]]:
    if isinstance(item, Mapping):
        name = next((item[key] for key in _NAME if isinstance(item.get(key), str)), None)
        box = next((item[key] for key in _BOX if key in item), None)
        yield from [(str(name), box)] if name and box else [(str(n), b) for n, b in item.items()]
    elif isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
        yield item[0], item[1]
    elif isinstance(item, list) and len(item) == 5 and isinstance(item[0], str):
        yield item[0], item[1:]
    else:
        raise _not_a_box(frame)


def _not_a_box(frame: FrameLine) -> PlanError:
    place = f"line {frame.line}: frame" if frame.line else "frame"
    return PlanError(
        f"{place} {frame.number} has an entry that is no name with a box; write "
        "[['cat', [left, top, right, bottom]], …] with numbers from 0 to 1"
    )


def _dictionary_scene(number: int, part: Mapping[str, object]) -> DraftScene:
    entries = dict(part)
    for name in _LAYOUT:
        inner = part.get(name)
        if isinstance(inner, Mapping):
            entries.update({str(key).lower(): item for key, item in inner.items()})
    frames = [
        FrameLine(int(match.group(1)), 0, item, "")
        for key, item in entries.items()
        if (match := _FRAME.fullmatch(key.strip()))
    ]
    if not frames:
        raise PlanError(f"scene {number}: has no frames; add 'Frame_1': {{name: box}} and so on")
    block = Block(1, frames=sorted(frames, key=lambda frame: frame.number))
    texts = [item for name in _DESCRIPTION if isinstance(item := part.get(name), str)]
    block.prompt = texts[0] if texts else ""
    background = part.get("background")
    block.background = background if isinstance(background, str) and background.strip() else None
    try:
        return _scene(block)
    except PlanError as error:
        raise PlanError([f"scene {number}: {problem}" for problem in error.problems]) from error
