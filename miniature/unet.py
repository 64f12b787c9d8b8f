"""The miniature's denoiser: the host's UNet with constant coordinates joined to its input."""

from __future__ import annotations

import math
from typing import Any

import comfy.ldm.modules.diffusionmodules.openaimodel as host_unet
import torch
from torch import Tensor

from .autoencoder import LATENT_CHANNELS
from .text import WIDTH as CONTEXT_WIDTH

COORDINATE_CHANNELS = 8
CONFIG: dict[str, Any] = {
    "image_size": 16,
    "in_channels": LATENT_CHANNELS,
    "out_channels": LATENT_CHANNELS,
    "model_channels": 64,
    "num_res_blocks": [1, 1, 1],
    "channel_mult": [1, 2, 2],
    "transformer_depth": [1, 1, 1],
    "transformer_depth_middle": 1,
    "transformer_depth_output": [1, 1, 1, 1, 1, 1],
    "num_heads": -1,
    "num_head_channels": 32,
    "use_spatial_transformer": True,
    "use_linear_in_transformer": True,
    "context_dim": CONTEXT_WIDTH,
    "legacy": False,
}


def coordinates(height: int, width: int, device: torch.device | None = None) -> Tensor:
    """Sines and cosines of πu and 2πu of each cell's centre.

    Convolutions with zero padding know only the borders; with these channels every layer knows
    where it is, which boxes, regional references and camera motion build on.

    Returns:
        [1, 8, height, width], the same for every picture of a size.
    """
    x = (torch.arange(width, device=device) + 0.5) / width
    y = (torch.arange(height, device=device) + 0.5) / height
    planes = [
        wave(turns * math.pi * axis)
        for axis in (x[None, :].expand(height, width), y[:, None].expand(height, width))
        for turns in (1, 2)
        for wave in (torch.sin, torch.cos)
    ]
    return torch.stack(planes)[None]


class PositionedUNet(host_unet.UNetModel):
    """The host's UNet; to its caller it takes and gives latents only."""

    def __init__(self, *, in_channels: int, **config: Any) -> None:
        super().__init__(in_channels=in_channels + COORDINATE_CHANNELS, **config)

    def _forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        place = coordinates(*x.shape[-2:], x.device).to(x).expand(x.shape[0], -1, -1, -1)
        return super()._forward(torch.cat([x, place], dim=1), *args, **kwargs)
