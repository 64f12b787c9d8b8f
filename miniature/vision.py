"""The miniature's image encoder: CLIP's vision transformer at 16×16 patches of 8 pixels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .text import WIDTH as PROJECTION

IMAGE_SIZE = 128
CONFIG: dict[str, Any] = {
    "num_hidden_layers": 4,
    "hidden_size": 128,
    "num_attention_heads": 4,
    "intermediate_size": 512,
    "hidden_act": "quick_gelu",
    "image_size": IMAGE_SIZE,
    "patch_size": 8,
    "num_channels": 3,
    "projection_dim": PROJECTION,
    "model_type": "clip_vision_model",
}
# CLIP's own, which the host applies to every picture.
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)


def build_vision_model() -> Any:
    """The encoder with transformers' CLIP modules, whose key names are the host's."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    config = {key: value for key, value in CONFIG.items() if key != "model_type"}
    return CLIPVisionModelWithProjection(CLIPVisionConfig(**config, attn_implementation="eager"))


def normalise(pictures: Tensor) -> Tensor:
    """Pictures [B, 3, 128, 128] in 0–1 to CLIP's scale."""
    mean = torch.tensor(_MEAN, device=pictures.device)[:, None, None]
    std = torch.tensor(_STD, device=pictures.device)[:, None, None]
    return (pictures - mean) / std
