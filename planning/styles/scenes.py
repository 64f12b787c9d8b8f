"""VideoStudio's way: scenes, then cameras, then what everything that comes again looks like.

arXiv:2401.01256, section 3.1 and figures 2 to 4 of its supplement.
"""

from ..asking import Ask, Message, Question
from ..request import PlanRequest
from ..schema import PlanError, Scene, VideoPlan
from .answer_schemas import CAMERAS, SCENES
from .answers import CamerasAnswer, ScenesAnswer, validated
from .building import SceneBuilder, build_plan, camera_of, count_problems
from .cast import Cast
from .descriptions import describe_common
from .dialogue import (
    CAMERAS as CAMERA_RULES,
)
from .dialogue import (
    LANGUAGE,
    NAMES,
    SCENE_PROMPTS,
    as_json,
    request_text,
    system,
    turns,
)
from .examples import Example, choose, scene_examples
from .questions import json_question, scenes_question

_EXAMPLES = 5
_WRITER = (
    "You write the scenes of short videos. From one prompt you make up the video and answer with "
    "one JSON object of this form and nothing else:\n"
    '{"scenes": [{"prompt": text, "background": name of the place or "", "entities": [names of '
    "the people, animals and things that are seen]}]}"
)
_CAMERAMAN = (
    "You lead the camera of a video in scenes. For each scene you say where the camera goes, and "
    "answer with one JSON object of this form and nothing else, one entry for each scene in "
    'order:\n{"cameras": [{"camera_direction": direction, "camera_speed": speed}]}'
)


def plan_scenes(request: PlanRequest, ask: Ask) -> VideoPlan:
    """Plan as VideoStudio does; entities that come more than once are described, without boxes.

    Raises:
        AnswerError: the language model gave no answer that can be used.
    """
    plan = ask(scenes_of(request))
    if request.camera:
        plan = ask(_cameras_of(request, plan))
    return describe_common(plan, ask)


def scenes_of(request: PlanRequest) -> Question[VideoPlan]:
    """The question for a plan of bare scenes: prompt, entities and background of each."""
    messages = system(_WRITER, SCENE_PROMPTS, NAMES, LANGUAGE)
    for example in choose(scene_examples(), request, _EXAMPLES):
        messages += turns(request_text(example.request), as_json(_bare_scenes(example)))
    messages += turns(request_text(request))
    return scenes_question(messages, SCENES, lambda data: _plan(request, data))


def _bare_scenes(example: Example) -> dict[str, object]:
    keys = ("prompt", "background", "entities")
    return {"scenes": [{key: scene[key] for key in keys} for scene in example.scenes]}


def _plan(request: PlanRequest, data: object) -> VideoPlan:
    answer = validated(ScenesAnswer, data)
    if problems := count_problems(request, len(answer.scenes)):
        raise PlanError(problems)
    cast = Cast()
    builder = SceneBuilder(cast, request.frames)
    scenes = []
    for index, told in enumerate(answer.scenes):
        if told.background:
            cast.add(told.background, "background")
        for name in told.entities:
            cast.add(name, "foreground")
        entities, background = builder.shown(f"scenes[{index}]", told)
        scenes.append(
            Scene(
                id=f"scene-{index + 1}",
                prompt=told.prompt,
                frames=request.frames,
                background=background,
                entities=entities,
            )
        )
    return build_plan(request, cast.entities.values(), scenes)


def _cameras_of(request: PlanRequest, plan: VideoPlan) -> Question[VideoPlan]:
    messages = system(_CAMERAMAN, CAMERA_RULES)
    for example in choose(scene_examples(), request, _EXAMPLES):
        if example.request.camera:
            keys = ("camera_direction", "camera_speed")
            cameras = [{key: scene[key] for key in keys} for scene in example.scenes]
            prompts = [scene["prompt"] for scene in example.scenes]
            messages += turns(_numbered(prompts), as_json({"cameras": cameras}))
    messages += _wanted_cameras(plan)
    return json_question(messages, CAMERAS, lambda data: _with_cameras(plan, data), "cameras")


def _wanted_cameras(plan: VideoPlan) -> tuple[Message, ...]:
    return turns(_numbered([scene.prompt for scene in plan.scenes]))


def _numbered(prompts: list[str]) -> str:
    return "\n".join(f"Scene {number}: {prompt}" for number, prompt in enumerate(prompts, 1))


def _with_cameras(plan: VideoPlan, data: object) -> VideoPlan:
    cameras = validated(CamerasAnswer, data).cameras
    if len(cameras) != len(plan.scenes):
        raise PlanError(
            f"cameras: {len(cameras)} came where {len(plan.scenes)} are needed; give one for each "
            "scene, in order"
        )
    scenes = [
        scene.model_copy(update={"camera": camera_of(camera)})
        for scene, camera in zip(plan.scenes, cameras, strict=True)
    ]
    return plan.model_copy(update={"scenes": scenes})
