"""Plans one scene anew, or all but the locked ones; what is kept stays as it is."""

from difflib import get_close_matches
from functools import partial
from typing import Any

from ..asking import Ask, Question
from ..plan_io import from_data
from ..request import PlanRequest
from ..schema import Entity, PlanError, Scene, VideoPlan
from .answer_schemas import DIRECTOR
from .answers import DirectorAnswer, NamedThing, validated
from .building import SceneBuilder, director_scene
from .cast import Cast, Kind, name_key
from .dialogue import as_json, request_text, turns
from .director import instructions
from .locked_scenes import keep_locked
from .questions import json_question

__all__ = ["keep_locked", "replan_scene"]

_REPLAN = (
    "Here the video is planned already, and you rewrite one of its scenes as it is wished. Answer "
    "in the same form with exactly one scene in scenes; entities and backgrounds have only what "
    "is new in the video and are empty where nothing is. What the scene shares with the others "
    "keeps its name and its looks, and the scene fits between its neighbours."
)


def replan_scene(plan: VideoPlan, scene_id: str, wish: str, ask: Ask) -> VideoPlan:
    """Rewrite one scene; every other scene and every entity stays as it is.

    The scene keeps its id, its frames and its seed, and has one prompt for all its frames. New
    entities come after the old ones.

    Args:
        plan: left as it is.
        scene_id: which scene.
        wish: how it shall be, in any language; "" for another idea of the same scene.
        ask: puts the question.

    Raises:
        AnswerError: the language model gave no answer that can be used.
        PlanError: there is no such scene, or it is locked.
    """
    index = _index(plan, scene_id)
    return ask(_question(plan, index, wish))


def _index(plan: VideoPlan, scene_id: str) -> int:
    ids = [scene.id for scene in plan.scenes]
    if scene_id not in ids:
        near = get_close_matches(scene_id[:80], ids, n=1)
        fix = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(ids[:12])}"
        raise PlanError(f"scene: there is no scene {scene_id[:60]!r}; {fix}")
    index = ids.index(scene_id)
    if plan.scenes[index].locked:
        raise PlanError(
            f"scenes[{index}]: {scene_id!r} is locked and stays as it is; unlock it to plan it anew"
        )
    return index


def _question(plan: VideoPlan, index: int, wish: str) -> Question[VideoPlan]:
    scene = plan.scenes[index]
    request = PlanRequest(
        prompt=plan.prompt,
        frames=scene.frames,
        fps=plan.fps,
        width=plan.width,
        height=plan.height,
        scenes=len(plan.scenes),
    )
    messages = instructions(f"{scene.prompt} {wish}", _REPLAN)
    messages += turns(
        request_text(request), as_json(_answer_form(plan, index)), _wished(plan, index, wish)
    )
    return json_question(messages, DIRECTOR, partial(_replanned, plan, index), "scenes")


def _wished(plan: VideoPlan, index: int, wish: str) -> str:
    scene = plan.scenes[index]
    how = wish.strip() or "another idea of what happens here, as the prompt tells it"
    return (
        f"Rewrite scenes[{index}] ({scene.prompt!r}) and no other scene. It has {scene.frames} "
        f"frames, numbered 0 to {scene.frames - 1}. How it shall be: {how}"
    )


def _answer_form(plan: VideoPlan, index: int) -> dict[str, Any]:
    """The plan as the director's answer; boxes only around the scene, since plans may be long."""
    names = _names(plan.entities)
    described: dict[str, list[dict[str, str]]] = {"foreground": [], "background": []}
    for entity in plan.entities:
        described[entity.kind].append({"name": names[entity.id], "description": entity.description})
    return {
        "entities": described["foreground"],
        "backgrounds": described["background"],
        "scenes": [
            _scene_form(scene, names, boxes=abs(number - index) <= 1)
            for number, scene in enumerate(plan.scenes)
        ],
    }


def _names(entities: list[Entity]) -> dict[str, str]:
    """Entity id to what it is called: its name, or its id where others have that name too."""
    keys = [(name_key(entity.name), entity.kind) for entity in entities]
    return {
        entity.id: entity.name if keys.count(key) == 1 else entity.id
        for entity, key in zip(entities, keys, strict=True)
    }


def _scene_form(scene: Scene, names: dict[str, str], boxes: bool) -> dict[str, Any]:
    ends = [*scene.layout[:1], *scene.layout[1:][-1:]] if boxes else []
    return {
        "prompt": scene.prompt,
        "background": names[scene.background] if scene.background else "",
        "entities": [names[entity] for entity in scene.entities],
        "camera_direction": scene.camera.direction,
        "camera_speed": scene.camera.speed,
        "action": next(iter(scene.action), ""),
        "reasoning": "",
        "boxes": [
            {"frame": keyframe.frame, "entity": names[name], "box": [round(x, 2) for x in box]}
            for keyframe in ends
            for name, box in keyframe.boxes.items()
        ],
        "layout_strength": scene.layout_strength,
    }


def _replanned(plan: VideoPlan, index: int, data: object) -> VideoPlan:
    answer = validated(DirectorAnswer, data)
    old, count = plan.scenes[index], len(answer.scenes)
    if count not in (1, len(plan.scenes)):
        raise PlanError(f"scenes: {count} came where one is needed; write only the new scene")
    at = 0 if count == 1 else index  # some models give the whole video again
    builder = SceneBuilder(Cast(plan.entities), old.frames, "entities")
    _add_new(builder.cast, answer.entities, "foreground")
    _add_new(builder.cast, answer.backgrounds, "background")
    scene = director_scene(builder, f"scenes[{at}]", answer.scenes[at], True, old.id)
    builder.finish()
    known = {entity.id for entity in plan.entities}
    shown = {*scene.entities, scene.background}
    new = [e for e in builder.cast.entities.values() if e.id in shown and e.id not in known]
    scenes = list(plan.scenes)
    scenes[index] = scene.model_copy(update={"seed": old.seed})
    changed = plan.model_copy(update={"entities": [*plan.entities, *new], "scenes": scenes})
    return from_data(changed.model_dump())


def _add_new(cast: Cast, things: list[NamedThing], kind: Kind) -> None:
    """Add what has a new name; what is known keeps its looks, whatever the answer says."""
    for thing in things:
        cast.add(thing.name, kind, thing.description)
