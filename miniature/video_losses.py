"""What the training of the miniature's video model is judged by."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..training.precision import mixed_precision
from ..video_models.videostudio_unet import VideoStudioUNet
from .clip_truth import ClipTruth
from .motion_guide import MotionGuide
from .transport_guide import TransportGuide

_INSIDE = 4.0  # what cells that things cover count more


class NoisyClips(NamedTuple):
    """Clips on their way.

    latents: with noise, [B, C, F, h, w].
    times: timesteps, [B].
    target: what is to be predicted, [B, C, F, h, w].
    share: ᾱ of each clip, [B, 1, 1, 1, 1].
    weight: of each clip in the loss, [B, 1, 1, 1, 1].
    """

    latents: Tensor
    times: Tensor
    target: Tensor
    share: Tensor
    weight: Tensor


class VideoLosses(nn.Module):
    """The denoising's loss and those of the guides, from tensors alone: a GPU can record them.

    Args:
        unet: the model.
        guide: that watches it.
        transport: that asks its attention.
    """

    def __init__(
        self, unet: VideoStudioUNet, guide: MotionGuide, transport: TransportGuide
    ) -> None:
        super().__init__()
        self.unet, self.guide, self.transport = unet, guide, transport

    def forward(
        self, noisy: NoisyClips, truth: ClipTruth, told: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Losses of noise, of places and of where looks come from (0 without gradients).

        Cells that things cover, then or at first, count more. At first: the picture tells it.
        Then: as far as the noisy clip shows it, else the mean that is learned leans towards things
        wherever they may be, and they come twice.
        """
        with mixed_precision(noisy.latents.device.type):
            predicted = self.unet(noisy.latents, noisy.times, **told)
        first = truth.weights[:, :, :1].expand_as(truth.weights)
        seen = truth.weights * noisy.share
        weight = noisy.weight * (1 + _INSIDE * torch.maximum(seen, first))
        noise = (weight * (predicted.float() - noisy.target).square()).mean()
        places = self.guide(truth.inside)
        if not torch.is_grad_enabled():
            return noise, places, torch.zeros_like(noise)
        return noise, places, self.transport.loss(truth, noisy.share.flatten().sqrt())
