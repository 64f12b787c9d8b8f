"""How a server is told which form the answer must have: strictly, loosely or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# From the strictest to none: what a server refuses is asked for one step more loosely.
FORMS = ("json_schema", "json_object", "text")

_NOT_STRICT = {
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "prefixItems",
    "uniqueItems",
    "default",
}


def response_format(form: str, schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The request's ``response_format`` for a form of answer; None for plain text."""
    if schema is None or form == "text":
        return None
    if form == "json_object":
        return {"type": "json_object"}
    plain = dict(schema)
    wanted = {"name": "answer", "schema": plain, "strict": may_be_strict(plain)}
    return {"type": "json_schema", "json_schema": wanted}


def may_be_strict(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema keeps the rules of OpenAI's strict structured outputs.

    Every object must list all its properties as required and allow no others, the root must be
    an object, and some keywords are not known. A schema that breaks the rules would be refused
    where ``strict`` is true, so it is sent without: a map of names to boxes is such a schema.
    """
    return schema.get("type") == "object" and _strict(schema)


def _strict(part: object) -> bool:
    if isinstance(part, list):
        return all(_strict(item) for item in part)
    if not isinstance(part, Mapping):
        return True
    if _NOT_STRICT & part.keys():
        return False
    properties = part.get("properties", {})
    if part.get("type") == "object" or "properties" in part:
        closed = part.get("additionalProperties") is False
        if not closed or set(part.get("required", [])) != set(properties):
            return False
    # Names of properties and definitions are no keywords, so only what they stand for is read.
    named = [*properties.values(), *part.get("$defs", {}).values()]
    rest = [value for key, value in part.items() if key in ("items", "anyOf")]
    return all(_strict(item) for item in [*named, *rest])
