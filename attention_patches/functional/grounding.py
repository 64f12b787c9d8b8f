"""Arithmetic of layout grounding: box embeddings, missing features, and when grounding acts."""

from __future__ import annotations

import math

import torch
from torch import Tensor

FREQUENCIES, TEMPERATURE = 8, 100.0
BOX_WIDTH = 4 * 2 * FREQUENCIES
Triple = tuple[float, float, float]


def fourier_boxes(boxes: Tensor) -> Tensor:
    """Sines and cosines of box coordinates at rising frequencies.

    GLIGEN (arXiv:2301.07093), section 3.2: for each frequency 100^(k/8), k = 0 … 7, the sines of
    the four coordinates, then their cosines.

    Args:
        boxes: xyxy in 0–1, [..., 4].

    Returns:
        [..., 64], computed in float32 (the highest frequency turns rounding into noise).
    """
    powers = torch.arange(FREQUENCIES, device=boxes.device, dtype=torch.float32) / FREQUENCIES
    angles = TEMPERATURE ** powers[:, None] * boxes[..., None, :].float()
    return torch.stack([angles.sin(), angles.cos()], dim=-2).flatten(-3)


def fill_missing(features: Tensor, present: Tensor, null: Tensor) -> Tensor:
    """Put the learned null where a feature is missing.

    Args:
        features: [..., n, d].
        present: bool, [..., n].
        null: [d].
    """
    return torch.where(present[..., None], features, null.to(features))


def grounding_scale(step: int, steps: int, schedule: Triple) -> float:
    """How strongly grounding acts at one sampling step.

    GLIGEN's released ``alpha_type``: a share of the steps at full strength, a share over which it
    falls linearly, a share without. The fall begins below 1 and ends at 0.

    Args:
        step: counted from 0.
        steps: in the whole schedule.
        schedule: the three shares, in 0–1, together 1.

    Returns:
        0–1.

    Raises:
        ValueError: shares that are negative or do not make 1.
    """
    if min(schedule) < 0 or not math.isclose(sum(schedule), 1.0, abs_tol=1e-6):
        raise ValueError(
            f"grounding schedule {schedule}: the shares of the steps on, falling and off must be "
            "0 or more and together 1, such as (0.3, 0, 0.7)"
        )
    # Rounded first: 0.3 of 10 steps are 3, though 0.3 * 10 may come out a hair below.
    on, falling = (int(round(share * steps, 6)) for share in schedule[:2])
    if step < on:
        return 1.0
    if step < on + falling:
        return 1.0 - (step - on + 1) / falling
    return 0.0
