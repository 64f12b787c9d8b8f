"""The plan that comes out of Edit Plan: a plan with the edits that somebody made on it."""

from dataclasses import dataclass
from typing import Literal

from . import plan_io
from .edit_text import PlanEdits
from .edits import Misfit, apply, plan_data, plan_hash
from .schema import PlanError, VideoPlan

OnNewPlan = Literal["keep", "discard", "stop"]


@dataclass(frozen=True)
class EditedPlan:
    """An edited plan and how it came about.

    plan: the edited plan.
    hash: its `plan_hash`, which approves it.
    made: how many edits are in it.
    misfits: edits that did not fit.
    discarded: how many edits were left out because they were made on another plan.
    approved: whether somebody has approved exactly this plan.
    """

    plan: VideoPlan
    hash: str | None
    made: int
    misfits: list[Misfit]
    discarded: int
    approved: bool


def edited_plan(plan: VideoPlan | None, edits: PlanEdits, on_new_plan: OnNewPlan) -> EditedPlan:
    """Make edits in a plan.

    Args:
        plan: the plan that is there now; None when the edits hold a whole one.
        edits: what was edited, and on which plan.
        on_new_plan: what to do where that was another plan: "keep" the edits that fit, "discard"
            them all, or "stop".

    Raises:
        PlanError: "stop" was asked for and this is another plan, there is no plan at all, or the
            edited one is none; the problems are listed.
    """
    same_base = not edits.edits or edits.base == plan_hash(plan)
    if not same_base and on_new_plan == "stop":
        raise PlanError(
            "they were made on another plan than the one that is there now; set on_new_plan to "
            "keep (those that fit) or to discard, or clear edits"
        )
    chosen = edits.edits if same_base or on_new_plan == "keep" else []
    data, misfits = apply(None if plan is None else plan_data(plan), chosen)
    if data is None:
        raise PlanError("there is no plan; connect one, or use edits that hold a whole plan")
    result = plan_io.from_data(data)
    named = plan_hash(result)
    return EditedPlan(
        plan=result,
        hash=named,
        made=len(chosen) - len(misfits),
        misfits=misfits,
        discarded=len(edits.edits) - len(chosen),
        approved=edits.approved == named,
    )
