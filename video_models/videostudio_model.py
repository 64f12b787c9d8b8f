"""VideoStudio-Vid as a MODEL of the host: sampled, offloaded and cast like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import comfy.conds
import comfy.latent_formats
import comfy.model_base
import comfy.model_management as management
import comfy.model_patcher
import comfy.supported_models_base
import comfy.utils
import torch
from comfy.ldm.modules.attention import optimized_attention
from torch import Tensor

from .transformers import Attend
from .videostudio_config import VideoStudioConfig, read_config
from .videostudio_unet import VideoStudioUNet, sinusoids

TOLD = "video_director_video"  # key in a conditioning
_SIZE_WIDTH = 256  # of the sinusoids of a size
NODE = "Load Video Model"


@dataclass(frozen=True)
class VideoTold:
    """What a video model is told beside image tokens and pooled text; absent parts add nothing.

    reference: latent of the scene picture, as a VAE gives it, [1, C, h, w].
    image_pooled: projected features of the scene picture, [1, d].
    action: indicator vector, [1, classes].
    aesthetic: score.
    """

    reference: Tensor
    image_pooled: Tensor | None = None
    action: Tensor | None = None
    aesthetic: float | None = None


class VideoLatents(comfy.latent_formats.SDXL):
    """SDXL's latents, frames on an axis of their own."""

    latent_dimensions = 3


class VideoStudio(comfy.supported_models_base.BASE):
    """The host's description of the model."""

    unet_extra_config: dict[str, Any] = {}
    latent_format = VideoLatents
    memory_usage_factor = 1.5

    def __init__(self, config: VideoStudioConfig, reference_position: str) -> None:
        super().__init__({"config": config, "reference_position": reference_position})
        if config.in_channels != self.latent_format.latent_channels:  # trained on another VAE
            self.latent_format.latent_channels = config.in_channels
            self.latent_format.latent_rgb_factors = None


class VideoStudioModel(comfy.model_base.BaseModel):
    """The denoiser as the host's samplers use it."""

    def __init__(
        self,
        description: Any,
        model_type: Any = comfy.model_base.ModelType.EPS,
        device: Any = None,
        unet_model: Any = VideoStudioUNet,
    ) -> None:
        super().__init__(description, model_type, device=device, unet_model=unet_model)
        self.diffusion_model.attend_with = _host_attention

    def encode_adm(self, **kwargs: Any) -> Tensor | None:
        """Pooled text and the picture's sizes, as SDXL is told them."""
        config: VideoStudioConfig = self.diffusion_model.config
        if not config.added_width:
            return None
        pooled = kwargs["pooled_output"]
        height, width = kwargs.get("height", 768), kwargs.get("width", 768)
        sizes = torch.tensor([height, width, 0, 0, height, width])
        each = min(_SIZE_WIDTH, (config.added_width - pooled.shape[-1]) // len(sizes))
        told = sinusoids(sizes, each).flatten()[None].expand(len(pooled), -1)
        return torch.cat([pooled, told.to(pooled)], dim=-1)

    def extra_conds(self, **kwargs: Any) -> dict[str, Any]:
        """Image tokens, pooled text and sizes as the host's; the rest as what it is told beside."""
        out = super().extra_conds(**kwargs)
        told: VideoTold | None = kwargs.get(TOLD)
        if told is None:
            return out
        reference = self.process_latent_in(told.reference[:, :, None])
        out["reference"] = comfy.conds.CONDRegular(reference)
        for name, value in (
            ("image_pooled", told.image_pooled),
            ("action", told.action),
            ("aesthetic", None if told.aesthetic is None else torch.tensor([told.aesthetic])),
        ):
            if value is not None:
                out[name] = comfy.conds.CONDRegular(value)
        return out


def _host_attention(options: dict[str, Any]) -> Attend:
    def attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        return optimized_attention(q, k, v, heads, transformer_options=options)

    return attend


def load_videostudio(
    state: Mapping[str, Tensor],
    file: str,
    reference_position: str,
    dtype: torch.dtype | None = None,
) -> comfy.model_patcher.ModelPatcher:
    """A MODEL from published weights, in the precision that the host chooses.

    Args:
        state: under the published names.
        file: its name, for errors.
        reference_position: as in ``VideoStudioUNet``.
        dtype: to keep weights in; None leaves it to the host.

    Raises:
        ValueError: other weights, or some that are missing.
    """
    config = read_config(state, file)
    description = VideoStudio(config, reference_position)
    supported = description.supported_inference_dtypes
    device, offload = management.get_torch_device(), management.unet_offload_device()
    stored = comfy.utils.weight_dtype(state)
    if dtype is None:
        dtype = management.unet_dtype(
            model_params=comfy.utils.calculate_parameters(state),
            supported_dtypes=supported,
            weight_dtype=stored,
        )
    description.unet_config["dtype"] = dtype
    description.manual_cast_dtype = management.unet_manual_cast(dtype, device, supported)
    model = VideoStudioModel(description, device=offload)
    found = model.diffusion_model.load_state_dict(dict(state), strict=False)
    if found.missing_keys or found.unexpected_keys:
        wrong = [*found.missing_keys, *found.unexpected_keys]
        raise ValueError(
            f"{file} is no whole VideoStudio-Vid denoiser: {len(found.missing_keys)} weights are "
            f"missing and {len(found.unexpected_keys)} are not known, such as {wrong[0]}."
        )
    return comfy.model_patcher.CoreModelPatcher(model, load_device=device, offload_device=offload)
