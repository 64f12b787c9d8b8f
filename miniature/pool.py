"""Encoded training pictures, kept on disk in shards so that a resumed training starts at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..training.precision import mixed_precision
from ..training.running import load_checkpoint, save_checkpoint
from .autoencoder import Autoencoder, from_host_state_dict
from .training import RUNS, part_digest
from .world import Scene, draw_scene, sample_scene, sprite_mask

log = logging.getLogger(__name__)
CELLS = 16
_SHARD = 2000


@dataclass
class Pool:
    """``latents`` [N, C, 16, 16] raw; ``owners`` [N, 16, 16]: the sprite covering a cell, or −1."""

    latents: Tensor
    owners: Tensor
    scenes: list[Scene]


def cell_owners(scene: Scene) -> np.ndarray:
    """Index of the sprite that covers at least 35 % of each latent cell, else −1; int8 [16, 16]."""
    covers = np.stack([sprite_mask(sprite) for sprite in scene.sprites])
    side = covers.shape[1] // CELLS
    shares = covers.reshape(len(covers), CELLS, side, CELLS, side).mean((2, 4))
    owner = shares.argmax(0)
    return np.where(shares.max(0) >= 0.35, owner, -1).astype(np.int8)


def shard_scenes(seed: int, shard: int) -> list[Scene]:
    """The scenes of one shard; cheap, so only their latents are kept on disk."""
    rng = np.random.default_rng([seed, 20, shard])
    return [sample_scene(rng) for _ in range(_SHARD)]


@torch.no_grad()
def encode_pictures(model: Autoencoder, pictures: Tensor) -> Tensor:
    """Raw latents [N, C, 16, 16] in half precision of pictures, uint8 [N, 128, 128, 3].

    They are computed where the model is, and lie where the pictures are.
    """
    device = next(model.parameters()).device
    batch = pictures.to(device).permute(0, 3, 1, 2).float() / 255
    batch = batch.contiguous(memory_format=torch.channels_last)
    with mixed_precision(device.type):
        return model.encode(batch).half().to(pictures.device).contiguous()


def _encode(model: Autoencoder, scenes: list[Scene]) -> dict[str, Tensor]:
    pictures = torch.from_numpy(np.stack([draw_scene(scene) for scene in scenes]))
    latents = [encode_pictures(model, part) for part in pictures.split(40)]
    owners = np.stack([cell_owners(scene) for scene in scenes])
    return {"latents": torch.cat(latents), "owners": torch.from_numpy(owners)}


def encode_shard(autoencoder: dict[str, Tensor], seed: int, shard: int) -> dict[str, Tensor]:
    """Read a shard, or draw and encode it with the autoencoder's shipped weights."""
    key = part_digest(autoencoder, "taesd_encoder.")[:12]
    path = RUNS / "pool" / f"{key}-{seed}-{shard}.pt"
    found = load_checkpoint(path)
    if found is None:
        model = from_host_state_dict(autoencoder).to(memory_format=torch.channels_last)
        found = _encode(model, shard_scenes(seed, shard))
        save_checkpoint(path, found)
        log.info("encoded shard %d", shard)
    return found


def load_pool(autoencoder: dict[str, Tensor], seed: int, shards: int) -> Pool:
    """Gather the first ``shards`` shards of 2,000 pictures each."""
    parts = [encode_shard(autoencoder, seed, shard) for shard in range(shards)]
    return Pool(
        torch.cat([part["latents"] for part in parts]),
        torch.cat([part["owners"] for part in parts]),
        [scene for shard in range(shards) for scene in shard_scenes(seed, shard)],
    )
