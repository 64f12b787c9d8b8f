"""The node that gives a plan more frames."""

from comfy_api.latest import io

from ..planning.frame_rate import double_frame_rate
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
            ],
            outputs=[
                sockets.Plan.Output(
                    "plan", display_name="plan", tooltip="The same video in more frames."
                )
            ],
        )

    @classmethod
    def execute(cls, plan, times) -> io.NodeOutput:
        for _ in range(times):
            plan = double_frame_rate(plan)
        return io.NodeOutput(plan)
