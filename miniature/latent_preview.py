"""A linear map from latents to colours, with which the host shows previews while it samples."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .pool import CELLS, Pool
from .world import draw_scene


def preview_factors(
    pool: Pool, mean: Tensor, std: Tensor, pictures: int = 300
) -> tuple[list[list[float]], list[float]]:
    """Fit the colours of latent cells by least squares.

    Args:
        pool: encoded pictures and what they show.
        mean, std: of each latent channel, [C, 1, 1]; previews see normalised latents.
        pictures: how many of the pool are used.

    Returns:
        Factors [C][3] and bias [3] for colours in −1..1 (the host's ``latent_rgb_factors``).
    """
    latents = (pool.latents[:pictures].float() - mean) / std
    drawn = np.stack([draw_scene(scene) for scene in pool.scenes[:pictures]])
    side = drawn.shape[1] // CELLS
    cells = drawn.reshape(len(drawn), CELLS, side, CELLS, side, 3).mean((2, 4)) / 127.5 - 1
    known = latents.permute(0, 2, 3, 1).flatten(0, 2)
    known = torch.cat([known, torch.ones(len(known), 1)], dim=1)
    colours = torch.from_numpy(cells).float().flatten(0, 2)
    solution = torch.linalg.lstsq(known, colours).solution
    rows = [[round(float(value), 4) for value in row] for row in solution]
    return rows[:-1], rows[-1]
