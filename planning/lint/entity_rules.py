"""Findings about entities: who is never seen, seen twice, or known by the name alone."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from ..problems import shown
from ..schema import Entity, Scene, VideoPlan
from .findings import Finding
from .words import plain_name, words_of

# A name of so many words describes the thing: "a fluffy Siamese cat".
_TELLING = 3


def in_no_scene(plan: VideoPlan) -> Iterator[Finding]:
    """An entity that no scene shows."""
    scenes = _scenes_by_entity(plan)
    for index, entity in enumerate(plan.entities):
        if entity.id in scenes:
            continue
        field = "background" if entity.kind == "background" else "entities"
        yield Finding(
            f"entities[{index}]",
            f"{shown(entity.name)} is in no scene",
            f"name {entity.id!r} in the {field} of the scenes that show it, or remove it",
            "in_no_scene",
            "warning",
        )


def without_a_box(plan: VideoPlan) -> Iterator[Finding]:
    """An entity without a box in a scene where others have boxes."""
    names = {entity.id: entity.name for entity in plan.entities}
    for number, scene in enumerate(plan.scenes):
        boxed = {name for keyframe in scene.layout for name in keyframe.boxes}
        for index, name in enumerate(scene.entities if boxed & set(scene.entities) else []):
            if name not in boxed:
                yield Finding(
                    f"scenes[{number}].entities[{index}]",
                    f"{shown(names[name])} has no box while others of the scene have, so it may "
                    "come anywhere or not at all",
                    "give it a box in the scene's layout, or take it out of the scene",
                    "without_a_box",
                    "warning",
                )


def one_thing_twice(plan: VideoPlan) -> Iterator[Finding]:
    """Two entities of nearly one name that never meet: most likely one thing with two ids."""
    scenes = _scenes_by_entity(plan)
    alike: dict[tuple[str, str], list[tuple[int, Entity]]] = {}
    for index, entity in enumerate(plan.entities):
        if entity.id in scenes:
            key = entity.kind, plain_name(entity.name) or entity.name
            alike.setdefault(key, []).append((index, entity))
    for same in alike.values():
        told: set[int] = set()
        for (_, first), (index, second) in combinations(same, 2):
            if index in told or scenes[first.id].keys() & scenes[second.id].keys():
                continue
            told.add(index)
            yield Finding(
                f"entities[{index}]",
                f"{shown(second.name)} has nearly the name of {first.id!r} and no scene shows "
                "both, so one thing may look different from scene to scene",
                f"use {first.id!r} in all scenes if it is the same, else tell their names apart",
                "one_thing_twice",
                "warning",
            )


def undescribed(plan: VideoPlan) -> Iterator[Finding]:
    """An entity of several scenes that nothing but a short name tells about."""
    scenes = _scenes_by_entity(plan)
    for index, entity in enumerate(plan.entities):
        count = len(scenes.get(entity.id, {}))
        told = entity.description.strip() or entity.reference_image
        if count < 2 or told or len(words_of(plain_name(entity.name))) >= _TELLING:
            continue
        yield Finding(
            f"entities[{index}].description",
            f"is empty, and {shown(entity.name)} is in {count} scenes, each of which may draw it "
            "differently",
            "say in a few words how it looks, or give it a reference_image",
            "undescribed",
            "note",
        )


def _scenes_by_entity(plan: VideoPlan) -> Mapping[str, dict[int, Scene]]:
    """Entity id to the scenes that show it, by their number."""
    found: dict[str, dict[int, Scene]] = {}
    for number, scene in enumerate(plan.scenes):
        for name in [*scene.entities, *([scene.background] if scene.background else [])]:
            found.setdefault(name, {})[number] = scene
    return found
