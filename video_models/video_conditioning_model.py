"""What a video model is told of a scene, as the host's conditioning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import comfy.utils
import torch
from torch import Tensor

from .action_matching import indicator
from .videostudio_model import TOLD, VideoTold

Conditioning = list  # [[tokens, {…}]], as the host has it


def video_conditioning(
    text: Conditioning,
    vae: Any,
    clip_vision: Any,
    image: Tensor,
    size: tuple[int, int],
    frames: int,
    aesthetic: float,
    action: Mapping[str, float],
) -> tuple[Conditioning, Conditioning, Tensor]:
    """Tell of a scene's picture, its prompt and what is done in it.

    As VideoStudio-Vid is told (seed code: image tokens in cross-attention; pooled text, pooled
    image, action and aesthetic score on the time embedding). The negative is told of the picture
    alone.

    Args:
        text: the prompt, encoded; its pooled features count.
        vae, clip_vision: of the host.
        image: the scene's picture, the first of [n, h, w, c] in 0–1.
        size: width and height of the clip, in pixels.
        frames: of the clip.
        aesthetic: score asked for, 0–10.
        action: Kinetics labels with weights.

    Returns:
        Positive and negative conditioning, and an empty clip, [1, C, frames, h, w].

    Raises:
        ValueError: text without pooled features.
    """
    pooled = text[0][1].get("pooled_output")
    if pooled is None:
        raise ValueError(
            "text has no pooled features; encode the prompt with the CLIP of Stable Diffusion XL."
        )
    width, height = size
    picture = comfy.utils.common_upscale(
        image[:1, ..., :3].movedim(-1, 1), width, height, "bilinear", "center"
    ).movedim(1, -1)
    reference = vae.encode(picture)
    tokens, pooled_image = _seen(clip_vision, picture)
    done = torch.from_numpy(indicator(action)).float()[None]
    told = VideoTold(reference, pooled_image, done, aesthetic)
    nothing = VideoTold(reference, pooled_image, torch.zeros_like(done), aesthetic)
    sizes = {"width": width, "height": height}
    silence = torch.zeros_like(pooled)
    positive = [[tokens, {"pooled_output": pooled, TOLD: told, **sizes}]]
    negative = [[torch.zeros_like(tokens), {"pooled_output": silence, TOLD: nothing, **sizes}]]
    return positive, negative, torch.zeros(1, reference.shape[1], frames, *reference.shape[-2:])


def _seen(clip_vision: Any, picture: Tensor) -> tuple[Tensor, Tensor]:
    """Image tokens [1, n, d] and their pooled one [1, d], the last layer's of the encoder."""
    encoded = clip_vision.encode_image(picture)
    tokens = encoded["last_hidden_state"].float()
    norm = clip_vision.model.vision_model.post_layernorm
    classes = tokens[:, 0].to(clip_vision.load_device, norm.weight.dtype)
    pooled = norm(classes).float().to(tokens.device)
    return tokens, pooled
