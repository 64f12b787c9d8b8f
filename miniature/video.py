"""The miniature's video model: VideoStudio-Vid's class at the size of the miniature's denoiser."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import comfy.utils
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..video_models.convolutions import TemporalConvolution
from ..video_models.transformers import SpatialTransformer, TemporalTransformer, TransformerBlock
from ..video_models.videostudio_config import VideoStudioConfig
from ..video_models.videostudio_unet import VideoStudioUNet
from .autoencoder import LATENT_CHANNELS
from .text import WIDTH as TEXT_WIDTH
from .training import fill_layers
from .unet import CONFIG, COORDINATE_CHANNELS, coordinates
from .vision import CONFIG as VISION

SIZE_WIDTH = 8  # of the sinusoids of each of six sizes
TIME_CHANNELS = 8
_LOUD = 4.0  # tokens of the vision encoder have values of about 5
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
    scene_attention=True,  # as small as this it fetches looks from the picture by no other way
)


def time_coordinates(frames: int, device: torch.device | None = None) -> Tensor:
    """Sines and cosines of πt, 2πt, 4πt and 8πt of each frame, t from 0 to 1: [frames, 8].

    The published class knows no order but what padding tells of the first and last frames. With
    these channels what moves need not find out when it is.
    """
    t = torch.arange(frames, device=device) / max(frames - 1, 1)
    turns = 2 ** torch.arange(4, device=device) * math.pi
    angles = t[:, None] * turns
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def placed(tokens: Tensor) -> Tensor:
    """Join a picture's tokens [B, 1 + n·n, d] with where each patch is: [B, 1 + n·n, d + 8].

    The miniature's vision encoder tells what is in a patch and hardly where it is; so that what a
    thing looks like can be fetched from where it stands, patches carry their place. The class token
    has none.

    Raises:
        ValueError: no square of patches.
    """
    side = math.isqrt(max(tokens.shape[1] - 1, 0))
    if side**2 + 1 != tokens.shape[1]:
        raise ValueError(
            f"The miniature's video model: {tokens.shape[1]} image tokens arrived; it needs a "
            "class token and a square of patches. Use the miniature's CLIP_VISION in Video "
            "Conditioning."
        )
    places = coordinates(side, side, tokens.device).to(tokens).flatten(2).transpose(1, 2) * _LOUD
    places = F.pad(places, (0, 0, 1, 0)).expand(len(tokens), -1, -1)
    return torch.cat([tokens, places], dim=-1)


class PositionedVideoUNet(VideoStudioUNet):
    """The video model with constant coordinates of place and time joined to its input, and of place
    to the scene picture's tokens.

    The scene picture's latent counts as a frame.
    """

    def __init__(self, config: VideoStudioConfig, *args: Any, **kwargs: Any) -> None:
        joined = replace(
            config,
            in_channels=config.in_channels + COORDINATE_CHANNELS + TIME_CHANNELS,
            context_width=config.context_width + COORDINATE_CHANNELS,
        )
        super().__init__(joined, *args, **kwargs)

    def forward(
        self, x: Tensor, timesteps: Tensor, context: Tensor | None = None, *args: Any, **kwargs: Any
    ) -> Tensor:
        """As ``VideoStudioUNet``; the context is a class token and a square of patches."""
        context = None if context is None else placed(context)
        return super().forward(x, timesteps, context, *args, **kwargs)

    def through(self, x: Tensor, told: Any) -> Tensor:
        size = x.shape[-2:]
        place = coordinates(*size, x.device).to(x).expand(len(x), -1, -1, -1)
        time = time_coordinates(len(x) // told.clips, x.device).to(x).repeat(told.clips, 1)
        time = time[:, :, None, None].expand(-1, -1, *size)
        return super().through(torch.cat([x, place, time], dim=1), told)


def from_pictures(unet: VideoStudioUNet, still: Mapping[str, Tensor]) -> list[str]:
    """Start a video model from the miniature's denoiser of pictures.

    Convolutions, spatial self-attention and feed-forward layers are copied; attention to the scene
    picture's cells finds what self-attention finds. What is new is silent at first: the clip's
    time, layers over time, attention to the picture and its tokens, and what is added to the time
    step.

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
                parameter.copy_(_widened(still[host_name[name]], name))
            copied.append(name)
    for module in unet.modules():
        if isinstance(module, TransformerBlock) and module.attn_scene is not None:
            module.attn_scene.load_state_dict(module.attn1.state_dict())
    for module in _silent_at_first(unet):
        for parameter in module.parameters():
            nn.init.zeros_(parameter)
    return copied


def _widened(weight: Tensor, name: str) -> Tensor:
    """A picture knows no time: the first layer takes it in, and does nothing with it at first."""
    if name != "conv_in.weight":
        return weight
    return torch.cat([weight, weight.new_zeros(len(weight), TIME_CHANNELS, *weight.shape[2:])], 1)


def _lists() -> dict[str, Any]:
    """Copies of what the host's function takes apart."""
    return {key: list(value) for key, value in CONFIG.items() if isinstance(value, list)}


def _silent_at_first(unet: VideoStudioUNet) -> list[nn.Module]:
    silent: list[nn.Module] = []
    for module in unet.modules():
        if isinstance(module, TemporalTransformer):
            silent.append(module.proj_out)
        elif isinstance(module, TemporalConvolution):
            silent.append(getattr(module, module.names[-1])[-1])
        elif isinstance(module, SpatialTransformer):
            for block in module.transformer_blocks:
                silent += [one.to_out[0] for one in (block.attn2, block.attn_scene) if one]
    for extra in (
        unet.add_embedding,
        unet.aes_embedding,
        unet.midf_clip_pool_embedding,
        unet.action_prob_embedding,
    ):
        if extra is not None:
            silent.append(extra.linear_2)
    return silent
