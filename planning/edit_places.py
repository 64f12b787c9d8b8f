"""Places in a plan, named by ids instead of positions, and a plan as a tree of those names.

`["scenes", "meet", "layout", "4", "boxes", "ball"]` is the ball's box in the keyframe at frame 4
of the scene `meet`, wherever in the list that scene stands. `[]` is the plan itself. The order of
a list has a place of its own, `["order", "scenes"]`: a plan has no field of that name.
`web/plan_edits.js` knows the same places.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from .invariants import key_path
from .schema import MAX_FRAMES, SLUG_PATTERN

ORDER = "order"
_MOST_LETTERS = 200
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")
_SLUG = re.compile(SLUG_PATTERN)


@dataclass(frozen=True)
class Leaf:
    """A value that is edited as a whole."""


@dataclass(frozen=True)
class Record:
    """An object with known fields."""

    fields: Mapping[str, "Shape"]


@dataclass(frozen=True)
class Members:
    """An object of leaves by free names, in no order."""


@dataclass(frozen=True)
class Listed:
    """A list whose items have names.

    key: the item's field that names it, an id or a frame; None where the item is its own name.
    """

    key: str | None
    item: "Shape"

    @property
    def ordered(self) -> bool:
        """Whether the order says something; keyframes are sorted by their frames."""
        return self.key != "frame"


@dataclass(frozen=True)
class Numbered:
    """A list with one leaf per frame, named by the frame."""


Shape: TypeAlias = Leaf | Record | Members | Listed | Numbered
LEAF = Leaf()


def _record(leaves: str, **others: Shape) -> Record:
    return Record({**dict.fromkeys(leaves.split(), LEAF), **others})


_KEYFRAME = _record("caption", boxes=Members())
_CAMERA = _record(
    "direction speed strength", path=Listed("frame", _record("pan_x pan_y zoom roll"))
)
_SCENE = _record(
    "prompt frames background layout_strength seed locked",
    frame_prompts=Numbered(),
    entities=Listed(None, LEAF),
    layout=Listed("frame", _KEYFRAME),
    camera=_CAMERA,
    action=Members(),
)
PLAN = _record(
    "version prompt fps width height",
    entities=Listed("id", _record("name kind description reference_image")),
    scenes=Listed("id", _SCENE),
)


class Keyed(dict[str, Any]):
    """A list of a plan, its items by their names."""


def shape_at(at: Sequence[str]) -> Shape:
    """What is at a place.

    Raises:
        ValueError: a plan has no such place; the message says from where on.
    """
    if at and at[0] == ORDER:
        listed = shape_at(at[1:])
        if not isinstance(listed, Listed) or not listed.ordered:
            raise ValueError(
                f"{said(at)} is no order; scenes, entities and the entities of a scene have one"
            )
        return LEAF
    shape: Shape = PLAN
    for depth, name in enumerate(at):
        inner = _child(shape, name)
        if inner is None:
            raise ValueError(f"{said(at[: depth + 1])} is no place in a plan; {_known(shape)}")
        shape = inner
    return shape


def said(at: Sequence[str]) -> str:
    """Write a place as people read it: scenes.meet.layout.4.boxes.ball; [] is "plan"."""
    if at and at[0] == ORDER:
        return f"the order of {said(at[1:])}"
    return "".join(map(key_path, at)).lstrip(".") or "plan"


def keyed(shape: Shape, value: Any) -> Any:
    """The tree of a value: lists become `Keyed`. What has not that shape stays as it is.

    Objects and lists that have places are new ones, leaves are the value's own.
    """
    if isinstance(shape, Record) and isinstance(value, dict):
        return {name: keyed(shape.fields.get(name, LEAF), item) for name, item in value.items()}
    if isinstance(shape, Members) and isinstance(value, dict):
        return dict(value)
    if isinstance(shape, Numbered) and isinstance(value, list):
        return Keyed({str(index): item for index, item in enumerate(value)})
    if isinstance(shape, Listed) and isinstance(value, list):
        names = [name_of(shape, item) for item in value]
        # Twins would hide each other; whoever checks the plan shall see them all.
        if None not in names and len(set(names)) == len(names):
            items = (keyed(shape.item, item) for item in value)
            return Keyed(zip((str(name) for name in names), items, strict=True))
    return value


def plain(shape: Shape, tree: Any) -> Any:
    """The value of a tree; the opposite of `keyed`."""
    if isinstance(shape, Record) and isinstance(tree, dict):
        return {name: plain(shape.fields.get(name, LEAF), item) for name, item in tree.items()}
    if isinstance(shape, Members) and isinstance(tree, dict):
        return dict(tree)
    if isinstance(shape, Numbered) and isinstance(tree, Keyed):
        return list(tree.values())
    if isinstance(shape, Listed) and isinstance(tree, Keyed):
        names = list(tree) if shape.ordered else sorted(tree, key=int)
        return [plain(shape.item, tree[name]) for name in names]
    return tree


def name_of(shape: Listed, item: Any) -> str | None:
    """The name of a list's item in places; None when it has none."""
    if shape.key is not None:
        item = item.get(shape.key) if isinstance(item, dict) else None
    if shape.key == "frame":
        whole = isinstance(item, int) and not isinstance(item, bool)
        return str(item) if whole and 0 <= item < MAX_FRAMES else None
    return item if isinstance(item, str) and _is_slug(item) else None


def opened(shape: Shape, tree: Any) -> dict[str, Any] | None:
    """What is in a tree by name; None for a leaf, or what has not that shape."""
    if isinstance(shape, Record | Members):
        return tree if isinstance(tree, dict) and not isinstance(tree, Keyed) else None
    return tree if isinstance(tree, Keyed) and not isinstance(shape, Leaf) else None


def _child(shape: Shape, name: str) -> Shape | None:
    if isinstance(shape, Record):
        return shape.fields.get(name)
    if isinstance(shape, Members):
        return LEAF if 0 < len(name) <= _MOST_LETTERS else None
    if isinstance(shape, Numbered):
        return LEAF if _NUMBER.fullmatch(name) else None
    if isinstance(shape, Listed):
        known = _NUMBER.fullmatch(name) if shape.key == "frame" else _is_slug(name)
        return shape.item if known else None
    return None


def _is_slug(name: str) -> bool:
    return len(name) <= 64 and _SLUG.fullmatch(name) is not None


def _known(shape: Shape) -> str:
    if isinstance(shape, Record):
        return f"use one of {', '.join(shape.fields)}"
    if isinstance(shape, Listed) and shape.key != "frame":
        return "use an id"
    if isinstance(shape, Listed | Numbered):
        return "use the number of a frame"
    return "name the whole of it" if isinstance(shape, Leaf) else "use a name"
