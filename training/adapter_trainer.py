"""Training beside a frozen denoiser: what layout fusers and reference attention share."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from .noise import Curve, Noised, Prediction, add_noise, stratified_times
from .precision import mixed_precision
from .running import Average, cosine_rate, load_checkpoint, save_checkpoint, train_to

log = logging.getLogger(__name__)
# What the loss of where attention looks, and a guide's, count at first.
_LOOKS, _GUIDE = 0.05, 0.05


@dataclass(frozen=True)
class Batch:
    """What one step learns from; what the modules are told is added by each training.

    latents: as the denoiser knows them, [B, C, h, w].
    context: text features, [B, n, d].
    """

    latents: Tensor
    context: Tensor

    @property
    def aspect(self) -> float:
        """Width over height of the latents."""
        height, width = self.latents.shape[-2:]
        return width / height


class Base(Protocol):
    """A frozen denoiser and the pictures that modules beside it learn from."""

    unet: nn.Module
    prediction: Prediction
    shares: Tensor  # ᾱ of the timesteps

    def draw(self, step: int, *, drop_all: float) -> Any:
        """A batch, the same for the same step; ``drop_all`` is the share told nothing."""

    def digests(self) -> dict[str, str]:
        """SHA-256 of what the modules are trained on."""


class Guide(Protocol):
    """Readers of hidden states that help a training, and are thrown away after it."""

    def parameters(self) -> Iterable[nn.Parameter]:
        """Which learn along."""

    def loss(self, batch: Any, noised: Noised) -> Tensor:
        """What they could not read from the last pass with gradients."""

    def state_dict(self) -> dict[str, Any]:
        """For checkpoints."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """From a checkpoint."""


@dataclass(frozen=True)
class Settings:
    """How long and how fast."""

    steps: int
    warm_up: int  # steps that need no backward pass through the denoiser
    rate: float
    seed: int
    attention: Callable[[], Any] | None = None  # makes an attention override for one call
    guide: Guide | None = None


class AdapterTrainer(ABC):
    """One training run, on one device or on one of several."""

    NAME: ClassVar[str]  # the command's
    STREAM: ClassVar[int]  # of chance
    TIMES: ClassVar[Curve]  # which timesteps are drawn how often
    DROP_ALL: ClassVar[float]  # share of a batch that is told nothing, for guidance
    INSIDE: ClassVar[float]  # what cells that the modules are for count more

    def __init__(
        self, base: Base, model: nn.Module, settings: Settings, accelerator: Accelerator
    ) -> None:
        self.base, self.settings, self.accelerator = base, settings, accelerator
        self.model = model.to(accelerator.device)
        base.unet.eval().requires_grad_(False)
        self.learning = [p for p in self.model.parameters() if p.requires_grad]
        groups = [{"params": self.learning}]
        if settings.guide is not None:
            groups.append({"params": list(settings.guide.parameters())})
        self.optimizer = torch.optim.AdamW(
            groups, lr=settings.rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.average = Average(self.model, 0.995)
        self.step = 0

    @abstractmethod
    def losses(
        self, batch: Any, noised: Noised, times: Tensor, inside: Tensor | None
    ) -> tuple[Tensor, Callable[[], Tensor]]:
        """Loss of the denoising, and what computes that of where the new attention looks.

        ``inside`` is what the first counts more; None leaves out what needs a backward pass
        through the denoiser.
        """

    @abstractmethod
    def inside(self, batch: Any) -> Tensor:
        """What share of each cell the modules are for, [B, h·w]."""

    @abstractmethod
    def rows_to_compare(self, batch: Any) -> dict[str, Any]:
        """A batch told rightly, and told in other ways, to see whether the modules act."""

    def resume(self, path: Path) -> None:
        """Take up a checkpoint, if there is one of this denoiser."""
        state = load_checkpoint(path)
        if state is None:
            return
        if state["made_with"] != self.base.digests():
            raise ValueError(
                f"train {self.NAME}: {path.name} was trained on another denoiser; start anew with "
                "--restart, or give the checkpoint that it was trained on"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load(state["average"])
        self.step = state["step"]
        if self.settings.guide is not None:
            self.settings.guide.load_state_dict(state["guide"])

    def save(self, path: Path) -> None:
        """Write a checkpoint; of several processes the first does."""
        if self.accelerator.is_main_process:
            state = {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average.values,
                "guide": self.settings.guide.state_dict() if self.settings.guide else {},
                "step": self.step,
                "made_with": self.base.digests(),
            }
            save_checkpoint(path, state)

    def averaged(self) -> nn.Module:
        """The model with its averaged weights, which are what is shipped."""
        self.model.load_state_dict({**self.model.state_dict(), **self.average.values})
        return self.model

    def share_of_parameters(self) -> dict[str, float]:
        """How many parameters the modules have, and what part of the whole model that is."""
        own = sum(p.numel() for p in self.model.parameters())
        whole = own + sum(p.numel() for p in self.base.unet.parameters())
        return {"parameters": own, "share_of_all_parameters": round(own / whole, 4)}

    def noised(self, batch: Batch, step: int) -> tuple[Noised, Tensor]:
        """A batch with noise, and its timesteps; the same for the same step and process."""
        place = self.accelerator.process_index
        rng = np.random.default_rng([self.settings.seed, self.STREAM, step, place])
        times = stratified_times(rng, len(batch.latents), self.TIMES)
        generator = torch.Generator().manual_seed(
            self.settings.seed * 1_000_003 + step + place * 500_009
        )
        noised = add_noise(batch.latents, times, self.base.shares, generator, self.base.prediction)
        return noised, times.to(batch.latents.device)

    def predict(self, batch: Batch, noised: Noised, times: Tensor, **patches: Any) -> Tensor:
        """The denoiser's prediction; ``patches`` go into its transformer_options."""
        options: dict[str, Any] = dict(patches)
        if self.settings.attention is not None:
            options["optimized_attention_override"] = self.settings.attention()
        device = self.accelerator.device.type
        with mixed_precision(device):
            return self.base.unet(noised.latents, times, batch.context, transformer_options=options)

    def denoising_loss(self, predicted: Tensor, noised: Noised, inside: Tensor) -> Tensor:
        """Weighted squared error of a prediction; cells count more by what of them is ``inside``.

        Args:
            predicted: [B, C, h, w].
            noised: what was asked for.
            inside: 0–1, [B, h·w].
        """
        height, width = predicted.shape[-2:]
        weight = noised.weight * (1 + self.INSIDE * inside.view(-1, 1, height, width))
        return (weight * (predicted.float() - noised.target).square()).mean()

    def update(self) -> dict[str, float]:
        """One step of the optimiser."""
        settings = self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate * cosine_rate(self.step, settings.steps, flat=0.6)
        batch = self.base.draw(self.step, drop_all=self.DROP_ALL)
        warming = self.step < settings.warm_up
        inside = None if warming else self.inside(batch)
        noised, times = self.noised(batch, self.step)
        noise, looks = self.losses(batch, noised, times, inside)
        done = (self.step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
        # Guides make a start; to the end they would drive states further than a picture needs.
        early = max(0.0, 1 - 2 * done)
        share = 1.0 if warming else _LOOKS * early
        attention = looks() if share else torch.zeros(())
        self.optimizer.zero_grad(set_to_none=True)
        loss = noise + share * attention.to(noise.device)
        if settings.guide is not None and early and not warming:
            loss = loss + _GUIDE * early * settings.guide.loss(batch, noised)
        loss.backward()
        self._average_gradients()
        torch.nn.utils.clip_grad_norm_(self.learning, 1.0)
        self.optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return {"noise": float(noise.detach()), "attention": float(attention.detach())}

    def _average_gradients(self) -> None:
        """Mean over the processes; by hand, since the modules run inside the denoiser and not
        through a wrapped module."""
        if self.accelerator.num_processes > 1:
            for parameter in self.learning:
                if parameter.grad is None:  # every process must take part
                    parameter.grad = torch.zeros_like(parameter)
                parameter.grad = self.accelerator.reduce(parameter.grad, reduction="mean")

    @torch.no_grad()
    def paired_losses(self, batch: Any) -> dict[str, float]:
        """Loss with what is right, with another picture's, and without; the same noise.

        The earliest honest sign that the modules act: pictures show it a thousand steps later.
        """
        noised, times = self.noised(batch, 10**9)
        inside = self.inside(batch)  # in all rows the same, else their losses were not of one kind
        return {
            name: float(self.losses(given, noised, times, inside)[0])
            for name, given in self.rows_to_compare(batch).items()
        }

    def run(self, checkpoint: Path, every: int = 100) -> None:
        """Train to the end; checkpoint and tell how it goes every so many steps."""
        held = self.base.draw(10**9, drop_all=0.0)
        log.info("%s: %s", self.NAME, self.share_of_parameters())

        def pause() -> dict[str, float]:
            self.save(checkpoint)
            return self.paired_losses(held)

        train_to(self.settings.steps, lambda: self.step, self.update, pause, every)
