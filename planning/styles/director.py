"""Our own way, the default: the whole plan in one answer."""

import re
from functools import partial

from ..asking import Ask, Message
from ..kinetics import action_labels
from ..request import PlanRequest
from ..schema import PlanError, VideoPlan
from .answer_schemas import DIRECTOR
from .answers import DirectorAnswer, NamedThing, validated
from .building import SceneBuilder, build_plan, count_problems, director_scene
from .cast import Cast, Kind
from .dialogue import (
    BOXES,
    CAMERAS,
    DESCRIPTIONS,
    LANGUAGE,
    NAMES,
    SCENE_PROMPTS,
    as_json,
    request_text,
    system,
    turns,
)
from .examples import choose, scene_examples
from .questions import scenes_question

_EXAMPLES = 3  # whole answers are long
_MOST_LABELS = 24
_DIRECTOR = (
    "You direct short videos. From one prompt you plan the whole video for models that paint and "
    "animate pictures, and answer with one JSON object of this form and nothing else:\n"
    '{"entities": [{"name": text, "description": text}], "backgrounds": [the same for places], '
    '"scenes": [{"prompt": text, "background": name, "entities": [names], "camera_direction": '
    'word, "camera_speed": word, "action": text, "reasoning": text, "boxes": [{"frame": number, '
    '"entity": name, "box": [left, top, right, bottom]}], "layout_strength": number}]}\n'
    "entities has all people, animals and things, backgrounds all places; scenes use their names."
)
_ACTION = (
    'action is a label of the data set Kinetics-400, such as "riding a bike" or "playing guitar", '
    'where somebody does exactly that in the scene, else "".'
)
_WORD = re.compile(r"[a-z]+")
_SMALL = frozenset({"with", "from", "into", "over", "through", "other", "something", "someone"})
_ENDING = re.compile(r"(?:ing|ed|es|s|e)$")


def plan_as_director(request: PlanRequest, ask: Ask) -> VideoPlan:
    """Plan scenes, entities, backgrounds, boxes, cameras and actions with one question.

    Raises:
        AnswerError: the language model gave no answer that can be used.
    """
    messages = instructions(request.prompt)
    for example in choose(scene_examples(), request, _EXAMPLES):
        messages += turns(request_text(example.request), as_json(example.answer))
    messages += turns(request_text(request))
    return ask(scenes_question(messages, DIRECTOR, partial(_plan, request)))


def instructions(prompt: str, *more: str) -> tuple[Message, ...]:
    """What a director must know.

    Args:
        prompt: the labels of Kinetics that have its words are named.
        more: paragraphs that come after.
    """
    labels = fitting_labels(prompt)
    near = f" These may fit: {', '.join(labels)}." if labels else ""
    rules = (SCENE_PROMPTS, NAMES, DESCRIPTIONS, BOXES, CAMERAS, _ACTION + near, LANGUAGE)
    return system(_DIRECTOR, *rules, *more)


def fitting_labels(prompt: str) -> list[str]:
    """The Kinetics labels that share a word with a prompt, those that share most first."""
    wanted = _stems(prompt)
    shared = {label: len(wanted & _stems(label)) for label in action_labels()}
    found = [label for label in action_labels() if shared[label]]
    return sorted(found, key=lambda label: -shared[label])[:_MOST_LABELS]


def _stems(text: str) -> frozenset[str]:
    words = {word for word in _WORD.findall(text.lower()) if len(word) > 3} - _SMALL
    return frozenset(_ENDING.sub("", word) for word in words)


def _plan(request: PlanRequest, data: object) -> VideoPlan:
    answer = validated(DirectorAnswer, data)
    if problems := count_problems(request, len(answer.scenes)):
        raise PlanError(problems)
    builder = SceneBuilder(Cast(), request.frames, "entities")
    add_things(builder, "entities", answer.entities, "foreground")
    add_things(builder, "backgrounds", answer.backgrounds, "background")
    scenes = [
        director_scene(builder, f"scenes[{index}]", scene, request.camera, f"scene-{index + 1}")
        for index, scene in enumerate(answer.scenes)
    ]
    builder.finish()
    return build_plan(request, builder.cast.entities.values(), scenes)


def add_things(builder: SceneBuilder, path: str, things: list[NamedThing], kind: Kind) -> None:
    """Add what an answer describes to the cast; one name described in two ways is a problem."""
    for index, thing in enumerate(things):
        known = builder.cast.find(thing.name, kind)
        if known is None:
            builder.cast.add(thing.name, kind, thing.description)
        elif builder.cast.entities[known].description != thing.description.strip():
            builder.problems.append(
                f"{path}[{index}].name: {thing.name[:60]!r} is described before; describe it once, "
                "or give other things other names"
            )
