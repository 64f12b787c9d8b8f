"""What every training run needs: checkpoints, averaged weights, a schedule of the rate."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

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
        parameters = dict(module.named_parameters())
        move = get_ema_multi_avg_fn(decay)  # all at once: on a GPU one by one takes longer
        move(list(self.values.values()), [parameters[name] for name in self.values], step)

    def load(self, values: Mapping[str, Tensor]) -> None:
        """Go on from the values of a checkpoint."""
        for name, value in self.values.items():
            value.copy_(values[name])


def cosine_rate(step: int, total: int, *, warmup: int = 100, flat: float = 0.5) -> float:
    """Factor of the learning rate: warm-up, flat until ``flat`` of the run, cosine to zero."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step / total - flat) / (1 - flat)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, done))))


def train_to(
    total: int,
    step: Callable[[], int],
    update: Callable[[], Mapping[str, float | Tensor]],
    pause: Callable[[], Mapping[str, float]],
    every: int = 100,
) -> None:
    """Train to the end; every so many steps, and at the end, pause and tell how it goes.

    Args:
        total: steps at the end.
        step: says how many are done.
        update: does one and gives its losses; those on a device are read at pauses only.
        pause: writes a checkpoint, and gives what else is to be told.
        every: steps between two pauses.
    """
    began, recent = time.monotonic(), []
    while step() < total:
        recent.append(update())
        if step() % every == 0 or step() == total:
            means = {name: np.mean([float(row[name]) for row in recent]) for name in recent[0]}
            told = " ".join(f"{name} {value:.4f}" for name, value in {**means, **pause()}.items())
            pace = (time.monotonic() - began) / len(recent)
            log.info("step %d/%d %s, %.2f s a step", step(), total, told, pace)
            began, recent = time.monotonic(), []


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint under a temporary name, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    torch.save(state, temporary)
    os.replace(temporary, path)


def save_halves(
    path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None
) -> None:
    """Write weights as safetensors in half precision, under a temporary name first."""
    halves = {key: value.detach().cpu().half().contiguous() for key, value in tensors.items()}
    temporary = path.with_suffix(".partial")
    save_file(halves, temporary, metadata)
    temporary.chmod(0o644)  # safetensors writes files that only their owner can read
    os.replace(temporary, path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a checkpoint of ``save_checkpoint`` (tensors and plain values only), None if absent."""
    if not path.exists():
        return None
    return torch.load(path, map_location="cpu", weights_only=True)
