"""The text that holds edits of a plan: all that the node Edit Plan keeps.

    {"version": 1, "base": "<hash>", "approved": "<hash>",
     "edits": [{"at": ["scenes", "s1", "prompt"], "was": "…", "to": "…"}]}

`was` is absent where nothing was, `to` where nothing is left. `base` is the hash of the plan the
edits were made on, absent where they were made on none; `approved` that of the edited plan which
somebody has approved. The text itself is empty where nothing is edited.
"""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from . import plan_io
from .edit_places import ORDER, Listed, Numbered, name_of, said, shape_at
from .problems import describe
from .schema import PlanError, Version

MAX_BYTES = 2**20
MAX_EDITS = 5000
_DEEPEST = 20
_DEEPEST_PLACE = 16

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(max_length=200)]


class Edit(BaseModel):
    """One change at one place.

    at: the place (`edit_places`).
    was: the value that was there when the edit was made; None where there was none.
    to: the value that is there from now on; None where there is none any more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, title="an edit")

    at: Annotated[tuple[Name, ...], Field(max_length=_DEEPEST_PLACE)]
    was: Any = None
    to: Any = None


class PlanEdits(BaseModel):
    """What the text says."""

    model_config = ConfigDict(extra="forbid", title="edits of a plan")

    version: Version
    base: Hash | None = None
    edits: list[Edit] = Field(default_factory=list, max_length=MAX_EDITS)
    approved: Hash | None = None

    @model_validator(mode="after")
    def _are_changes_at_places(self) -> "PlanEdits":
        told = ((index, _problem(edit)) for index, edit in enumerate(self.edits))
        problems = [f"edits[{index}]{problem}" for index, problem in told if problem]
        if problems:
            raise PlanError(problems)  # pydantic carries it inside its ValidationError
        return self


def read_edits(text: str) -> PlanEdits:
    """Read the text of edits; an empty one has none.

    Raises:
        PlanError: it is too large, no JSON, or not of this form; every problem is listed.
    """
    if not text.strip():
        return PlanEdits(version=1)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise PlanError(f"edits: the text is larger than {MAX_BYTES} bytes; edit the plan's file")
    data = plan_io.parsed(text)
    if _depth_left(data, _DEEPEST) < 0:
        raise PlanError(f"edits: brackets are nested deeper than {_DEEPEST} levels; flatten them")
    try:
        return PlanEdits.model_validate(data)
    except ValidationError as error:
        raise PlanError(describe(error, PlanEdits, {"edits": Edit})) from None


def write_edits(edits: PlanEdits) -> str:
    """Write edits as the text that `read_edits` reads; "" where there is nothing to keep."""
    if not edits.edits and edits.approved is None:
        return ""
    data = {
        "version": edits.version,
        "base": edits.base,
        "edits": [_present({"at": e.at, "was": e.was, "to": e.to}) for e in edits.edits],
        "approved": edits.approved,
    }
    return json.dumps(_present(data), ensure_ascii=False, separators=(",", ":"))


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _depth_left(value: Any, levels: int) -> int:
    """How many levels are left below a value; stops looking where there are less than none."""
    if not isinstance(value, dict | list) or levels < 0:
        return levels
    inner = value.values() if isinstance(value, dict) else value
    return min((_depth_left(item, levels - 1) for item in inner), default=levels)


def _problem(edit: Edit) -> str | None:
    """What is wrong with an edit beyond its types, to be written after its number."""
    try:
        shape_at(edit.at)
    except ValueError as error:
        return f".at: {error}"
    place = said(edit.at)
    if edit.at[:1] == (ORDER,):
        whole = _is_names(edit.was) and _is_names(edit.to)
        return None if whole else f": {place} needs a list of ids, each once, as 'was' and as 'to'"
    if edit.was is None and edit.to is None:
        return f": {place} has neither 'was' nor 'to'; give at least one of them"
    if not edit.at:
        return ".to: the plan itself cannot be removed; give one" if edit.to is None else None
    owner = shape_at(edit.at[:-1])
    if isinstance(owner, Numbered) and (edit.was is None or edit.to is None):
        return f": {place} cannot be added or removed alone; edit the whole list"
    if isinstance(owner, Listed) and edit.to is not None:
        if name_of(owner, edit.to) != edit.at[-1]:
            key = f"the {owner.key} " if owner.key else ""
            return f".to: is not {key}{edit.at[-1]!r}, which its place names; correct one of them"
    return None


def _is_names(value: Any) -> bool:
    names = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return names and len(set(value)) == len(value)
