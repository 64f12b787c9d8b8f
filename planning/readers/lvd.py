"""LVD's layouts: `Frame i: [{'id': 0, 'name': 'ball', 'box': [x, y, width, height]}, …]`.

LLM-grounded Video Diffusion, arXiv:2309.17444; upstream prompt.py and utils/parse.py. Six key
frames on a canvas of 512 by 512; ids tell the things apart, also through disappearance; the text
carries `Caption:` and `Background keyword:` lines.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from ..schema import PlanError, VideoPlan
from .boxes import sized_box, visible_box
from .drafts import DraftKeyframe, DraftScene, Settings, Thing, build_plan
from .frame_lines import Block, FrameLine, read_blocks
from .names import number_things, said

CANVAS = 512.0
FORMAT = "LVD: Frame 1: [{'id': 0, 'name': 'ball', 'box': [x, y, width, height]}] of 512 x 512"
_FRAME = re.compile(r"frame[ _-]?(\d{1,4})", re.IGNORECASE)
_NAME = ("name", "keyword", "object", "entity", "label")
_BOX = ("box", "bbox", "bounding_box", "bounding box")
_Row = list[tuple[str, str, tuple[float, float, float, float]]]


def read_lvd(text: str, settings: Settings) -> VideoPlan:
    """Read one scene per caption.

    Raises:
        PlanError: an object without id, name or box, or a plan that would not be valid.
    """
    return build_plan([_scene(block) for block in read_blocks(text)], settings)


def is_dictionary(value: Mapping[str, object]) -> bool:
    """Tell whether a value is {"Frame 1": [{"id": …, "name": …, "box": […]}], …}."""
    frames = [item for key, item in value.items() if _FRAME.fullmatch(key.strip())]
    objects = [item for frame in frames if isinstance(frame, list) for item in frame]
    return bool(objects) and all(
        isinstance(o, Mapping) and {"id", "box"} <= set(o) for o in objects
    )


def read_dictionary(value: Mapping[str, object], settings: Settings) -> VideoPlan:
    """Read one scene of such a value.

    Raises:
        PlanError: an object without id, name or box, or a plan that would not be valid.
    """
    block = Block(1)
    for key, item in value.items():
        if match := _FRAME.fullmatch(key.strip()):
            block.frames.append(FrameLine(int(match.group(1)), 1, item, ""))
        elif isinstance(item, str) and key.strip().lower() == "caption":
            block.prompt = item
        elif isinstance(item, str) and key.strip().lower().startswith("background"):
            block.background = said(item)
    return build_plan([_scene(block)], settings)


def _scene(block: Block) -> DraftScene:
    rows = [_objects(frame) for frame in block.frames]
    _check_unit(block, rows)
    names: dict[str, str] = {}
    for row in rows:
        for identity, name, _ in row:
            names.setdefault(identity, name)
    things = dict(zip(names, number_things(list(names.values())), strict=True))
    background = block.background
    told = ", ".join([*names.values(), *([f"{background} background"] if background else [])])
    return DraftScene(
        prompt=block.prompt or told,
        things=list(things.values()),
        background=background,
        keyframes=[_keyframe(row, things) for row in rows],
    )


def _check_unit(block: Block, rows: list[_Row]) -> None:
    """Refuse boxes that are no pixels: what four fractions mean here is not known."""
    sizes = [abs(number) for row in rows for _, _, box in row for number in box]
    if sizes and 0 < max(sizes) <= 1:
        raise PlanError(
            f"line {block.frames[0].line}: the boxes are smaller than a pixel; write "
            f"[x, y, width, height] in pixels of {CANVAS:.0f} x {CANVAS:.0f}"
        )


def _keyframe(row: _Row, things: dict[str, Thing]) -> DraftKeyframe:
    boxes = []
    for identity, _, (x, y, width, height) in row:
        corners = (x / CANVAS, y / CANVAS, (x + width) / CANVAS, (y + height) / CANVAS)
        if box := visible_box(corners):
            boxes.append((things[identity], box))
    return DraftKeyframe(boxes)


def _objects(frame: FrameLine) -> _Row:
    """Return id, name and box of each object; without ids, those of one name are counted."""
    result: _Row = []
    counts: Counter[str] = Counter()
    for place, item in enumerate(_items(frame)):
        if not isinstance(item, Mapping):
            raise PlanError(_problem(frame, f"has an object {place} that is not {{…}}"))
        name = next((item[key] for key in _NAME if key in item), None)
        box = sized_box(next((item[key] for key in _BOX if key in item), None))
        if not isinstance(name, str) or not name.strip() or box is None:
            raise PlanError(_problem(frame, f"has an object {place} without a name or a box"))
        counts[name] += 1
        result.append((str(item.get("id", f"{name} {counts[name]}")), name, box))
    if len({identity for identity, _, _ in result}) != len(result):
        raise PlanError(_problem(frame, "has an id twice"))
    return result


def _items(frame: FrameLine) -> Iterator[object]:
    if isinstance(frame.value, Mapping) and set(frame.value) & set(_BOX):
        return iter([frame.value])  # one object without the list around it
    if not isinstance(frame.value, list):
        raise PlanError(_problem(frame, "is not a list of objects"))
    return iter(frame.value)


def _problem(frame: FrameLine, trouble: str) -> str:
    return (
        f"line {frame.line}: frame {frame.number} {trouble}; write "
        "[{'id': 0, 'name': 'ball', 'box': [x, y, width, height]}, …]"
    )
