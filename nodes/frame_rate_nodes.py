"""The node that gives a plan more frames."""

from comfy_api.latest import io

from ..planning.frame_rate import answered, double_frame_rate, question
from ..planning.language_models.profile import OFFLINE
from ..planning.model_planner import asking
from ..planning.schema import PlanError, VideoPlan
from ..planning.styles.frame_doubling import double_with_model
from . import sockets
from .language_models import (
    asked_here,
    fingerprint,
    profile_input,
    profile_of,
    profile_problem,
    take_input,
    told_as,
)

CATEGORY = f"{sockets.CATEGORY}/plan"
DOUBLE = "Double Frame Rate"


class DoubleFrameRate(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorDoubleFrameRate",
            display_name=DOUBLE,
            category=CATEGORY,
            description="Puts a new frame between every two of a plan, at twice the rate: boxes "
            "are interpolated, prompts are in the words of both neighbours.",
            search_aliases=["fps", "smoother", "interpolate frames", "more frames"],
            inputs=[
                sockets.Plan.Input("plan", tooltip="The plan to make smoother."),
                io.Int.Input(
                    "times",
                    default=1,
                    min=1,
                    max=6,
                    tooltip="How often the rate is doubled: 1 = twice the frames, 2 = four times.",
                ),
                io.String.Input(
                    "descriptions",
                    optional=True,
                    force_input=True,
                    tooltip="The new frames in a language model's words: its answer to the "
                    "question that another of these nodes gives for the same plan.",
                ),
                profile_input(
                    optional=True,
                    tooltip="Who describes the new frames: 'offline' in the words of both "
                    "neighbours, a language model in its own.",
                ),
                take_input(),
            ],
            outputs=[
                sockets.Plan.Output(
                    "plan", display_name="plan", tooltip="The same video in more frames."
                ),
                io.String.Output(
                    "question",
                    display_name="question",
                    tooltip="What to ask a language model, so that it describes the new frames. "
                    "Empty where a plan's frames have no prompts of their own.",
                ),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def validate_inputs(cls, profile=OFFLINE):
        return profile_problem(DOUBLE, profile)

    @classmethod
    def fingerprint_inputs(cls, profile=OFFLINE, **_):
        return fingerprint(profile)

    @classmethod
    def execute(cls, plan, times, descriptions=None, profile=OFFLINE, take=0) -> io.NodeOutput:
        asked = question(plan)
        with told_as(DOUBLE):
            if descriptions is not None:
                return io.NodeOutput(_described(plan, times, descriptions, profile), asked)
            who = profile_of(profile)
            if who.kind != OFFLINE:
                with asking(who, **asked_here(who, take, cls.hidden)) as ask:
                    return io.NodeOutput(double_with_model(plan, ask, times), asked)
            for _ in range(times):
                plan = double_frame_rate(plan)
        return io.NodeOutput(plan, asked)


def _described(plan: VideoPlan, times: int, descriptions: str, profile: str) -> VideoPlan:
    if times != 1:
        raise PlanError(
            f"times is {times}, but descriptions are for one doubling; set times to 1 and put "
            "another of these nodes behind this one"
        )
    if profile != OFFLINE:
        raise PlanError(
            f"descriptions are connected, so that {profile!r} has nothing to describe; disconnect "
            f"them, or set profile to {OFFLINE}"
        )
    return double_frame_rate(plan, answered(plan, descriptions))
