"""The key under which a scene of a run is found again."""

from collections import Counter
from collections.abc import Mapping

from ...host.errors import DirectorError
from ...planning.schema import Scene
from ..digests import scene_hash
from ..frame_size import frame_size
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
    try:
        return frame_size(maker.plan, asked.get("width") or 0, asked.get("height") or 0)
    except ValueError as error:
        raise DirectorError(f"Render Plan's {error}") from error


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
