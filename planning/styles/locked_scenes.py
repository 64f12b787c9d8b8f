"""Keeps the locked scenes of a plan when the video is planned anew."""

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from ..plan_io import from_data
from ..schema import Entity, Scene, VideoPlan
from ..slugs import unique_slug
from .cast import name_key


def keep_locked(old: VideoPlan, new: VideoPlan) -> VideoPlan:
    """Put the locked scenes of an old plan into a new one, exactly as they are.

    A locked scene stands where it stood, in place of the new scene there, or at the end where the
    new plan is shorter. Its entities are kept with it. What the new plan calls by the same name
    is the same thing, so that the new scenes show it as the locked ones do; other entities and
    scenes whose id is taken get another one.

    Args:
        old: the plan so far.
        new: the plan that was made anew; all but the kept scenes and entities is its own.

    Raises:
        PlanError: together they are more than a plan may have.
    """
    slots = list(zip_longest(old.scenes, new.scenes))
    kept = [was for was, _ in slots if was is not None and was.locked]
    fresh = [now for was, now in slots if now is not None and (was is None or not was.locked)]
    if not kept:
        return new
    known = _shown(old, kept)
    added = _shown(new, fresh)
    ids = _entity_ids(known, added)
    renamed = iter([_renamed(scene, ids, name) for scene, name in _scene_names(kept, fresh)])
    scenes = [
        was if was is not None and was.locked else next(renamed)
        for was, now in slots
        if now is not None or (was is not None and was.locked)
    ]
    taken = {entity.id for entity in known}
    own = [entity.model_copy(update={"id": ids[entity.id]}) for entity in added]
    entities = [*known, *(entity for entity in own if entity.id not in taken)]
    changed = new.model_copy(update={"entities": entities, "scenes": scenes})
    return from_data(changed.model_dump())


def _shown(plan: VideoPlan, scenes: Iterable[Scene]) -> list[Entity]:
    shown = {name for scene in scenes for name in [*scene.entities, scene.background]}
    return [entity for entity in plan.entities if entity.id in shown]


def _entity_ids(known: list[Entity], added: list[Entity]) -> dict[str, str]:
    """The id that each new entity has from now on."""
    twins = {(name_key(entity.name), entity.kind): entity.id for entity in reversed(known)}
    taken = {entity.id for entity in known} | {entity.id for entity in added}
    clashing = {entity.id for entity in known}
    ids: dict[str, str] = {}
    for entity in added:
        # Only once: two new things of one name are not both the one that is kept.
        twin = twins.pop((name_key(entity.name), entity.kind), None)
        if twin is not None:
            ids[entity.id] = twin
        elif entity.id in clashing:
            ids[entity.id] = unique_slug(entity.id, taken)
            taken.add(ids[entity.id])
        else:
            ids[entity.id] = entity.id
    return ids


def _scene_names(kept: list[Scene], fresh: list[Scene]) -> list[tuple[Scene, str]]:
    clashing = {scene.id for scene in kept}
    taken = clashing | {scene.id for scene in fresh}
    named = []
    for scene in fresh:
        name = unique_slug(scene.id, taken) if scene.id in clashing else scene.id
        taken.add(name)
        named.append((scene, name))
    return named


def _renamed(scene: Scene, ids: Mapping[str, str], name: str) -> Scene:
    layout = [
        keyframe.model_copy(
            update={"boxes": {ids[entity]: box for entity, box in keyframe.boxes.items()}}
        )
        for keyframe in scene.layout
    ]
    return scene.model_copy(
        update={
            "id": name,
            "background": ids[scene.background] if scene.background else None,
            "entities": [ids[entity] for entity in scene.entities],
            "layout": layout,
        }
    )
