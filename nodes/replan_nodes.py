"""The node that has one scene of a plan written anew."""

from comfy_api.latest import io

from ..planning.model_planner import asking, needs_a_model
from ..planning.styles.replanning import replan_scene
from . import sockets
from .language_models import (
    asked_here,
    fingerprint,
    plan_outputs,
    planned,
    profile_input,
    profile_of,
    profile_problem,
    take_input,
    told_as,
)

CATEGORY = f"{sockets.CATEGORY}/plan"
REPLAN = "Re-plan Scene"


class ReplanScene(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorReplanScene",
            display_name=REPLAN,
            category=CATEGORY,
            description="Lets a language model write one scene of a plan anew. All others stay as "
            "they are, to the letter, and are not rendered again.",
            search_aliases=["rewrite shot", "retake", "edit scene", "LLM"],
            inputs=[
                sockets.Plan.Input("plan", tooltip="The plan to change."),
                io.String.Input(
                    "scene",
                    default="scene-1",
                    tooltip="Id of the scene, as the storyboard names it.",
                ),
                io.String.Input(
                    "wish",
                    multiline=True,
                    default="",
                    tooltip="What shall be different, in any language. Empty: another idea.",
                ),
                profile_input(),
                take_input(),
            ],
            outputs=plan_outputs("The changed plan."),
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def validate_inputs(cls, profile):
        return profile_problem(REPLAN, profile)

    @classmethod
    def fingerprint_inputs(cls, profile=None, **_):
        return fingerprint(profile)

    @classmethod
    def execute(cls, plan, scene, wish, profile, take=0) -> io.NodeOutput:
        with told_as(REPLAN):
            who = profile_of(profile)
            needs_a_model(who, "writing a scene anew")
            with asking(who, **asked_here(who, take, cls.hidden)) as ask:
                changed = replan_scene(plan, scene.strip(), wish, ask)
        return planned(cls.hidden, changed)
