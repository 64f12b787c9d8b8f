"""What every training script of the miniature shares: where weights lie, digests, records."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ..host.provenance import commit
from ..training.running import save_halves

ROOT = Path(__file__).resolve().parents[1]
RUNS = ROOT / "runs"
WEIGHTS = Path(__file__).resolve().parent / "weights"
log = logging.getLogger(__name__)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def part_digest(tensors: dict[str, Tensor], prefix: str) -> str:
    """SHA-256 over the weights whose names begin with ``prefix``.

    What was trained on one part of a file stays good when the rest of the file changes.
    """
    made = hashlib.sha256()
    for name in sorted(tensors):
        if name.startswith(prefix):
            made.update(name.encode() + tensors[name].contiguous().numpy().tobytes())
    return made.hexdigest()


def shipped(name: str, trained_by: str) -> dict[str, Tensor]:
    """Read shipped weights, in the precision they are shipped in.

    Raises:
        FileNotFoundError: they are not there yet; the message names the training that makes them.
    """
    path = WEIGHTS / f"{name}.safetensors"
    if not path.exists():
        raise FileNotFoundError(
            f"{path.name} is not made yet; run `python director.py train {trained_by}` first"
        )
    return load_file(path)


def load_shipped(module: nn.Module, name: str, trained_by: str) -> None:
    """Give a module of full precision the shipped weights; errors as in ``shipped``."""
    tensors = shipped(name, trained_by)
    module.load_state_dict({key: value.float() for key, value in tensors.items()})


def fill_layers(net: nn.Module) -> None:
    """Give every layer a start: the host's come with none."""
    for module in net.modules():
        weight = getattr(module, "weight", None)
        if isinstance(module, (nn.GroupNorm, nn.LayerNorm)):
            nn.init.ones_(weight)
        elif isinstance(module, (nn.Linear, nn.Conv2d, nn.Conv3d)):
            nn.init.xavier_uniform_(weight)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)


def denoiser_config() -> dict[str, Any]:
    """What the record of the shipped denoiser says of it and of its latents."""
    return json.loads((WEIGHTS / "unet.json").read_text())["config"]


def latent_scale() -> list[Tensor]:
    """Mean and deviation of the latents' channels, in which the shipped denoiser knows them."""
    config = denoiser_config()
    return [torch.tensor(config[name]) for name in ("latent_mean", "latent_std")]


def encoders_made_with() -> dict[str, str]:
    """Digests of the encoders that a denoiser is trained on, for its record."""
    return {
        "autoencoder.taesd_encoder": part_digest(
            shipped("autoencoder", "autoencoder"), "taesd_encoder."
        ),
        "text_encoder.text_model": part_digest(shipped("text_encoder", "text"), "text_model."),
    }


def weights_made_with(*names: str) -> dict[str, str]:
    """Digests of whole weight files, for the record of weights that fit only them."""
    return {name: json.loads((WEIGHTS / f"{name}.json").read_text())["sha256"] for name in names}


def origin(name: str) -> dict[str, Any]:
    """What the record of weights that go on from shipped ones says of those."""
    before = json.loads((WEIGHTS / f"{name}.json").read_text())
    kept = ("steps", "batch", "learnt", "commit", "sha256", "from")
    return {key: before[key] for key in kept if key in before}


def ship(name: str, tensors: dict[str, Tensor], record: dict[str, Any]) -> Path:
    """Write ``weights/<name>.safetensors`` in half precision with its JSON record beside it.

    Args:
        name: file name without ending.
        tensors: what is shipped.
        record: config, seed, steps, data and figures; digest and commit are added.
    """
    WEIGHTS.mkdir(exist_ok=True)
    path = WEIGHTS / f"{name}.safetensors"
    save_halves(path, tensors)
    record = {**record, "commit": commit(), "sha256": digest(path), "bytes": path.stat().st_size}
    note = path.with_suffix(".json")
    partial = note.with_suffix(".json.partial")
    partial.write_text(json.dumps(record, indent=2) + "\n")
    os.replace(partial, note)
    log.info("wrote %s (%.1f MB)", path.name, path.stat().st_size / 1e6)
    return path
