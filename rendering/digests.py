"""Names for content: sha256 of files, and of all that decides a scene's pictures."""

import json
from collections.abc import Mapping
from typing import Any

from ..planning import plan_io
from ..planning.content_hash import content_hash
from ..planning.schema import VideoPlan
from .run_digest_memory import DigestMemory, file_digest

__all__ = [
    "ALGORITHM",
    "DigestMemory",
    "content_hash",
    "file_digest",
    "scene_content",
    "scene_hash",
]

# Raise this when the pack renders the same plan to other pixels than before.
ALGORITHM = 1
# Which scenes a job renders changes no scene.
_NO_PIXELS = ("only",)


def scene_content(
    plan: VideoPlan,
    index: int,
    settings: Mapping[str, Any],
    models: Mapping[str, str],
    references: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """All that decides the pictures of one scene, and nothing else, as plain data.

    The frame rate, the scene's lock, the plan's prompt, other scenes and entities that are not in
    this scene are left out: none of them changes a pixel.

    Args:
        plan: the plan, in the size in which it is rendered.
        index: which of its scenes, from 0.
        settings: everything set outside the plan, such as steps and seed, by name.
        models: sha256 of each weight file by what it is used for.
        references: sha256 of entities' pictures by entity id. A picture's content stands for its
            file name then.

    Raises:
        IndexError: the plan has no such scene.
    """
    bundle = json.loads(plan_io.scene_json(plan, index))
    del bundle["fps"]
    pictures = references or {}
    for entity in bundle["entities"]:
        if entity["id"] in pictures:
            entity["reference_image"] = {"sha256": pictures[entity["id"]]}
    return {
        "algorithm": ALGORITHM,
        "scene": bundle,
        "settings": {key: value for key, value in settings.items() if key not in _NO_PIXELS},
        "models": dict(models),
    }


def scene_hash(
    plan: VideoPlan,
    index: int,
    settings: Mapping[str, Any],
    models: Mapping[str, str],
    references: Mapping[str, str] | None = None,
) -> str:
    """The `content_hash` of a scene's `scene_content`: the key under which its takes are found.

    Raises:
        IndexError: the plan has no such scene.
        TypeError: a setting is no plain data.
        ValueError: a setting is not finite.
    """
    return content_hash(scene_content(plan, index, settings, models, references))
