"""Pictures of entities: where they come from, and how an image encoder is shown them."""

import folder_paths
import node_helpers
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from ..planning.schema import Entity
from .sockets import EntityReference

# Grey around a cut-out, and the share of the square that its longer side fills: as the miniature's
# fusers are trained; CLIP was trained on pictures whose mean is close to that grey.
_GREY = 127 / 255
_FILLED = 0.7


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


def shown_alone(reference: EntityReference) -> Tensor:
    """The entity in the middle of a square: cut out on grey where it has a mask.

    Returns:
        [1, side, side, 3], 0 to 1.

    Raises:
        ValueError: an empty mask, or one of another size than the picture.
    """
    picture, mask = reference.picture[..., :3], reference.mask
    if mask is None:
        return _squared(picture, max(picture.shape[:2]))
    if mask.shape != picture.shape[:2]:
        raise ValueError(
            f"its mask is {tuple(mask.shape)} and its picture {tuple(picture.shape[:2])} pixels "
            "high and wide; both must be of one size"
        )
    rows, columns = (torch.nonzero(mask.amax(axis) > 0.5).flatten() for axis in (1, 0))
    if not len(rows):
        raise ValueError("its mask is empty; paint the entity in it, or leave the mask out")
    inside = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    share = mask[inside][..., None].to(picture)
    cut = picture[inside] * share + _GREY * (1 - share)
    return _squared(cut, round(max(cut.shape[:2]) / _FILLED))


def _squared(picture: Tensor, side: int) -> Tensor:
    height, width = picture.shape[:2]
    left, top = (side - width) // 2, (side - height) // 2
    around = (0, 0, left, side - width - left, top, side - height - top)
    return F.pad(picture, around, value=_GREY)[None]
