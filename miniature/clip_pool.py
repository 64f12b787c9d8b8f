"""Encoded clips for training, kept on disk in shards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..training.precision import mixed_precision
from ..training.running import load_checkpoint, save_checkpoint
from .autoencoder import Autoencoder, from_host_state_dict
from .clips import Clip, draw_clip, sample_clip, sample_still_clip
from .training import RUNS, part_digest

log = logging.getLogger(__name__)
SHARD = 500
MOVING, STILL = "moving", "still"  # things that do what the clip's label says, or nothing
CAMERA = "camera"  # things that do nothing before a camera that moves


@dataclass(frozen=True)
class _Kind:
    """How clips of a kind are drawn: by what, from which stream of chance, and in which share of
    them the camera moves."""

    sample: Callable[..., Clip]
    stream: int
    moving_camera: float


_KINDS = {
    MOVING: _Kind(sample_clip, 70, 0.2),
    STILL: _Kind(sample_still_clip, 73, 0.1),
    CAMERA: _Kind(sample_still_clip, 74, 1.0),
}


@dataclass
class ClipPool:
    """``latents`` raw, [N, C, F, 16, 16]; ``pictures`` uint8, the first frame of each,
    [N, 128, 128, 3]."""

    latents: Tensor
    pictures: Tensor
    clips: list[Clip]


def shard_clips(seed: int, shard: int, kind: str = MOVING) -> list[Clip]:
    """The clips of one shard; cheap, so only what is drawn of them is kept on disk."""
    drawn = _KINDS[kind]
    rng = np.random.default_rng([seed, drawn.stream, shard])
    return [drawn.sample(rng, moving_camera=drawn.moving_camera) for _ in range(SHARD)]


@torch.no_grad()
def _encode(model: Autoencoder, clips: list[Clip]) -> dict[str, Tensor]:
    latents, firsts = [], []
    for clip in clips:
        pictures = torch.from_numpy(draw_clip(clip))
        firsts.append(pictures[0])
        batch = pictures.permute(0, 3, 1, 2).float() / 255
        batch = batch.contiguous(memory_format=torch.channels_last)
        with mixed_precision():
            encoded = model.encode(batch).half().contiguous()
        latents.append(encoded.transpose(0, 1))
    return {"latents": torch.stack(latents), "pictures": torch.stack(firsts)}


def load_clip_pool(
    autoencoder: dict[str, Tensor], seed: int, shards: int, kind: str = MOVING
) -> ClipPool:
    """Gather shards of 500 clips each, drawing and encoding those that are not there yet."""
    key = part_digest(autoencoder, "taesd_encoder.")[:12]
    parts, clips = [], []
    for shard in range(shards):
        name = f"{key}-{seed}-{shard}" if kind == MOVING else f"{key}-{seed}-{kind}-{shard}"
        path = RUNS / "clips" / f"{name}.pt"
        drawn = shard_clips(seed, shard, kind)
        found = load_checkpoint(path)
        if found is None:
            model = from_host_state_dict(autoencoder).to(memory_format=torch.channels_last)
            found = _encode(model, drawn)
            save_checkpoint(path, found)
            log.info("encoded shard %d of %s clips", shard, kind)
        parts.append(found)
        clips += drawn
    return ClipPool(
        torch.cat([part["latents"] for part in parts]),
        torch.cat([part["pictures"] for part in parts]),
        clips,
    )
