"""The node that gives a plan more frames."""

from comfy_api.latest import io

from ..planning.frame_rate import answered, double_frame_rate, question
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/plan"


class DoubleFrameRate(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorDoubleFrameRate",
            display_name="Double Frame Rate",
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
        )

    @classmethod
    def execute(cls, plan, times, descriptions=None) -> io.NodeOutput:
        asked = question(plan)
        if descriptions is not None:
            if times != 1:
                raise ValueError(
                    f"Double Frame Rate: times is {times}, but descriptions are for one doubling; "
                    "set times to 1 and put another of these nodes behind this one."
                )
            try:
                return io.NodeOutput(double_frame_rate(plan, answered(plan, descriptions)), asked)
            except ValueError as error:
                raise ValueError(f"Double Frame Rate: {error}") from error
        for _ in range(times):
            plan = double_frame_rate(plan)
        return io.NodeOutput(plan, asked)
