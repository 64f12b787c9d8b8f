"""The miniature's video model: VideoStudio-Vid's class at the size of the miniature's denoiser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import comfy.utils
import torch
from torch import Tensor, nn

from ..video_models.convolutions import TemporalConvolution
from ..video_models.transformers import Attention, TemporalTransformer
from ..video_models.videostudio_config import VideoStudioConfig
from ..video_models.videostudio_unet import VideoStudioUNet
from .autoencoder import LATENT_CHANNELS
from .text import WIDTH as TEXT_WIDTH
from .training import fill_layers
from .unet import CONFIG, COORDINATE_CHANNELS, coordinates
from .vision import CONFIG as VISION

SIZE_WIDTH = 8  # of the sinusoids of each of six sizes
VIDEO_CONFIG = VideoStudioConfig(
    in_channels=LATENT_CHANNELS,
    out_channels=LATENT_CHANNELS,
    channels=tuple(CONFIG["model_channels"] * factor for factor in CONFIG["channel_mult"]),
    layers=1,
    depths=(1, 1, 1),
    context_width=VISION["hidden_size"],
    head_width=CONFIG["num_head_channels"],
    temporal_head_width=CONFIG["num_head_channels"],
    entry_width=128,
    added_width=TEXT_WIDTH + 6 * SIZE_WIDTH,
    score_width=8,
    image_width=VISION["hidden_size"],
)


class PositionedVideoUNet(VideoStudioUNet):
    """The video model with the miniature's constant coordinates joined to its input."""

    def __init__(self, config: VideoStudioConfig, *args: Any, **kwargs: Any) -> None:
        joined = replace(config, in_channels=config.in_channels + COORDINATE_CHANNELS)
        super().__init__(joined, *args, **kwargs)

    def through(self, x: Tensor, told: Any) -> Tensor:
        place = coordinates(*x.shape[-2:]).to(x).expand(x.shape[0], -1, -1, -1)
        return super().through(torch.cat([x, place], dim=1), told)


def from_pictures(unet: VideoStudioUNet, still: Mapping[str, Tensor]) -> list[str]:
    """Start a video model from the miniature's denoiser of pictures.

    Convolutions, spatial self-attention and feed-forward layers are copied. What is new is silent
    at first: layers over time, cross-attention to image tokens, and what is added to the time.

    Args:
        unet: with weights of any value; all are set.
        still: the denoiser's, under the host's names.

    Returns:
        Names of the parameters that were copied.
    """
    fill_layers(unet)
    host_name = comfy.utils.unet_to_diffusers({**CONFIG, **_lists()})
    parameters = dict(unet.named_parameters())
    copied = []
    for name, parameter in parameters.items():
        if ".attn2." not in name and host_name.get(name) in still:
            with torch.no_grad():
                parameter.copy_(still[host_name[name]])
            copied.append(name)
    for module in _silent_at_first(unet):
        for parameter in module.parameters():
            nn.init.zeros_(parameter)
    return copied


def _lists() -> dict[str, Any]:
    """Copies of what the host's function takes apart."""
    return {key: list(value) for key, value in CONFIG.items() if isinstance(value, list)}


def _silent_at_first(unet: VideoStudioUNet) -> list[nn.Module]:
    silent: list[nn.Module] = []
    for name, module in unet.named_modules():
        if isinstance(module, TemporalTransformer):
            silent.append(module.proj_out)
        elif isinstance(module, TemporalConvolution):
            silent.append(getattr(module, module.names[-1])[-1])
        elif isinstance(module, Attention) and name.endswith("attn2") and "temp_" not in name:
            silent.append(module.to_out[0])
    for extra in (
        unet.add_embedding,
        unet.aes_embedding,
        unet.midf_clip_pool_embedding,
        unet.action_prob_embedding,
    ):
        if extra is not None:
            silent.append(extra.linear_2)
    return silent
