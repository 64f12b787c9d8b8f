"""Text and image features of entities as grounding models take them."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .grounding_checkpoints import JOINT, GroundingModel

# GLIGEN brings every projected image feature to the length that its training data had.
_GLIGEN_LENGTH = 28.7


def text_feature(model: GroundingModel, words: str, clip) -> Tensor:
    """Pooled text feature before projection, [text_width].

    Raises:
        ValueError: a CLIP of another width than the weights were trained with.
    """
    feature = clip.encode_from_tokens(clip.tokenize(words), return_pooled="unprojected")[1]
    wanted = model.text_width
    if feature.shape[-1] != wanted:
        raise ValueError(
            f"this CLIP gives text features of {feature.shape[-1]} numbers, but the grounding "
            f"model takes {wanted}; connect the CLIP of the kind of model it was made for "
            "(GLIGEN's: Stable Diffusion 1.x)."
        )
    return feature[0].float().cpu()


def unit_embedding(clip_vision, picture: Tensor) -> Tensor:
    """CLIP's image embedding of a picture [1, h, w, 3], of length 1."""
    embedded = clip_vision.encode_image(picture)["image_embeds"][0].float().cpu()
    return F.normalize(embedded, dim=-1)


def picture_feature(model: GroundingModel, picture: Tensor, clip_vision, clip) -> Tensor:
    """Image feature of a picture that shows one entity, [image_width].

    The joint form takes the unit image embedding; GLIGEN's the same taken back through CLIP's text
    projection and brought to its training's length.

    Args:
        picture: [1, h, w, 3], 0 to 1.
        clip_vision: the image encoder.
        clip: for GLIGEN's form, a CLIP with its text projection.

    Raises:
        ValueError: no image encoder, one of another width, or a CLIP without projection.
    """
    if clip_vision is None:
        raise ValueError(
            "there is a picture of an entity, but no image encoder; connect clip_vision, or set "
            "describe_by to the text alone."
        )
    feature = unit_embedding(clip_vision, picture)
    if len(feature) != model.image_width:
        raise ValueError(
            f"this CLIP vision gives image features of {len(feature)} numbers, but the grounding "
            f"model takes {model.image_width}; connect the image encoder it was made for "
            "(GLIGEN's: CLIP ViT-L/14)."
        )
    if model.layout == JOINT:
        return feature
    return F.normalize(feature @ _text_projection(clip), dim=-1) * _GLIGEN_LENGTH


def _text_projection(clip) -> Tensor:
    """CLIP-L's text projection [projected, pooled]; checkpoints of Stable Diffusion 1.x lack it."""
    encoder = getattr(clip.cond_stage_model, "clip_l", None)
    if encoder is None:
        raise ValueError(
            "GLIGEN's image features go through the text projection of CLIP-L, and this CLIP has "
            "no CLIP-L; load clip_l.safetensors with Load CLIP and connect it."
        )
    weight = encoder.transformer.text_projection.weight.detach().float().cpu()
    if torch.equal(weight, torch.eye(*weight.shape)):
        raise ValueError(
            "GLIGEN's image features go through the text projection of CLIP-L, which checkpoints "
            "of Stable Diffusion 1.x leave out; load clip_l.safetensors with Load CLIP (it is the "
            "same encoder, whole) and connect it to this node."
        )
    return weight
