"""Train the layout fusers on the frozen denoiser: ``director.py train grounding``.

As VideoDirectorGPT's Layout2Vid (arXiv:2309.15091, section 3.2): only the gated self-attentions and
the token net learn, on still pictures with boxes. First the fusers' attention is taught to find
the boxes (cross-entropy of one head against the overlap of cell and box, without a backward pass
through the denoiser); the denoising loss then takes over.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..attention_patches.grounding_checkpoints import grounding_state
from ..attention_patches.grounding_modules import Entities
from .batches import Batch, Sampler, frozen_text_model
from .diffusion import Noised, add_noise, signal_shares, stratified_times
from .entities import Features, draw_entities, frozen_vision_model
from .fusing import Fusing, box_targets, build_grounding
from .guides import Attention
from .pool import load_pool
from .training import (
    RUNS,
    WEIGHTS,
    Average,
    cosine_rate,
    load_checkpoint,
    load_shipped,
    save_checkpoint,
    ship,
    shipped,
)
from .unet import CONFIG, PositionedUNet

log = logging.getLogger(__name__)
CHECKPOINT = RUNS / "grounding" / "last.pt"
_DROP_CAPTION = 0.35  # so that a caption without an entity does not overrule its box
_INSIDE = 2.0  # what cells in boxes count more; boxes are given, so this draws nothing aside
# Layouts act on the first steps of a sampling, so most of a batch is noise.
_TIME_SHARES = ((0.0, 0.0), (0.1, 300.0), (0.4, 650.0), (1.0, 1000.0))


class Trainer:
    """One training run of the fusers."""

    def __init__(self, options: argparse.Namespace, features: Features) -> None:
        import comfy.ops

        torch.manual_seed(options.seed)
        self.options, self.features = options, features
        self.unet = PositionedUNet(**CONFIG, operations=comfy.ops.disable_weight_init)
        load_shipped(self.unet, "unet", "unet")
        self.unet.eval().requires_grad_(False)
        self.model = build_grounding(self.unet)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.average = Average(self.model, 0.995)
        self.shares = signal_shares()
        self.step = 0

    def resume(self) -> None:
        """Take up the last checkpoint, if there is one of this denoiser."""
        state = load_checkpoint(CHECKPOINT)
        if state is not None and state["unet"] == base_digests()["unet"]:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average.values, self.step = state["average"], state["step"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.values,
            "step": self.step,
            "unet": base_digests()["unet"],
        }
        save_checkpoint(CHECKPOINT, state)

    def noised(self, batch: Batch, step: int) -> tuple[Noised, Tensor]:
        """The batch with its noise, and the timesteps."""
        rng = np.random.default_rng([self.options.seed, 51, step])
        times = stratified_times(rng, len(batch.latents), _TIME_SHARES)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + step)
        return add_noise(batch.latents, times, self.shares, generator), times

    def denoising_loss(
        self, batch: Batch, noised: Noised, times: Tensor, asked: Entities, fusing: Fusing
    ) -> Tensor:
        """Weighted squared error of v; cells in boxes count more."""
        predicted = self._predict(batch, noised, times, fusing)
        inside = box_targets(asked, batch.latents.shape[-1]) * asked.filled[:, None]
        inside = inside.sum(-1).view(-1, 1, *batch.latents.shape[-2:])
        weight = noised.weight * (1 + _INSIDE * inside)
        return (weight * (predicted.float() - noised.target).square()).mean()

    def _predict(self, batch: Batch, noised: Noised, times: Tensor, fusing: Fusing) -> Tensor:
        options = {
            "optimized_attention_override": Attention(),
            "patches": {"middle_patch": [fusing]},
        }
        with torch.autocast("cpu", torch.bfloat16):
            return self.unet(noised.latents, times, batch.context, transformer_options=options)

    def update(self, batch: Batch) -> dict[str, float]:
        """One step of the optimiser."""
        options = self.options
        for group in self.optimizer.param_groups:
            group["lr"] = options.rate * cosine_rate(self.step, options.steps, flat=0.6)
        rng = np.random.default_rng([options.seed, 50, self.step])
        asked = draw_entities(batch.scenes, self.features, rng)
        noised, times = self.noised(batch, self.step)
        warming = self.step < options.warm_up
        tokens = self.model.position_net(asked)
        fusing = Fusing(self.model, tokens, states_only=warming)
        noise = torch.zeros(())
        if warming:
            with torch.no_grad():
                self._predict(batch, noised, times, fusing)
        else:
            noise = self.denoising_loss(batch, noised, times, asked, fusing)
        attention = fusing.attention_loss(asked)
        done = (self.step - options.warm_up) / max(1, options.steps - options.warm_up)
        share = 1.0 if warming else 0.05 * max(0.0, 1 - 2 * done)
        loss = noise + share * attention
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return {"noise": float(noise.detach()), "attention": float(attention.detach())}

    @torch.no_grad()
    def paired_losses(self, batch: Batch) -> dict[str, float]:
        """Loss with the right boxes, with another picture's, and without any; the same noise.

        The earliest honest sign that boxes act: pictures show it a thousand steps later.
        """
        rng = np.random.default_rng([self.options.seed, 52])
        asked = draw_entities(batch.scenes, self.features, rng, drop_all=0.0)
        noised, times = self.noised(batch, 10**9)
        none = torch.zeros_like(asked.filled)
        rows = {
            "right": asked,
            "shuffled": Entities(
                asked.boxes.roll(1, 0), asked.text, asked.image, asked.has_text, asked.has_image
            ),
            "without": Entities(asked.boxes, asked.text, asked.image, none, none),
        }
        losses = {}
        for name, given in rows.items():
            fusing = Fusing(self.model, self.model.position_net(given), states_only=False)
            losses[name] = float(self.denoising_loss(batch, noised, times, asked, fusing))
        return losses


def base_digests() -> dict[str, str]:
    """SHA-256 of the weights that the fusers are trained on, from their records."""
    return {
        name: json.loads((WEIGHTS / f"{name}.json").read_text())["sha256"]
        for name in ("unet", "text_encoder", "vision_encoder", "autoencoder")
    }


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train grounding", description=__doc__)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--warm-up", type=int, default=200, help="steps of attention only")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--shards", type=int, default=16, help="of 2,000 pictures each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    return parser.parse_args(argv)


def _ship(trainer: Trainer) -> None:
    trainer.model.load_state_dict({**trainer.model.state_dict(), **trainer.average.values})
    share = sum(p.numel() for p in trainer.model.parameters())
    whole = share + sum(p.numel() for p in trainer.unet.parameters())
    record = {
        "model": "joint grounding tokens and gated self-attention for every transformer block",
        "parameters": share,
        "share_of_all_parameters": round(share / whole, 4),
        "seed": trainer.options.seed,
        "steps": trainer.step,
        "made_with": base_digests(),
    }
    ship("grounding", grounding_state(trainer.model), record)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and ship the averaged weights."""
    options = _options(argv)
    text_model = frozen_text_model()
    trainer = Trainer(options, Features(text_model, frozen_vision_model()))
    if not options.restart:
        trainer.resume()
    pool = load_pool(shipped("autoencoder", "autoencoder"), options.seed, options.shards)
    sampler = Sampler(pool, text_model, options.batch, options.seed, _DROP_CAPTION)
    # The denoiser knows latents in the scale it was trained on.
    config = json.loads((WEIGHTS / "unet.json").read_text())["config"]
    sampler.mean, sampler.std = (
        torch.tensor(config[name])[:, None, None] for name in ("latent_mean", "latent_std")
    )
    held = sampler.draw(10**9)
    began, recent = time.monotonic(), []
    while trainer.step < options.steps:
        recent.append(trainer.update(sampler.draw(trainer.step)))
        if trainer.step % 100 == 0 or trainer.step == options.steps:
            trainer.save()
            means = {name: np.mean([row[name] for row in recent]) for name in recent[0]}
            means |= trainer.paired_losses(held)
            told = " ".join(f"{name} {value:.4f}" for name, value in means.items())
            pace = (time.monotonic() - began) / len(recent)
            log.info("step %d/%d %s, %.2f s a step", trainer.step, options.steps, told, pace)
            began, recent = time.monotonic(), []
    _ship(trainer)
    return 0
