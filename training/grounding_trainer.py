"""Training of layout fusers on a frozen denoiser, whatever denoiser and pictures it is given.

As VideoDirectorGPT's Layout2Vid (arXiv:2309.15091, section 3.2): only the gated self-attentions and
the token net learn, on still pictures with boxes. First the fusers' attention is taught to find
the boxes (cross-entropy of one head against the overlap of cell and box, without a backward pass
through the denoiser); the denoising loss then takes over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from ..attention_patches.grounding_checkpoints import GroundingModel
from ..attention_patches.grounding_modules import Entities
from .fusing import Fusing, box_targets
from .noise import Prediction, add_noise, stratified_times
from .running import Average, cosine_rate, load_checkpoint, save_checkpoint

log = logging.getLogger(__name__)
_INSIDE = 2.0  # what cells in boxes count more; boxes are given, so this draws nothing aside
# Layouts act on the first steps of a sampling, so most of a batch is noise.
_TIME_SHARES = ((0.0, 0.0), (0.1, 300.0), (0.4, 650.0), (1.0, 1000.0))


@dataclass(frozen=True)
class BoxedBatch:
    """What one step learns from.

    latents: as the denoiser knows them, [B, C, h, w].
    context: text features, [B, n, d].
    asked: the entities of each picture.
    """

    latents: Tensor
    context: Tensor
    asked: Entities

    @property
    def aspect(self) -> float:
        """Width over height of the latents."""
        height, width = self.latents.shape[-2:]
        return width / height


class Base(Protocol):
    """A frozen denoiser and the pictures its fusers learn from."""

    unet: nn.Module
    prediction: Prediction
    shares: Tensor  # ᾱ of the timesteps

    def draw(self, step: int, *, drop_all: float) -> BoxedBatch:
        """A batch, the same for the same step; ``drop_all`` is the share without any box."""

    def digests(self) -> dict[str, str]:
        """SHA-256 of what the fusers are trained on."""


@dataclass(frozen=True)
class Settings:
    """How long and how fast."""

    steps: int
    warm_up: int  # steps of attention only
    rate: float
    seed: int
    attention: Callable[[], Any] | None = None  # makes an attention override for one call


class Trainer:
    """One training run of the fusers, on one device or on one of several."""

    def __init__(
        self, base: Base, model: GroundingModel, settings: Settings, accelerator: Accelerator
    ) -> None:
        self.base, self.settings, self.accelerator = base, settings, accelerator
        self.model = model.to(accelerator.device)
        base.unet.eval().requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=settings.rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.average = Average(self.model, 0.995)
        self.step = 0

    def resume(self, path: Path) -> None:
        """Take up a checkpoint, if there is one of this denoiser."""
        state = load_checkpoint(path)
        if state is None:
            return
        if state["made_with"] != self.base.digests():
            raise ValueError(
                f"train grounding: {path.name} was trained on another denoiser; start anew with "
                "--restart, or give the checkpoint that it was trained on"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.values, self.step = state["average"], state["step"]

    def save(self, path: Path) -> None:
        """Write a checkpoint; of several processes the first does."""
        if self.accelerator.is_main_process:
            state = {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average.values,
                "step": self.step,
                "made_with": self.base.digests(),
            }
            save_checkpoint(path, state)

    def averaged(self) -> GroundingModel:
        """The model with its averaged weights, which are what is shipped."""
        self.model.load_state_dict({**self.model.state_dict(), **self.average.values})
        return self.model

    def _noised(self, batch: BoxedBatch, step: int) -> Any:
        place = self.accelerator.process_index
        rng = np.random.default_rng([self.settings.seed, 51, step, place])
        times = stratified_times(rng, len(batch.latents), _TIME_SHARES)
        generator = torch.Generator().manual_seed(
            self.settings.seed * 1_000_003 + step + place * 500_009
        )
        noised = add_noise(batch.latents, times, self.base.shares, generator, self.base.prediction)
        return noised, times.to(batch.latents.device)

    def _predict(self, batch: BoxedBatch, noised: Any, times: Tensor, fusing: Fusing) -> Tensor:
        options: dict[str, Any] = {"patches": {"middle_patch": [fusing]}}
        if self.settings.attention is not None:
            options["optimized_attention_override"] = self.settings.attention()
        device = self.accelerator.device.type
        with torch.autocast(device, torch.bfloat16):
            return self.base.unet(noised.latents, times, batch.context, transformer_options=options)

    def denoising_loss(
        self, batch: BoxedBatch, noised: Any, times: Tensor, fusing: Fusing
    ) -> Tensor:
        """Weighted squared error of the prediction; cells in boxes count more."""
        predicted = self._predict(batch, noised, times, fusing)
        height, width = batch.latents.shape[-2:]
        inside = box_targets(batch.asked, height, width) * batch.asked.filled[:, None]
        inside = inside.sum(-1).view(-1, 1, height, width)
        weight = noised.weight * (1 + _INSIDE * inside)
        return (weight * (predicted.float() - noised.target).square()).mean()

    def update(self) -> dict[str, float]:
        """One step of the optimiser."""
        settings = self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate * cosine_rate(self.step, settings.steps, flat=0.6)
        batch = self.base.draw(self.step, drop_all=0.12)
        noised, times = self._noised(batch, self.step)
        warming = self.step < settings.warm_up
        tokens = self.model.position_net(batch.asked)
        fusing = Fusing(self.model, tokens, batch.aspect, states_only=warming)
        noise = torch.zeros((), device=batch.latents.device)
        if warming:
            with torch.no_grad():
                self._predict(batch, noised, times, fusing)
        else:
            noise = self.denoising_loss(batch, noised, times, fusing)
        attention = fusing.attention_loss(batch.asked)
        done = (self.step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
        share = 1.0 if warming else 0.05 * max(0.0, 1 - 2 * done)
        self.optimizer.zero_grad(set_to_none=True)
        (noise + share * attention).backward()
        self._average_gradients()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return {"noise": float(noise.detach()), "attention": float(attention.detach())}

    def _average_gradients(self) -> None:
        """Mean over the processes; by hand, since the fusers run inside the denoiser and not
        through a wrapped module."""
        if self.accelerator.num_processes > 1:
            for parameter in self.model.parameters():
                if parameter.grad is None:  # every process must take part
                    parameter.grad = torch.zeros_like(parameter)
                parameter.grad = self.accelerator.reduce(parameter.grad, reduction="mean")

    @torch.no_grad()
    def paired_losses(self, batch: BoxedBatch) -> dict[str, float]:
        """Loss with the right boxes, with another picture's, and without any; the same noise.

        The earliest honest sign that boxes act: pictures show it a thousand steps later.
        """
        noised, times = self._noised(batch, 10**9)
        asked, none = batch.asked, torch.zeros_like(batch.asked.filled)
        rows = {
            "right": asked,
            "shuffled": Entities(
                asked.boxes.roll(1, 0), asked.text, asked.image, asked.has_text, asked.has_image
            ),
            "without": Entities(asked.boxes, asked.text, asked.image, none, none),
        }
        losses = {}
        for name, given in rows.items():
            tokens = self.model.position_net(given)
            fusing = Fusing(self.model, tokens, batch.aspect, states_only=False)
            losses[name] = float(self.denoising_loss(batch, noised, times, fusing))
        return losses

    def run(self, checkpoint: Path, every: int = 100) -> None:
        """Train to the end; checkpoint and tell how it goes every so many steps."""
        held = self.base.draw(10**9, drop_all=0.0)
        began, recent = time.monotonic(), []
        while self.step < self.settings.steps:
            recent.append(self.update())
            if self.step % every == 0 or self.step == self.settings.steps:
                self.save(checkpoint)
                told = _told(recent, self.paired_losses(held))
                pace = (time.monotonic() - began) / len(recent)
                steps = self.settings.steps
                log.info("step %d/%d %s, %.2f s a step", self.step, steps, told, pace)
                began, recent = time.monotonic(), []


def _told(recent: list[dict[str, float]], paired: Mapping[str, float]) -> str:
    means = {name: float(np.mean([row[name] for row in recent])) for name in recent[0]}
    return " ".join(f"{name} {value:.4f}" for name, value in {**means, **paired}.items())
