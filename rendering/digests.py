"""Names for content: sha256 of files, and of all that decides a scene's pictures."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from ..planning import plan_io
from ..planning.schema import VideoPlan
from .run_digest_memory import DigestMemory, file_digest

__all__ = [
    "ALGORITHM",
    "DigestMemory",
    "content_hash",
    "file_digest",
    "scene_content",
    "scene_hash",
]

# Raise this when the pack renders the same plan to other pixels than before.
ALGORITHM = 1
_DEEPEST = 100
# Which scenes a job renders changes no scene.
_NO_PIXELS = ("only",)


def content_hash(data: Any) -> str:
    """sha256 of plain data, the same on every machine and in every order of the keys.

    Args:
        data: dicts with text keys, lists, tuples, text, numbers, true, false and None. 7 and 7.0
            are one number, as they are in JavaScript.

    Raises:
        TypeError: something else is in it; the message says where.
        ValueError: a number is not finite, or it is nested too deeply; the message says where.
    """
    canonical = _canonical(data, "data", 0)
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def scene_content(
    plan: VideoPlan,
    index: int,
    settings: Mapping[str, Any],
    models: Mapping[str, str],
    references: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """All that decides the pictures of one scene, and nothing else, as plain data.

    The frame rate, the scene's lock, the plan's prompt, other scenes and entities that are not in
    this scene are left out: none of them changes a pixel.

    Args:
        plan: the plan, in the size in which it is rendered.
        index: which of its scenes, from 0.
        settings: everything set outside the plan, such as steps and seed, by name.
        models: sha256 of each weight file by what it is used for.
        references: sha256 of entities' pictures by entity id. A picture's content stands for its
            file name then.

    Raises:
        IndexError: the plan has no such scene.
    """
    bundle = json.loads(plan_io.scene_json(plan, index))
    del bundle["fps"]
    pictures = references or {}
    for entity in bundle["entities"]:
        if entity["id"] in pictures:
            entity["reference_image"] = {"sha256": pictures[entity["id"]]}
    return {
        "algorithm": ALGORITHM,
        "scene": bundle,
        "settings": {key: value for key, value in settings.items() if key not in _NO_PIXELS},
        "models": dict(models),
    }


def scene_hash(
    plan: VideoPlan,
    index: int,
    settings: Mapping[str, Any],
    models: Mapping[str, str],
    references: Mapping[str, str] | None = None,
) -> str:
    """The `content_hash` of a scene's `scene_content`: the key under which its takes are found.

    Raises:
        IndexError: the plan has no such scene.
        TypeError: a setting is no plain data.
        ValueError: a setting is not finite.
    """
    return content_hash(scene_content(plan, index, settings, models, references))


def _canonical(value: Any, path: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError(f"{path[:200]}: nested deeper than {_DEEPEST} levels; flatten it")
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _number(value, path)
    if isinstance(value, Mapping):
        return {
            _key(key, path): _canonical(item, f"{path}.{key}", depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_canonical(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise TypeError(
        f"{path}: {type(value).__name__} is no plain data; use text, numbers, true, false, None, "
        "lists and dicts"
    )


def _number(value: float, path: str) -> float | int:
    if not math.isfinite(value):
        raise ValueError(f"{path}: {value} is not finite and has no hash; use a finite number")
    return int(value) if value.is_integer() else float(value)


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return key
    raise TypeError(f"{path}: the key {key!r} is {type(key).__name__}; keys must be text")
