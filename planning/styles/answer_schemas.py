"""JSON Schemas of the answers, as strict structured output wants them.

Every property is required, nothing else is allowed, and there are no other keywords than these:
servers differ in what they honour, and some refuse a schema for one word that they do not know.
"""

from collections.abc import Sequence
from typing import Any, get_args

from ..schema import Direction, Speed

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer"}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(words: Sequence[str]) -> Schema:
    return {"type": "string", "enum": list(words)}


_NAMED = _object(name=_TEXT, description=_TEXT)
_SCENE = {"prompt": _TEXT, "background": _TEXT, "entities": _list(_TEXT)}
_LAYOUT = {
    "reasoning": _TEXT,
    "boxes": _list(_object(frame=_WHOLE, entity=_TEXT, box=_list(_NUMBER))),
    "layout_strength": _NUMBER,
}
_CAMERA = {
    "camera_direction": _one_of(get_args(Direction)),
    "camera_speed": _one_of(get_args(Speed)),
}

SCENES = _object(scenes=_list(_object(**_SCENE)))
CAMERAS = _object(cameras=_list(_object(**_CAMERA)))
LAYOUT = _object(**_LAYOUT)
DIRECTOR = _object(
    entities=_list(_NAMED),
    backgrounds=_list(_NAMED),
    scenes=_list(_object(**_SCENE, **_CAMERA, action=_TEXT, **_LAYOUT)),
)
FRAMES = _object(summary=_TEXT, frames=_list(_TEXT))
