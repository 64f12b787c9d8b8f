"""What every training script of the miniature shares: checkpoints, averages, records, schedules."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..host.provenance import commit

ROOT = Path(__file__).resolve().parents[1]
RUNS = ROOT / "runs"
WEIGHTS = Path(__file__).resolve().parent / "weights"
log = logging.getLogger(__name__)


class Average:
    """Exponential moving average of a module's parameters."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {name: value.detach().clone() for name, value in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move towards the module's weights; early steps count more, so that the start is lost."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in module.named_parameters():
            self.values[name].lerp_(value.detach(), 1 - decay)


def cosine_rate(step: int, total: int, *, warmup: int = 100, flat: float = 0.5) -> float:
    """Factor of the learning rate: warm-up, flat until ``flat`` of the run, cosine to zero."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step / total - flat) / (1 - flat)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, done))))


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint under a temporary name, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    torch.save(state, temporary)
    os.replace(temporary, path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a checkpoint of ``save_checkpoint`` (tensors and plain values only), None if absent."""
    if not path.exists():
        return None
    return torch.load(path, map_location="cpu", weights_only=True)


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


def ship(name: str, tensors: dict[str, Tensor], record: dict[str, Any]) -> Path:
    """Write ``weights/<name>.safetensors`` in half precision with its JSON record beside it.

    Args:
        name: file name without ending.
        tensors: what is shipped.
        record: config, seed, steps, data and figures; digest and commit are added.
    """
    WEIGHTS.mkdir(exist_ok=True)
    path = WEIGHTS / f"{name}.safetensors"
    temporary = path.with_suffix(".partial")
    halves = {key: value.detach().half().contiguous() for key, value in tensors.items()}
    save_file(halves, temporary)
    temporary.chmod(0o644)  # safetensors writes files that only their owner can read
    os.replace(temporary, path)
    record = {**record, "commit": commit(), "sha256": digest(path), "bytes": path.stat().st_size}
    note = path.with_suffix(".json")
    partial = note.with_suffix(".json.partial")
    partial.write_text(json.dumps(record, indent=2) + "\n")
    os.replace(partial, note)
    log.info("wrote %s (%.1f MB)", path.name, path.stat().st_size / 1e6)
    return path
