"""Edits of a plan: found between two plans, applied to a third one.

Whoever edits a plan changes places in it, and the plan may be written anew meanwhile. An edit fits
where its place still is as it was. `web/plan_edits.js` does the same in the browser.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .content_hash import content_hash
from .edit_places import (
    LEAF,
    ORDER,
    PLAN,
    Keyed,
    Listed,
    Members,
    Numbered,
    Record,
    Shape,
    keyed,
    opened,
    plain,
    said,
)
from .edit_text import Edit
from .problems import shown
from .schema import VideoPlan

Kind = Literal["changed", "gone", "taken"]
_ROOT = Record({"plan": PLAN})


@dataclass(frozen=True)
class Misfit:
    """An edit that was left out.

    at: its place.
    kind: "changed": another value is there now; "gone": nothing is there any more, or nothing it
        could be in; "taken": something else is where nothing was.
    text: the same in words.
    """

    at: tuple[str, ...]
    kind: Kind
    text: str

    def __str__(self) -> str:
        return self.text


def plan_data(plan: VideoPlan) -> dict[str, Any]:
    """A plan as the plain data that edits are made on: every field that has a value."""
    return plan.model_dump(mode="json", exclude_none=True)


def plan_hash(plan: VideoPlan | None) -> str | None:
    """The hash by which edits know the plan they were made on; None for no plan."""
    return None if plan is None else content_hash(plan_data(plan))


def diff(base: dict[str, Any] | None, edited: dict[str, Any]) -> list[Edit]:
    """The least edits that make one plan the other, always in the same order.

    Args:
        base: data of a plan (`plan_data`); None for none, which gives one edit with the whole plan.
        edited: data of another one.
    """
    tree = keyed(PLAN, base) if base is not None else None
    return list(_changes(PLAN, tree, keyed(PLAN, edited), ()))


def apply(
    plan: dict[str, Any] | None, edits: Sequence[Edit]
) -> tuple[dict[str, Any] | None, list[Misfit]]:
    """Make those edits in a plan that fit it, one after the other.

    An edit fits where its place is as the edit says that it was; where it already is as it shall
    be, nothing is left to do. Of two orders only the common names are compared: ids that are gone
    are left out, new ones stay behind those they stood behind.

    Args:
        plan: data of a plan; None for none, which only an edit with a whole plan fits.
        edits: what to change.

    Returns:
        The edited plan's data, not yet checked, and the edits that were left out. The given data
        stays as it is.
    """
    root = {} if plan is None else {"plan": keyed(PLAN, plan)}
    misfits = []
    for edit in edits:
        made = _reorder(root, edit) if edit.at[:1] == (ORDER,) else _change(root, edit)
        if isinstance(made, Misfit):
            misfits.append(made)
    return plain(PLAN, root.get("plan")), misfits


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 7 is 7.0, true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def _changes(shape: Shape, was: Any, to: Any, at: tuple[str, ...]) -> Iterator[Edit]:
    """Edits between two trees of one shape; None is where there is none."""
    old, new = opened(shape, was), opened(shape, to)
    if old is None or new is None or (isinstance(shape, Numbered) and len(old) != len(new)):
        before, after = plain(shape, was), plain(shape, to)
        if not same(before, after):
            yield Edit(at=at, was=before, to=after)
        return
    for name in _names(shape, old, new):
        yield from _changes(_inner(shape, name), old.get(name), new.get(name), (*at, name))
    if isinstance(shape, Listed) and shape.ordered:
        appended = [*(name for name in old if name in new), *(n for n in new if n not in old)]
        if appended != list(new):
            yield Edit(at=(ORDER, *at), was=list(old), to=list(new))


def _names(shape: Shape, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    if isinstance(shape, Record):
        return [name for name in shape.fields if name in old or name in new]
    if isinstance(shape, Members):  # JavaScript keeps them in another order
        return sorted({*old, *new})
    return list({**old, **new})


def _inner(shape: Shape, name: str) -> Shape:
    if isinstance(shape, Record):
        return shape.fields.get(name, LEAF)
    return shape.item if isinstance(shape, Listed) else LEAF


def _change(root: dict[str, Any], edit: Edit) -> Misfit | None:
    shape, owner = _owner(root, edit.at)
    *_, name = ("plan", *edit.at)
    inner = _inner(shape, name)
    now = plain(inner, owner[name]) if owner is not None and name in owner else None
    if same(now, edit.to):
        return None
    if owner is None or (now is None and edit.was is not None):
        return Misfit(edit.at, "gone", f"{said(edit.at)}: is not in this plan")
    if now is not None and edit.was is None:
        return Misfit(edit.at, "taken", f"{said(edit.at)}: this plan already has another one")
    if not same(now, edit.was):
        text = f"was {shown(edit.was)} when it was edited, is {shown(now)} in this plan"
        return Misfit(edit.at, "changed", f"{said(edit.at)}: {text}")
    if edit.to is None:
        del owner[name]
    else:
        owner[name] = keyed(inner, edit.to)
    return None


def _reorder(root: dict[str, Any], edit: Edit) -> Misfit | None:
    shape, owner = _owner(root, edit.at[1:])
    *_, name = ("plan", *edit.at[1:])
    now = opened(_inner(shape, name), owner.get(name)) if owner is not None else None
    if owner is None or now is None:
        return Misfit(edit.at, "gone", f"{said(edit.at)}: that list is not in this plan")
    wanted = _common(edit.to, now)
    if wanted == _common(now, edit.to):
        return None
    if _common(edit.was, now) != _common(now, edit.was):
        return Misfit(edit.at, "changed", f"{said(edit.at)}: is another one in this plan")
    before: str | None = None
    for item in now:
        if item not in edit.to:
            wanted.insert(0 if before is None else wanted.index(before) + 1, item)
        before = item
    owner[name] = Keyed({item: now[item] for item in wanted})
    return None


def _common(names: Sequence[str] | dict[str, Any], others: Sequence[str] | dict[str, Any]) -> Any:
    """Those names, in their order, that the others have too."""
    return [name for name in names if name in others]


def _owner(root: dict[str, Any], at: Sequence[str]) -> tuple[Shape, dict[str, Any] | None]:
    """The shape and the content of what a place is in; None where that is not in the plan."""
    shape: Shape = _ROOT
    owner: dict[str, Any] | None = root
    for name in ("plan", *at)[:-1]:
        shape = _inner(shape, name)
        owner = opened(shape, owner.get(name)) if owner is not None else None
    return shape, owner
