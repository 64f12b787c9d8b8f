"""The node where people change a plan, and where a run waits until somebody has approved it."""

import json

from comfy_api.latest import io
from comfy_execution.graph_utils import ExecutionBlocker

from ..planning.edit_text import PlanEdits, read_edits
from ..planning.edited_plan import EditedPlan, edited_plan
from ..planning.edits import plan_data, plan_hash
from ..planning.lint import lint_plan
from ..planning.schema import PlanError, VideoPlan
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/plan"
# The host keeps what nodes show in its history, and sends it to every page.
MOST_SHOWN_BYTES = 4 * 2**20
_MISFITS_TOLD = 20


class EditPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorEditPlan",
            display_name="Edit Plan",
            category=CATEGORY,
            description="Changes a plan in the places that somebody edited, also after the plan "
            "was written anew, and waits for approval before anything is rendered if asked to.",
            search_aliases=["storyboard editor", "edit boxes", "approve plan", "pause", "review"],
            is_output_node=True,
            inputs=[
                io.String.Input(
                    "edits",
                    multiline=True,
                    default="",
                    tooltip="The edits as JSON; the help page tells its form. Empty: none.",
                ),
                io.Combo.Input(
                    "on_new_plan",
                    options=["keep", "discard", "stop"],
                    default="keep",
                    tooltip="When the plan is another than the one that was edited. keep: edits "
                    "that fit. discard: no edits. stop: an error.",
                ),
                io.Combo.Input(
                    "review",
                    options=["pass", "wait"],
                    default="pass",
                    tooltip="wait: nothing after this node runs until exactly this plan is "
                    "approved.",
                ),
                sockets.Plan.Input(
                    "plan",
                    optional=True,
                    tooltip="The plan to change; not needed when the edits hold a whole one.",
                ),
            ],
            outputs=[
                sockets.Plan.Output("plan", display_name="plan", tooltip="The edited plan."),
            ],
        )

    @classmethod
    def validate_inputs(cls, edits):
        if edits is None:  # comes through a link
            return True
        try:
            read_edits(edits)
        except PlanError as error:
            return f"Edit Plan: the edits cannot be used: {error}"
        return True

    @classmethod
    def execute(cls, edits, on_new_plan, review, plan=None) -> io.NodeOutput:
        try:
            asked = read_edits(edits)
            edited = edited_plan(plan, asked, on_new_plan)
        except PlanError as error:
            raise ValueError(f"Edit Plan: the edits cannot be used: {error}") from error
        waiting = review == "wait" and not edited.approved
        # Without a message: the host shows one as a failure of every node that is blocked.
        output = ExecutionBlocker(None) if waiting else edited.plan
        text, data = told(edited, asked, waiting=waiting), shown(plan, edited, waiting=waiting)
        return io.NodeOutput(output, ui={"text": [text], "edit_plan": [data]})


def told(edited: EditedPlan, asked: PlanEdits, *, waiting: bool) -> str:
    """What the node tells scripts: whether it waits and for what, which edits were left out."""
    lines = []
    if waiting:
        entry = f'"approved": "{edited.hash}"'
        how = f"add {entry} to the JSON in edits" if asked.edits else "set edits to "
        if not asked.edits:
            how += f'{{"version": 1, {entry}}}'
        lines.append(f"waiting for approval; to approve this plan, {how} and run again")
        if asked.approved:
            lines.append("what was approved before is another plan")
    lines.append(f"{edited.made} edits made" if edited.made != 1 else "1 edit made")
    if edited.discarded:
        lines.append(
            f"{edited.discarded} left out, made on another plan; set on_new_plan to keep to try "
            "them on this one"
        )
    if edited.misfits:
        lines.append(f"{len(edited.misfits)} left out, which do not fit this plan:")
        lines += [f"- {misfit}" for misfit in edited.misfits[:_MISFITS_TOLD]]
    if len(edited.misfits) > _MISFITS_TOLD:
        lines.append(f"- and {len(edited.misfits) - _MISFITS_TOLD} more")
    return "\n".join(lines)


def shown(plan: VideoPlan | None, edited: EditedPlan, *, waiting: bool) -> str:
    """What an editor in the browser needs to know, as JSON text: JavaScript's own reading of the
    host's JSON would round large seeds. Plans that are too large to be shown are left out.
    """
    data = {
        "incoming_hash": plan_hash(plan),
        "edited_hash": edited.hash,
        "waiting": waiting,
        "discarded": edited.discarded,
        "misfits": [
            {"at": misfit.at, "kind": misfit.kind, "text": misfit.text} for misfit in edited.misfits
        ],
        "notes": [vars(finding) for finding in lint_plan(edited.plan)],
        "incoming": None if plan is None else plan_data(plan),
        "edited": plan_data(edited.plan),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) <= MOST_SHOWN_BYTES:
        return text
    rest = {name: data[name] for name in ("incoming_hash", "edited_hash", "waiting", "discarded")}
    return json.dumps({**rest, "too_large": True}, separators=(",", ":"))
