"""The key under which a scene of a run is found again."""

from collections import Counter
from collections.abc import Mapping

from ...host.errors import DirectorError
from ...planning.schema import Scene
from ..digests import scene_hash
from .scene_job import JobMaker

DRAWER = "VideoDirectorEntityReferences"
COMMON = "in_several_scenes"


def scene_hashes(maker: JobMaker, models: Mapping[str, str]) -> dict[str, str]:
    """Hash by scene id: the scene, the workflow's settings, and the weights as far as known.

    Which host renders a scene is no part of it.

    Args:
        maker: holds plan and workflow.
        models: sha256 of weight files by name.

    Raises:
        DirectorError: no frame can have the size that is asked for.
    """
    width, height = rendered_size(maker)
    sized = maker.plan.model_copy(update={"width": width, "height": height})
    nodes = maker.settings()
    shared = _drawn(maker)
    hashes = {}
    for index, scene in enumerate(sized.scenes):
        settings = {"nodes": nodes, "drawn": [one for one in shown(scene) if one in shared]}
        hashes[scene.id] = scene_hash(sized, index, settings, models)
    return hashes


def rendered_size(maker: JobMaker) -> tuple[int, int]:
    """Width and height of the frames: Render Plan's, else the plan's.

    Raises:
        DirectorError: no frame can have such a size; the plan's own was checked when it was read.
    """
    asked = maker.rendering
    for name in ("width", "height"):
        value = asked.get(name)
        if value and (value % 8 or value < 64):
            raise DirectorError(
                f"Render Plan's {name} is {value}, but frames are multiples of 8 pixels from 64 "
                f"on; use {max(64, int(value) // 8 * 8)}, or 0 for the plan's "
                f"{getattr(maker.plan, name)}."
            )
    return asked.get("width") or maker.plan.width, asked.get("height") or maker.plan.height


def shown(scene: Scene) -> list[str]:
    """Ids of the entities that a scene shows, its background last."""
    return [*scene.entities, *([] if scene.background is None else [scene.background])]


def _drawn(maker: JobMaker) -> set[str]:
    """Entities of which pictures are drawn because several scenes show them.

    Each of these scenes looks otherwise when there is no other one left, or a first other one.
    """
    if not maker.workflow.has(DRAWER) or maker.workflow.inputs(DRAWER)["entities"] != COMMON:
        return set()
    uses = Counter(entity for scene in maker.plan.scenes for entity in set(shown(scene)))
    return {entity for entity, count in uses.items() if count > 1}
