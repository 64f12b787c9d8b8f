"""VideoDirectorGPT's plans: `Frame_i: [[name, [left, top, right, bottom]], …], caption: …`.

arXiv:2309.15091. The authors released no code; the frame lines follow their planner's template,
and the dictionary form follows their figures: a scene description, a background, and per frame
`{'a fluffy Siamese cat': [.25, .25, 1, .70], …}`. One name in several scenes is one entity (their
consistency grouping), and the background may be boxed as well.
"""

import re
from collections.abc import Iterator, Mapping

from ..schema import Box, PlanError, VideoPlan
from .drafts import DraftKeyframe, DraftScene, Settings, build_plan
from .frame_lines import Block, FrameLine, four_numbers, number_things, read_blocks, visible_box
from .literal import LiteralError, read_literal

FORMAT = "VideoDirectorGPT: Frame_1: [['cat', [left, top, right, bottom]]], caption: … (0 to 1)"
_CAPTION = re.compile(r"^caption[ \t]*:[ \t]*", re.IGNORECASE)
_SCENE = re.compile(r"(?:scene|step)[ _]?(\d+)", re.IGNORECASE)
_FRAME = re.compile(r"frame[ _]?(\d+)", re.IGNORECASE)
_DESCRIPTION = ("description", "scene description", "scene_description", "prompt", "caption")
_LAYOUT = ("frames", "layout", "layouts", "entity layouts", "entities")
# Further out than this, a coordinate is in pixels or percent, not an overshoot.
_OVERSHOOT = 1.0


def read_videodirectorgpt(text: str, settings: Settings) -> VideoPlan:
    """Read frame lines (one scene per `Scene i:`) or a dictionary of scenes.

    Raises:
        PlanError: an entry that is no name with a box, or a plan that would not be valid.
    """
    if text.lstrip().startswith("{"):
        drafts = list(_dictionary_scenes(text))
    else:
        drafts = [_scene(block) for block in read_blocks(text)]
    return build_plan(drafts, settings)


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
    named = list(_named_boxes(frame))
    things = number_things([name for name, _ in named])
    boxes = []
    for thing, (_, box) in zip(things, named, strict=True):
        shown = visible_box(box) if all(-_OVERSHOOT <= x <= 1 + _OVERSHOOT for x in box) else box
        if shown:
            boxes.append((thing, shown))
    caption = _CAPTION.sub("", frame.rest).strip().strip("\"'")
    return DraftKeyframe(boxes, caption or None)


def _named_boxes(frame: FrameLine) -> Iterator[tuple[str, Box]]:
    if isinstance(frame.value, Mapping):
        pairs: list[object] = [[name, box] for name, box in frame.value.items()]
    else:
        pairs = frame.value if isinstance(frame.value, list) else [None]
    for pair in pairs:
        name, box = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        corners = four_numbers(box)
        if not isinstance(name, str) or not name.strip() or corners is None:
            raise PlanError(
                f"line {frame.line}: frame {frame.number} has an entry that is no name with a "
                "box; write [['cat', [left, top, right, bottom]], …] with numbers from 0 to 1"
            )
        yield name, corners


def _dictionary_scenes(text: str) -> Iterator[DraftScene]:
    try:
        value, _ = read_literal(text)
    except LiteralError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PlanError(f"line {line}: {error}; correct the dictionary there") from error
    root = value if isinstance(value, dict) else {}
    scenes = {name: part for name, part in root.items() if _SCENE.fullmatch(name.strip())}
    for number, (name, part) in enumerate((scenes or {"scene 1": root}).items(), start=1):
        if not isinstance(part, dict):
            raise PlanError(f"{name}: is no dictionary; write {{'description': …, 'Frame_1': …}}")
        yield _dictionary_scene(number, {key.lower(): item for key, item in part.items()})


def _dictionary_scene(number: int, part: Mapping[str, object]) -> DraftScene:
    entries = dict(part)
    for name in _LAYOUT:
        inner = part.get(name)
        if isinstance(inner, dict):
            entries.update({key.lower(): item for key, item in inner.items()})
    frames = [
        FrameLine(int(match.group(1)), 1, item, "")
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
    return _scene(block)
