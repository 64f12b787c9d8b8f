"""Pictures of entities: where they come from."""

import folder_paths
import node_helpers
import numpy as np
import torch
from PIL import Image, ImageOps

from ..planning.schema import Entity
from .sockets import EntityReference

GIVEN, DRAWN = "given", "drawn"  # where a picture is from, unless from a file of the plan


def reference_of(
    entity: Entity, references: dict[str, EntityReference] | None
) -> EntityReference | None:
    """A user's own picture of an entity, else the plan's, else None.

    Raises:
        ValueError: the plan names a file that is not in the input folder, or no picture.
    """
    if references and entity.id in references:
        return references[entity.id]
    if entity.reference_image is None:
        return None
    path = folder_paths.get_annotated_filepath(entity.reference_image)
    if not folder_paths.exists_annotated_filepath(entity.reference_image):
        raise ValueError(
            f"entity {entity.id!r} has the reference picture {entity.reference_image!r}, which is "
            "not in ComfyUI's input folder; put it there, or take it out of the plan"
        )
    try:
        opened = node_helpers.pillow(Image.open, path)
        shown = node_helpers.pillow(ImageOps.exif_transpose, opened).convert("RGBA")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"entity {entity.id!r}: {entity.reference_image!r} cannot be read as a picture: {error}"
        ) from error
    values = torch.from_numpy(np.array(shown)).float() / 255
    solid = values[..., 3]
    return EntityReference(
        values[..., :3], None if bool((solid == 1).all()) else solid, entity.reference_image
    )
