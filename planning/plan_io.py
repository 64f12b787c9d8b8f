"""Reads and writes video plans: JSON text, files, and the literal JSON of one scene.

Whatever the text holds, the answer is a valid plan or a `PlanError` that lists its problems.
"""

import json
import os
import secrets
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from .invariants import bundle_problems, plan_problems
from .problems import describe, version_problem
from .schema import VERSION, PlanError, SceneBundle, VideoPlan

__all__ = [
    "PlanError",
    "SceneBundle",
    "VideoPlan",
    "dumps",
    "from_data",
    "load",
    "loads",
    "parsed",
    "save",
    "scene_bundle",
    "scene_from_json",
    "scene_json",
]

MAX_BYTES = 16 * 2**20
_LINE = 100
_Model = TypeVar("_Model", bound=BaseModel)


def loads(text: str) -> VideoPlan:
    """Read a plan from JSON text.

    Raises:
        PlanError: the text is no JSON (line and column are named) or no valid plan.
    """
    return from_data(parsed(text))


def from_data(data: object) -> VideoPlan:
    """Build a plan from plain JSON data (dicts, lists, numbers, text).

    Raises:
        PlanError: with every problem of the data.
    """
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        # A newer format may differ everywhere: complaints about the rest would mislead.
        raise PlanError(f"version: {version_problem(version)}")
    return _validated(VideoPlan, data, plan_problems(data))


def dumps(plan: VideoPlan) -> str:
    """Write a plan as canonical JSON: `dumps(loads(dumps(plan)))` is the same text.

    Fields come in the order of the schema, absent ones are left out, short parts stand on one
    line, everything but control characters is written as it is. The text ends with a newline.

    Raises:
        PlanError: the plan was made invalid after it was built.
    """
    checked = from_data(plan.model_dump(warnings=False))
    return _pretty(checked.model_dump(mode="json", exclude_none=True), 0, 0) + "\n"


def load(path: str | os.PathLike[str]) -> VideoPlan:
    """Read a plan file (UTF-8).

    Raises:
        OSError: the file cannot be read.
        PlanError: it is too large, not UTF-8, or no valid plan.
    """
    with open(path, "rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise PlanError(f"plan: the file is larger than {MAX_BYTES} bytes; this is no plan")
    try:
        return loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PlanError(
            f"plan: byte {error.start} of the file is not UTF-8; save the file as UTF-8"
        ) from error


def save(plan: VideoPlan, path: str | os.PathLike[str]) -> None:
    """Write a plan file; a file that was there stays whole until the new one is complete.

    Raises:
        OSError: the folder cannot be written.
        PlanError: the plan was made invalid after it was built.
    """
    target = Path(path)
    raw = dumps(plan).encode("utf-8")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(raw)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def scene_bundle(plan: VideoPlan, index: int) -> SceneBundle:
    """Return one scene of a plan with only the entities that it shows.

    Raises:
        IndexError: the plan has no such scene (indices count from 0).
    """
    if not 0 <= index < len(plan.scenes):
        raise IndexError(
            f"scene index {index}: the plan has {len(plan.scenes)} scenes; "
            f"use 0 to {len(plan.scenes) - 1}"
        )
    scene = plan.scenes[index]
    entities = {entity.id: entity for entity in plan.entities}
    shown = [*scene.entities, *([scene.background] if scene.background else [])]
    return SceneBundle(
        fps=plan.fps,
        width=plan.width,
        height=plan.height,
        entities=[entities[name] for name in shown],
        scene=scene,
    )


def scene_json(plan: VideoPlan, index: int) -> str:
    """Write one scene as compact JSON that changes only when that scene's pictures may.

    This is what expanded nodes get as a literal, so it is also their key in the host's cache:
    keys are sorted, entities that the scene does not show and the scene's lock are left out.

    Raises:
        IndexError: the plan has no such scene (indices count from 0).
    """
    bundle = scene_bundle(plan, index)
    data = bundle.model_dump(mode="json", exclude_none=True, exclude={"scene": {"locked"}})
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def scene_from_json(text: str) -> SceneBundle:
    """Read what `scene_json` wrote.

    Raises:
        PlanError: the text is no JSON or no valid scene bundle.
    """
    data = parsed(text)
    return _validated(SceneBundle, data, bundle_problems(data))


def parsed(text: str) -> object:
    """Read JSON text strictly: no key twice in an object, nothing nested without end.

    Raises:
        PlanError: the text is no such JSON, or too long; line and column are named.
    """
    if len(text) > MAX_BYTES:
        raise PlanError(f"plan: the text is longer than {MAX_BYTES} characters; this is no plan")
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_without_twins)
    except json.JSONDecodeError as error:
        raise PlanError(
            f"line {error.lineno} column {error.colno}: this is not JSON here "
            f"({error.msg.lower()}); correct the text at that place"
        ) from error
    except RecursionError as error:
        raise PlanError("plan: brackets are nested too deeply; this is no plan") from error
    except PlanError:
        raise
    except ValueError as error:  # Python refuses whole numbers of more than 4300 digits
        raise PlanError("plan: a number has too many digits; shorten it") from error


def _validated(model: type[_Model], data: object, broken: list[str]) -> _Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # Invariants run inside the model only once all types are right; we want both at once.
        raise PlanError(list(dict.fromkeys(describe(error, model) + broken))) from None


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise PlanError(
                f"plan: the key {key[:60]!r} stands twice in one object; remove one of them"
            )
        result[key] = value
    return result


def _pretty(value: object, indent: int, used: int) -> str:
    """Write JSON with a line per member only where one line for all would be too long."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or indent + used + len(line) < _LINE:
        return line
    inner = indent + 2
    if isinstance(value, dict):
        keys = [json.dumps(key, ensure_ascii=False) + ": " for key in value]
        parts = [
            key + _pretty(item, inner, len(key))
            for key, item in zip(keys, value.values(), strict=True)
        ]
    else:
        parts = [_pretty(item, inner, 0) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    space = " " * inner
    body = f",\n{space}".join(parts)
    return f"{opening}\n{space}{body}\n{' ' * indent}{closing}"
