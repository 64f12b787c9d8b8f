"""Puts pydantic's errors into the plan's own words: "path: what is wrong; how to put it right"."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .invariants import key_path
from .schema import (
    VERSION,
    Camera,
    CameraPose,
    Entity,
    Keyframe,
    PlanError,
    Scene,
    SceneBundle,
    VideoPlan,
)
from .slugs import slugify

_PARTS: Mapping[str, type[BaseModel]] = {
    "entities": Entity,
    "scenes": Scene,
    "scene": Scene,
    "layout": Keyframe,
    "camera": Camera,
    "path": CameraPose,
}
_EXPECTED = {
    "int_type": ("a whole number", "write it without quotes or decimals"),
    "int_from_float": ("a whole number", "round it"),
    "float_type": ("a number", "write it without quotes"),
    "bool_type": ("true or false", "use one of the two"),
    "string_type": ("text", 'write it in "quotes"'),
    "list_type": ("a list", "write it in [brackets]"),
    "tuple_type": ("a list", "write it in [brackets]"),
    "dict_type": ("an object", "write it in {braces}"),
    "model_type": ("an object", "write it in {braces}"),
    "box_shape": ("a box", "write four numbers [x0, y0, x1, y1] from 0 to 1"),
}


def describe(
    error: ValidationError,
    root: type[BaseModel],
    parts: Mapping[str, type[BaseModel]] = _PARTS,
) -> list[str]:
    """Return one message per problem that pydantic found.

    Args:
        error: what validation raised.
        root: the class that was validated, such as VideoPlan.
        parts: the classes of its parts by the names of the fields that hold them.
    """
    messages: list[str] = []
    for detail in error.errors(include_url=False):
        raised = detail.get("ctx", {}).get("error")
        if isinstance(raised, PlanError):
            messages += raised.problems
        else:
            messages.append(f"{path_of(detail['loc'])}: {_say(detail, root, parts)}")
    return list(dict.fromkeys(messages))


def path_of(location: Sequence[str | int]) -> str:
    """Write pydantic's location as scenes[2].layout[0].boxes.corgi; the root is "plan"."""
    path = ""
    for part in location:
        if part != "[key]":
            path += f"[{part}]" if isinstance(part, int) else key_path(part)
    return path.lstrip(".") or "plan"


def _say(detail: ErrorDetails, root: type[BaseModel], parts: Mapping[str, type[BaseModel]]) -> str:
    kind, value = detail["type"], detail["input"]
    if detail["loc"] == ("version",) and kind != "missing":
        return version_problem(value)
    if kind in _EXPECTED:
        expected, fix = _EXPECTED[kind]
        return f"expected {expected}, got {shown(value)}; {fix}"
    if kind == "extra_forbidden":
        return _unknown_field(detail["loc"], root, parts)
    if kind in _SAYINGS:
        return _SAYINGS[kind](value, detail.get("ctx", {}))
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, got {shown(value)}; correct it"


def version_problem(value: object) -> str:
    """Return what is wrong with a plan's version, without the path."""
    if isinstance(value, int) and not isinstance(value, bool) and value > VERSION:
        return (
            f"{shown(value)} is newer than the {VERSION} that this VideoDirector reads; "
            "update the pack to open this plan"
        )
    return f"{shown(value)} is not a version of the format; write {VERSION}"


def shown(value: object) -> str:
    """Return a value as a person would say it in a message, never longer than a few words."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else f"{value[:37]}…")
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a huge number"
    return str(value)[:40]


def _unknown_field(
    location: Sequence[str | int], root: type[BaseModel], parts: Mapping[str, type[BaseModel]]
) -> str:
    names = [part for part in location[:-1] if isinstance(part, str)]
    part = parts.get(names[-1], root) if names else root
    fields = list(part.model_fields)
    near = get_close_matches(str(location[-1])[:80], fields, n=1)
    fix = f"did you mean {near[0]!r}?" if near else f"remove it (known: {', '.join(fields)})"
    article = {
        VideoPlan: "a plan",
        SceneBundle: "a scene bundle",
        Entity: "an entity",
        CameraPose: "a pose of a camera",
    }
    title = part.model_config.get("title") or f"a {part.__name__.lower()}"
    return f"is not a field of {article.get(part, title)}; {fix}"


def _not_a_multiple(value: object, context: Mapping[str, object]) -> str:
    step, size = int(str(context["multiple_of"])), int(str(value))
    below = size // step * step
    return f"{size} is not a multiple of {step}; use {below} or {below + step}"


def _bad_pattern(value: object, context: Mapping[str, object]) -> str:
    return (
        f"{shown(value)} is not an id; use small letters a-z, digits, - and _ between them, "
        f"for example {slugify(str(value))!r}"
    )


_SAYINGS: Mapping[str, Callable[[object, Mapping[str, object]], str]] = {
    "missing": lambda value, context: "is missing; add it",
    "greater_than": lambda v, c: f"{shown(v)} is too small; use more than {c['gt']}",
    "greater_than_equal": lambda v, c: f"{shown(v)} is too small; use {c['ge']} or more",
    "less_than_equal": lambda v, c: f"{shown(v)} is too large; use {c['le']} or less",
    "multiple_of": _not_a_multiple,
    "string_pattern_mismatch": _bad_pattern,
    "finite_number": lambda v, c: f"{shown(v)} is not a finite number; use a plain number",
    "literal_error": lambda v, c: f"{shown(v)} is not known; use {c['expected']}",
    "string_too_long": lambda v, c: f"is too long; use at most {c['max_length']} characters",
    "too_long": lambda v, c: f"has {c['actual_length']} items; use at most {c['max_length']}",
    "too_short": lambda v, c: f"has {c['actual_length']} items; give at least {c['min_length']}",
    "string_unicode": lambda v, c: "has half a character (a lone surrogate); remove it",
}
