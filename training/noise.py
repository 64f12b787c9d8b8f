"""Noise in training, on any schedule of timesteps; by default Stable Diffusion's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

Curve = Sequence[tuple[float, float]]  # (share of a batch, timestep up to which it goes)
Prediction = Literal["v", "eps"]
_SNR_LIMIT = 5.0


def signal_shares() -> Tensor:
    """ᾱ of the 1,000 timesteps of Stable Diffusion's scaled-linear schedule."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


def stratified_times(rng: np.random.Generator, batch: int, curve: Curve) -> Tensor:
    """Timesteps spread evenly over a curve of shares, in random order."""
    spread = (np.arange(batch) + rng.random(batch)) / batch
    times = np.interp(rng.permutation(spread), *zip(*curve, strict=True))
    return torch.from_numpy(times.astype(np.int64)).clamp(max=999)


@dataclass(frozen=True)
class Noised:
    """A batch on its way: ``latents`` with noise, what to predict, ᾱ and loss weight of each
    picture, both [B, 1, 1, 1]."""

    latents: Tensor
    target: Tensor
    share: Tensor
    weight: Tensor


def add_noise(
    latents: Tensor,
    times: Tensor,
    shares: Tensor,
    generator: torch.Generator,
    prediction: Prediction = "v",
) -> Noised:
    """Noise latents [B, C, h, w] to their timesteps.

    For v the weights are min(1, 5 / (SNR + 1)) (those of arXiv:2303.09556 with SNR + 1 for SNR):
    full wherever noise rules, since what stands where is decided there. For eps they are min(1,
    5 / SNR), those of the same paper.

    Args:
        latents: clean.
        times: [B], on the CPU.
        shares: ᾱ of the timesteps.
        generator: on the CPU, so that every device draws the same.
        prediction: what the denoiser predicts.
    """
    noise = torch.randn(latents.shape, generator=generator).to(latents)
    share = shares[times][:, None, None, None].to(latents)
    noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
    if prediction == "eps":
        weight = (_SNR_LIMIT * (1 - share) / share).clamp(max=1)
        return Noised(noisy, noise, share, weight)
    target = share.sqrt() * noise - (1 - share).sqrt() * latents
    return Noised(noisy, target, share, (_SNR_LIMIT * (1 - share)).clamp(max=1))
