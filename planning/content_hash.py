"""A name for plain data by what it says: the same on every machine, in every order of the keys."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

_DEEPEST = 100


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
