"""Encoded clips for training, kept on disk in shards."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..training.running import load_checkpoint, save_checkpoint
from .autoencoder import Autoencoder, from_host_state_dict
from .clips import Clip, draw_clip, sample_clip, sample_still_clip
from .pool import encode_pictures
from .training import RUNS, part_digest, shipped

log = logging.getLogger(__name__)
SHARD = 500
_AT_ONCE = 10  # clips that are encoded together
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


class _Pictures(Dataset[np.ndarray]):
    """Clips as pictures."""

    def __init__(self, clips: list[Clip]) -> None:
        self.clips = clips

    def __getitem__(self, number: int) -> np.ndarray:
        return draw_clip(self.clips[number])

    def __len__(self) -> int:
        return len(self.clips)


def _encode(model: Autoencoder, clips: Iterator[Tensor]) -> dict[str, Tensor]:
    """Encode drawn clips [F, 128, 128, 3]."""
    latents, firsts = [], []
    while drawn := list(islice(clips, _AT_ONCE)):
        pictures = torch.stack(drawn)
        firsts.append(pictures[:, 0])
        encoded = encode_pictures(model, pictures.flatten(0, 1))
        latents.append(encoded.unflatten(0, pictures.shape[:2]).transpose(1, 2).contiguous())
    return {"latents": torch.cat(latents), "pictures": torch.cat(firsts)}


def _digest(clips: list[Clip]) -> str:
    """Of what clips show, so that those of another world are not taken for them."""
    return hashlib.sha256(repr(clips).encode()).hexdigest()[:12]


def load_clip_pool(
    seed: int,
    shards: int,
    kind: str = MOVING,
    *,
    workers: int = 0,
    device: torch.device | str = "cpu",
) -> ClipPool:
    """Gather shards of 500 clips each, drawing and encoding those that are not there yet.

    Args:
        seed: of everything random.
        shards: how many.
        kind: of clips.
        workers: processes that draw; 0 draws in this one.
        device: that encodes.
    """
    autoencoder = shipped("autoencoder", "autoencoder")
    key = part_digest(autoencoder, "taesd_encoder.")[:12]
    drawn = [shard_clips(seed, shard, kind) for shard in range(shards)]
    paths = [RUNS / "clips" / f"{key}-{kind}-{_digest(clips)}.pt" for clips in drawn]
    found = {
        shard: part
        for shard, path in enumerate(paths)
        if (part := load_checkpoint(path)) is not None
    }
    missing = [shard for shard in range(shards) if shard not in found]
    if missing:
        model = from_host_state_dict(autoencoder).to(device, memory_format=torch.channels_last)
        wanted = _Pictures([clip for shard in missing for clip in drawn[shard]])
        coming = iter(DataLoader(wanted, batch_size=None, num_workers=workers))
        for shard in missing:
            found[shard] = _encode(model, islice(coming, SHARD))
            save_checkpoint(paths[shard], found[shard])
            log.info("encoded shard %d of %s clips", shard, kind)
    return ClipPool(
        torch.cat([found[shard]["latents"] for shard in range(shards)]),
        torch.cat([found[shard]["pictures"] for shard in range(shards)]),
        [clip for clips in drawn for clip in clips],
    )
