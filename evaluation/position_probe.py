"""How well the denoiser knows where it is: a linear probe of its self-attention's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import comfy.model_management
import torch
from torch import Tensor

from .linear_probe import GRID
from .miniature_models import Miniature

TIMESTEP = 500
_BATCH = 20


def self_attention_inputs(
    miniature: Miniature, latents: Tensor, prompts: Sequence[str], seed: int
) -> dict[str, Tensor]:
    """Inputs of every 16×16 self-attention at t = 500, by block, [n, 256, channels] each.

    Args:
        miniature: the models.
        latents: of drawings, as the autoencoder gives them, [n, channels, 16, 16].
        prompts: their captions.
        seed: of the noise.
    """
    seen: dict[str, list[Tensor]] = {}

    def listen(n: Tensor, context: Tensor, value: Tensor, extra: dict[str, Any]) -> tuple:
        if tuple(extra["activations_shape"][-2:]) == (GRID, GRID):
            name = "_".join(str(part) for part in extra["block"])
            seen.setdefault(name, []).append(n.detach().float().cpu())
        return n, context, value

    patched = miniature.model.clone()
    patched.set_model_attn1_patch(listen)
    comfy.model_management.load_models_gpu([patched])
    model, device = patched.model, patched.load_device
    sampling = model.model_sampling
    sigma = sampling.sigma(torch.tensor(float(TIMESTEP)))
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(seed))
    noised = sampling.noise_scaling(sigma, noise, model.process_latent_in(latents.float().cpu()))
    options = patched.model_options["transformer_options"]
    with torch.inference_mode():
        for at in range(0, len(noised), _BATCH):
            part = noised[at : at + _BATCH].to(device)
            model.apply_model(
                part,
                sigma.expand(len(part)).to(device),
                c_crossattn=miniature.encode(prompts[at : at + _BATCH]).to(device),
                transformer_options=options.copy(),
            )
    return {name: torch.cat(parts) for name, parts in seen.items()}
