"""Builds the host's MODEL of the miniature's video model from its shipped weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import comfy.model_base
import comfy.model_management
import comfy.model_patcher
import comfy.supported_models_base
import torch
from torch import Tensor

from ..video_models.videostudio_model import VideoStudioModel
from .loader import MiniatureLatents, read_trained_on_others
from .training import denoiser_config
from .video import VIDEO_CONFIG, PositionedVideoUNet


class MiniatureVideo(comfy.supported_models_base.BASE):
    """The host's description of the miniature's video model."""

    unet_extra_config: dict[str, Any] = {}
    memory_usage_factor = 0.5

    def __init__(self, latents: dict[str, Any], reference_position: str) -> None:
        described = MiniatureLatents(latents, axes=3)
        self.latent_format = lambda: described
        super().__init__({"config": VIDEO_CONFIG, "reference_position": reference_position})
        self.unet_config["dtype"] = torch.float32


def video_patcher(
    tensors: Mapping[str, Tensor], latents: dict[str, Any], reference_position: str
) -> comfy.model_patcher.ModelPatcher:
    """A MODEL from weights.

    Args:
        tensors: by the published names of VideoStudio-Vid.
        latents: mean, deviation and preview colours of the autoencoder's latents.
        reference_position: as in ``VideoStudioUNet``.
    """
    management = comfy.model_management
    offload = management.unet_offload_device()
    model = VideoStudioModel(
        MiniatureVideo(latents, reference_position),
        comfy.model_base.ModelType.V_PREDICTION,
        device=offload,
        unet_model=PositionedVideoUNet,
    )
    model.diffusion_model.load_state_dict(tensors)
    return comfy.model_patcher.CoreModelPatcher(
        model, load_device=management.get_torch_device(), offload_device=offload
    )


def load_video(reference_position: str) -> comfy.model_patcher.ModelPatcher:
    """The shipped video model as a MODEL.

    Args:
        reference_position: as in ``VideoStudioUNet``; it was trained with the picture first.

    Raises:
        FileNotFoundError: weights are missing.
        ValueError: they were trained on other weights than those shipped with them.
    """
    tensors = read_trained_on_others("video", "Load Video Model")
    return video_patcher(tensors, denoiser_config(), reference_position)
