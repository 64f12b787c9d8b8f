"""Tokens of pictures as reference adapters take them."""

import torch
from torch import Tensor

from .reference_checkpoints import GLOBAL, LOCAL, ReferenceAdapter


def picture_tokens(adapter: ReferenceAdapter, pictures: Tensor, clip_vision) -> Tensor:
    """Image tokens of pictures.

    Args:
        adapter: whose projection.
        pictures: [n, h, w, 3], 0 to 1, square.
        clip_vision: the image encoder.

    Returns:
        [n, tokens, width], in float32 on the CPU.

    Raises:
        ValueError: an image encoder of another width than the adapter was trained with.
    """
    return _project(adapter, _encode(adapter, pictures, clip_vision))


def empty_tokens(adapter: ReferenceAdapter, clip_vision) -> Tensor:
    """Tokens of no picture, [tokens, width]: what the negative is told.

    As the adapters were trained. IP-Adapter: an embedding of zeros; IP-Adapter Plus: the states of
    a picture that is zero to the encoder, which is its mean colour everywhere. This pack's own
    local tokens: zeros.
    """
    if adapter.layout == GLOBAL:
        return _project(adapter, torch.zeros(1, adapter.image_width))[0]
    mean = torch.tensor(clip_vision.image_mean)
    size = clip_vision.image_size
    tokens = picture_tokens(adapter, mean.expand(1, size, size, 3), clip_vision)[0]
    return torch.zeros_like(tokens) if adapter.layout == LOCAL else tokens


def encoded(layout: str, pictures: Tensor, clip_vision) -> Tensor:
    """What an adapter of a layout makes tokens from, [n, ...], in float32 on the CPU."""
    name = "image_embeds" if layout == GLOBAL else "penultimate_hidden_states"
    return clip_vision.encode_image(pictures)[name].float().cpu()


def _encode(adapter: ReferenceAdapter, pictures: Tensor, clip_vision) -> Tensor:
    states = encoded(adapter.layout, pictures, clip_vision)
    if states.shape[-1] != adapter.image_width:
        raise ValueError(
            f"this CLIP vision gives {states.shape[-1]} numbers a token, but the adapter takes "
            f"{adapter.image_width}; connect the image encoder it was made for (IP-Adapter's for "
            "SD1.5: CLIP ViT-H/14)."
        )
    return states


def _project(adapter: ReferenceAdapter, states: Tensor) -> Tensor:
    with torch.no_grad():
        return adapter.image_proj(states).float().cpu()
