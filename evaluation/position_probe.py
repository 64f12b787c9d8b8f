"""How well the denoiser knows where it is: a linear probe of its self-attention's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import comfy.model_management
import torch
from torch import Tensor

from .miniature_models import Miniature

TIMESTEP = 500
GRID = 16
_BATCH = 20
_RIDGE = 1e-3


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


def probe_r2(features: Tensor) -> tuple[float, float]:
    """R² of x and of y on the second half of the pictures, probe fitted on the first.

    Args:
        features: [n, 256, channels].
    """
    half = len(features) // 2
    axis = (torch.arange(GRID, dtype=torch.float64) + 0.5) / GRID
    target = torch.stack([axis.repeat(GRID), axis.repeat_interleave(GRID)], dim=-1)  # x, y
    mean = features[:half].double().mean((0, 1))
    scale = features[:half].double().std((0, 1)) + 1e-6

    def design(part: Tensor) -> Tensor:
        flat = ((part.double() - mean) / scale).flatten(0, 1)
        return torch.cat([flat, torch.ones(len(flat), 1, dtype=torch.float64)], dim=-1)

    known, fresh = design(features[:half]), design(features[half:])
    wanted = target.repeat(half, 1)
    ridge = _RIDGE * len(known) * torch.eye(known.shape[1], dtype=torch.float64)
    weights = torch.linalg.solve(known.T @ known + ridge, known.T @ wanted)
    truth = target.repeat(len(features) - half, 1)
    missed = ((fresh @ weights - truth) ** 2).sum(0)
    spread = ((truth - truth.mean(0)) ** 2).sum(0)
    x, y = (1 - missed / spread).tolist()
    return x, y
