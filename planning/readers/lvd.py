"""LVD's layouts: `Frame i: [{'id': 0, 'name': 'ball', 'box': [x, y, width, height]}, …]`.

LLM-grounded Video Diffusion, arXiv:2309.17444; upstream prompt.py and utils/parse.py. Six key
frames on a canvas of 512 by 512; ids tell the things apart, also through disappearance; the text
carries `Caption:` and `Background keyword:` lines.
"""

from collections.abc import Mapping

from ..schema import PlanError, VideoPlan
from .drafts import DraftKeyframe, DraftScene, Settings, Thing, build_plan
from .frame_lines import Block, FrameLine, four_numbers, number_things, read_blocks, visible_box

CANVAS = 512.0
FORMAT = "LVD: Frame 1: [{'id': 0, 'name': 'ball', 'box': [x, y, width, height]}] of 512 x 512"


def read_lvd(text: str, settings: Settings) -> VideoPlan:
    """Read one scene per caption.

    Raises:
        PlanError: an object without id, name or box, or a plan that would not be valid.
    """
    return build_plan([_scene(block) for block in read_blocks(text)], settings)


def _scene(block: Block) -> DraftScene:
    rows = [_objects(frame) for frame in block.frames]
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


def _keyframe(row: list[tuple[str, str, list[float]]], things: dict[str, Thing]) -> DraftKeyframe:
    boxes = []
    for identity, _, (x, y, width, height) in row:
        corners = (x / CANVAS, y / CANVAS, (x + width) / CANVAS, (y + height) / CANVAS)
        if box := visible_box(corners):
            boxes.append((things[identity], box))
    return DraftKeyframe(boxes)


def _objects(frame: FrameLine) -> list[tuple[str, str, list[float]]]:
    """Return id, name and box of each object; an object without id counts by its place."""
    items = frame.value if isinstance(frame.value, list) else None
    if items is None:
        raise PlanError(_problem(frame, "is not a list of objects"))
    result = []
    for place, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise PlanError(_problem(frame, f"has an object {place} that is not {{…}}"))
        name = item.get("name", item.get("keyword"))
        box = four_numbers(item.get("box"))
        if not isinstance(name, str) or not name.strip() or box is None:
            raise PlanError(_problem(frame, f"has an object {place} without a name or a box"))
        result.append((str(item.get("id", f"{name} {place}")), name, list(box)))
    if len({identity for identity, _, _ in result}) != len(result):
        raise PlanError(_problem(frame, "has an id twice"))
    return result


def _problem(frame: FrameLine, trouble: str) -> str:
    return (
        f"line {frame.line}: frame {frame.number} {trouble}; write "
        "[{'id': 0, 'name': 'ball', 'box': [x, y, width, height]}, …]"
    )
