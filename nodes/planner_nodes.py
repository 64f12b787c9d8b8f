"""Nodes that write plans: by rules, by a language model, or by whoever answers a question."""

from comfy_api.latest import io

from ..planning.model_planner import plan_by
from ..planning.replies import ONE_QUESTION, as_text, question_of
from ..planning.request import PlanRequest
from ..planning.styles import DEFAULT_STYLE
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
from .planner_inputs import size_inputs, style_inputs
from .sampling_inputs import seed_input

CATEGORY = f"{sockets.CATEGORY}/plan"
PLAN, PROMPT = "Plan Video", "Planner Prompt"


class PlanVideo(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorPlanVideo",
            display_name=PLAN,
            category=CATEGORY,
            description="Turns a prompt into a video plan: scenes, who is in them, where things "
            "are in every frame, and what the camera does.",
            search_aliases=["storyboard", "script", "director", "prompt to video", "LLM", "Ollama"],
            inputs=[
                io.String.Input(
                    "prompt",
                    multiline=True,
                    default="A red ball rolls across a meadow. Then the red ball meets a blue star "
                    "by the sea.",
                    tooltip="What the video shows. The offline planner reads English, where a new "
                    "sentence, 'then' or 'finally' begins a new scene; language models read more.",
                ),
                *size_inputs(),
                seed_input(
                    "seed",
                    "Writes the noise seed of each scene into the plan. 0 leaves it to "
                    "Render Plan.",
                ),
                profile_input(),
                *style_inputs(),
                take_input(),
                sockets.Plan.Input(
                    "earlier",
                    optional=True,
                    tooltip="An earlier plan, whose locked scenes stay as they are.",
                ),
            ],
            outputs=plan_outputs("The video plan."),
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def validate_inputs(cls, profile):
        return profile_problem(PLAN, profile)

    @classmethod
    def fingerprint_inputs(cls, profile=None, **_):
        return fingerprint(profile)

    @classmethod
    def execute(
        cls,
        prompt,
        frames,
        fps,
        width,
        height,
        seed,
        profile,
        style=DEFAULT_STYLE,
        scenes=0,
        tone="",
        hints="",
        camera=True,
        take=0,
        earlier=None,
    ) -> io.NodeOutput:
        with told_as(PLAN):
            request = PlanRequest(
                prompt, frames, fps, width, height, scenes, tone, hints, camera, seed
            )
            who = profile_of(profile)
            plan = plan_by(
                who, request, style, **asked_here(who, take, cls.hidden), earlier=earlier
            )
        return planned(cls.hidden, plan)


class PlannerPrompt(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorPlannerPrompt",
            display_name=PROMPT,
            category=CATEGORY,
            description="The question for a plan as text, for any node with a language model, such "
            "as Generate Text. Parse Plan reads the answer.",
            search_aliases=["LLM prompt", "system prompt", "chat", "Generate Text", "storyboard"],
            inputs=[
                io.String.Input("prompt", multiline=True, tooltip="What the video shows."),
                *size_inputs(),
                *style_inputs(ONE_QUESTION),
            ],
            outputs=[
                io.String.Output(
                    "text",
                    display_name="text",
                    tooltip="All in one text, for nodes that take only a prompt.",
                ),
                io.String.Output(
                    "system",
                    display_name="system",
                    tooltip="The instructions, for nodes that take a system prompt.",
                ),
                io.String.Output(
                    "user",
                    display_name="user",
                    tooltip="Examples and the request, to go with the system prompt.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        prompt,
        frames,
        fps,
        width,
        height,
        style=DEFAULT_STYLE,
        scenes=0,
        tone="",
        hints="",
        camera=True,
    ) -> io.NodeOutput:
        with told_as(PROMPT):
            request = PlanRequest(prompt, frames, fps, width, height, scenes, tone, hints, camera)
            system, *turns = question_of(request, style)
        return io.NodeOutput(as_text((system, *turns)), system["content"], as_text(tuple(turns)))
