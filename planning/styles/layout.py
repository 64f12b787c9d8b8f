"""VideoDirectorGPT's way: scenes first, then where everything is in each of them.

arXiv:2309.15091: two questions, for the scenes with their entities and backgrounds and for the
boxes frame by frame; the share of steps that obey the boxes (alpha) is the model's choice as well.
"""

from functools import partial
from typing import Any

from ..asking import Ask, Question
from ..request import PlanRequest
from ..schema import Scene, VideoPlan
from .answer_schemas import LAYOUT
from .answers import LayoutAnswer, validated
from .building import SceneBuilder
from .cast import Cast
from .dialogue import BOXES, as_json, frames_text, picture_text, system, turns, wishes
from .examples import Example, choose, scene_examples
from .questions import json_question
from .scenes import scenes_of

_EXAMPLES = 5
_LAYOUT = (
    "You lay out one scene of a video: you say where everybody and everything is and how it moves. "
    "Answer with one JSON object of this form and nothing else:\n"
    '{"reasoning": text, "boxes": [{"frame": number, "entity": name, "box": [left, top, right, '
    'bottom]}], "layout_strength": number}\n'
    "Use the names of the scene's entities as they are given; each of them is seen at some time."
)


def plan_layout(request: PlanRequest, ask: Ask) -> VideoPlan:
    """Plan as VideoDirectorGPT does: boxes at keyframes, and the camera stands still.

    Raises:
        AnswerError: the language model gave no answer that can be used.
    """
    plan = ask(scenes_of(request))
    scenes = [
        ask(_layout_of(request, plan, scene)) if scene.entities else scene for scene in plan.scenes
    ]
    return plan.model_copy(update={"scenes": scenes})


def _layout_of(request: PlanRequest, plan: VideoPlan, scene: Scene) -> Question[Scene]:
    names = {entity.id: entity.name for entity in plan.entities}
    messages = system(_LAYOUT, BOXES)
    for example in choose(scene_examples(), request, _EXAMPLES):
        messages += _example_turns(example)
    shown = [names[entity] for entity in scene.entities]
    behind = names[scene.background] if scene.background else ""
    messages += turns(_scene_text(request, scene.prompt, shown, behind))
    return json_question(messages, LAYOUT, partial(_with_layout, plan, scene), "boxes")


def _example_turns(example: Example) -> tuple[Any, ...]:
    """The scene of an example in which most happens."""
    scene = max(example.scenes, key=lambda scene: len(scene["boxes"]))
    keys = ("reasoning", "boxes", "layout_strength")
    asked = _scene_text(example.request, scene["prompt"], scene["entities"], scene["background"])
    return turns(asked, as_json({key: scene[key] for key in keys}))


def _scene_text(request: PlanRequest, prompt: str, entities: list[str], background: str) -> str:
    lines = {
        "Scene": prompt,
        "Entities": ", ".join(entities) or "none",
        "Background": background or "none",
        "Frames": frames_text(request),
        "Picture": picture_text(request),
        **wishes(request),
    }
    return "\n".join(f"{label}: {text}" for label, text in lines.items())


def _with_layout(plan: VideoPlan, scene: Scene, data: object) -> Scene:
    answer = validated(LayoutAnswer, data)
    ids = {*scene.entities, scene.background}
    builder = SceneBuilder(Cast(e for e in plan.entities if e.id in ids), scene.frames)
    layout = builder.layout("", answer, list(scene.entities), scene.background)
    builder.finish()
    return scene.model_copy(update={"layout": layout, "layout_strength": answer.layout_strength})
