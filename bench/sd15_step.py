"""A step of SD1.5's UNet with random weights, as the host's sampler makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

# SD1.5's UNet, as the host detects it.
SD15: dict[str, Any] = {
    "image_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "model_channels": 320,
    "channel_mult": [1, 2, 4, 4],
    "num_res_blocks": [2] * 4,
    "transformer_depth": [1] * 6 + [0] * 2,
    "transformer_depth_output": [1] * 9 + [0] * 3,
    "transformer_depth_middle": 1,
    "context_dim": 768,
    "num_heads": 8,
    "use_spatial_transformer": True,
    "use_linear_in_transformer": False,
    "adm_in_channels": None,
    "use_temporal_attention": False,
    "legacy": False,
}


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fill(module: nn.Module) -> nn.Module:
    """Random weights: the host's layers come with whatever was in memory."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            values = torch.randn(parameter.shape, generator=generator)
            scale = parameter[0].numel() ** -0.5 if parameter.ndim > 1 else 0.1
            parameter.copy_(values * scale + (0.0 if parameter.ndim > 1 else 1.0))
    return module


def sd15() -> Any:
    """A ModelPatcher of SD1.5's size with random weights."""
    import comfy.model_patcher
    import comfy.supported_models

    config = comfy.supported_models.SD15(dict(SD15))
    dtype = torch.float16 if torch.cuda.is_available() else torch.float32
    config.set_inference_dtype(dtype, None)
    base = config.get_model({}, "", device=device())
    fill(base.diffusion_model)
    return comfy.model_patcher.ModelPatcher(base, device(), torch.device("cpu"))


def sampling(
    model: Any,
    frames: int,
    size: int,
    width: int = 768,
    steps: int = 1,
    extra: tuple[dict[str, Any], dict[str, Any]] | None = None,
) -> Callable[[], Tensor]:
    """Sampling of a clip, conditions batched, through the host's sampler.

    Args:
        model: a ModelPatcher.
        frames: of the clip.
        size: of the square latents.
        width: of the text features.
        steps: of the sampling.
        extra: options of the positive and of the negative conditioning.
    """
    import comfy.sample
    import comfy.samplers

    more = extra or ({}, {})
    channels = model.model.latent_format.latent_channels
    generator = torch.Generator().manual_seed(2)
    noise = torch.randn(frames, channels, size, size, generator=generator)
    positive = [[torch.randn(frames, 77, width, generator=generator), more[0]]]
    negative = [[torch.randn(1, 77, width, generator=generator), more[1]]]
    sigmas = torch.linspace(14.0, 0.0, steps + 1) if steps > 1 else torch.tensor([5.0, 4.0])

    def run() -> Tensor:
        with torch.no_grad():
            return comfy.sample.sample_custom(
                model,
                noise,
                7.5,
                comfy.samplers.sampler_object("euler"),
                sigmas,
                positive,
                negative,
                torch.zeros_like(noise),
                disable_pbar=True,
                seed=0,
            )

    return run
