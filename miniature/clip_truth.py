"""What drawn clips show in every cell of every frame, for the training of the video model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .backgrounds import SIZE
from .clips import Clip, moved_by_camera
from .pool import CELLS
from .world import sprite_mask

_OWNED = 0.25  # share of a cell from which on it is a thing's
_COMMON = 20.0  # cells that a thing covers as a rule
_MOST = 3.0


class ClipTruth(NamedTuple):
    """Of a batch of clips, by cells.

    inside: share that things cover, [B, 1, F, 16, 16].
    weights: the same, but every thing counts about alike, however small, [B, 1, F, 16, 16].
    owned: whether a thing is there, bool, [B, F, 256].
    sources: where in the first frame the same spot is, x and y in cells, [B, F, 256, 2].
    traced: whether that is known, bool, [B, F, 256].
    """

    inside: Tensor
    weights: Tensor
    owned: Tensor
    sources: Tensor
    traced: Tensor

    def to(self, device: torch.device | str) -> ClipTruth:
        """The same on another device."""
        return ClipTruth(*(part.to(device) for part in self))


def truth_of_clips(clips: Sequence[Clip]) -> ClipTruth:
    """Collect it for a batch of clips of equally many frames."""
    parts = [_truth(clip) for clip in clips]
    return ClipTruth(*(torch.stack(same) for same in zip(*parts, strict=True)))


def _truth(clip: Clip) -> tuple[Tensor, ...]:
    first = clip.frames[0]
    drawn = [[sprite_mask(sprite) for sprite in frame.sprites] for frame in clip.frames]
    seen = moved_by_camera(torch.from_numpy(np.array(drawn, dtype=np.float32)), clip)
    shares = F.adaptive_avg_pool2d(seen, CELLS)  # [F, things, 16, 16]
    area = shares.sum((-2, -1), keepdim=True).clamp(min=1)
    weights = (shares * (_COMMON / area).clamp(1 / _MOST, _MOST)).sum(1, keepdim=True)
    most, owner = shares.flatten(2).max(dim=1)
    owned = most >= _OWNED
    moved = torch.tensor(
        [
            [(s.x - was.x, s.y - was.y) for s, was in zip(one.sprites, first.sprites, strict=True)]
            for one in clip.frames
        ]
    )
    away = moved.gather(1, owner[..., None].expand(-1, -1, 2)) * (CELLS / SIZE)
    sources = cells() - away * owned[..., None]
    # A place that a thing left was not to be seen; where the camera moves, tracks are not the way.
    traced = (owned | ~owned[:1]) & (not clip.moving_camera)
    inside = shares.sum(1, keepdim=True).clamp(max=1)
    return inside.transpose(0, 1), weights.transpose(0, 1), owned, sources, traced


def cells(device: torch.device | None = None) -> Tensor:
    """x and y of every cell, row by row: [256, 2]."""
    line = torch.arange(CELLS, dtype=torch.float32, device=device)
    return torch.stack([line.repeat(CELLS), line.repeat_interleave(CELLS)], dim=-1)
