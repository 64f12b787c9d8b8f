"""Train the denoiser on encoded drawings and their captions: ``director.py train unet``.

v-prediction (``diffusion``), caption dropout for guidance, averaged weights. ``guides`` holds what
helps it learn faster.
"""

from __future__ import annotations

import argparse
import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..training.noise import add_noise, signal_shares, stratified_times
from ..training.precision import mixed_precision
from ..training.running import Average, cosine_rate, load_checkpoint, save_checkpoint, train_to
from .batches import Batch, Sampler, frozen_text_model
from .guides import Attention, Readers, grid_attentions, truth_of
from .latent_preview import preview_factors
from .pool import load_pool
from .training import RUNS, encoders_made_with, fill_layers, load_shipped, ship, shipped
from .unet import CONFIG, PositionedUNet

CHECKPOINT = RUNS / "unet" / "last.pt"
_SPRITE_WEIGHT = 4.0
# A little more for where sprites truly are: with none, more things are missing than come twice.
_LEAN = 0.6
# (share of a batch, timestep up to which it goes). Pictures sampled from true ones at timestep 830
# go wrong as often as from pure noise, from 540 on half as often: things fuse or come twice in
# between, so most of a batch is spent there.
_TIME_SHARES = ((0.0, 0.0), (0.06, 200.0), (0.18, 400.0), (0.87, 850.0), (1.0, 1000.0))
# The guides' shares of the loss.
_PLACE, _CONTENT, _WORDS = 0.05, 0.04, 0.02


def _spread(covered: Tensor) -> Tensor:
    """Let each cell [B, 1, 16, 16] count as much as the highest of its neighbours: outlines too."""
    return F.max_pool2d(covered, 3, stride=1, padding=1)


class Trainer:
    """One training run: modules, optimiser, averages, and what is needed to take it up again."""

    def __init__(self, options: argparse.Namespace) -> None:
        import comfy.ops

        torch.manual_seed(options.seed)
        self.options = options
        self.unet = PositionedUNet(
            **copy.deepcopy(CONFIG), operations=comfy.ops.disable_weight_init
        )
        initialise(self.unet)
        attentions = grid_attentions(self.unet)
        self.readers = Readers(attentions, CONFIG["model_channels"])
        self.parameters = [*self.unet.parameters(), *self.readers.parameters()]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.average = Average(self.unet, 0.998)
        self.shares = signal_shares()
        self.step = 0

    def resume(self) -> None:
        """Take up the last checkpoint, if there is one."""
        state = load_checkpoint(CHECKPOINT)
        if state is None:
            return
        self.unet.load_state_dict(state["unet"])
        self.readers.load_state_dict(state["readers"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load(state["average"])
        self.step = state["step"]

    def warm_start(self) -> None:
        """Begin from the shipped weights, where no checkpoint was kept."""
        load_shipped(self.unet, "unet", "unet")
        self.average = Average(self.unet, self.average.decay)

    def save(self) -> None:
        state = {
            "unet": self.unet.state_dict(),
            "readers": self.readers.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.values,
            "step": self.step,
        }
        save_checkpoint(CHECKPOINT, state)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Denoising loss and the guides' losses of one batch."""
        rng = np.random.default_rng([self.options.seed, 31, self.step])
        times = stratified_times(rng, len(batch.latents), _TIME_SHARES)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + self.step)
        noised = add_noise(batch.latents, times, self.shares, generator)
        attention = Attention()
        with mixed_precision():
            predicted = self.unet(
                noised.latents,
                times,
                batch.context,
                transformer_options={"optimized_attention_override": attention},
            )
        truth = truth_of(batch.scenes, batch.owners, batch.captions)
        place, content, covered = self.readers.losses(truth)
        # Where sprites are *believed* to be, in the noisy picture: weights by the truth would draw
        # the mean that is learned towards sprites wherever it is open, and things come twice.
        weight = noised.weight * (1 + _SPRITE_WEIGHT * _spread(covered))
        weight = weight * (1 + _LEAN * _spread((truth.owners >= 0).float()[:, None]))
        return {
            "noise": (weight * (predicted.float() - noised.target).square()).mean(),
            "place": place,
            "content": content,
            "words": attention.word_loss(truth, noised.share.flatten().sqrt()),
        }

    def update(self, batch: Batch) -> dict[str, float]:
        """One step of the optimiser."""
        total = self.options.steps
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * cosine_rate(self.step, total, flat=self.options.flat)
        losses = self.losses(batch)
        loss = losses["noise"] + _PLACE * losses["place"]
        loss = loss + _CONTENT * losses["content"] + _WORDS * losses["words"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.average.update(self.unet, self.step)
        self.step += 1
        return {name: float(value.detach()) for name, value in losses.items()}


def initialise(unet: nn.Module) -> None:
    """Give every weight a start: the host's layers come with none.

    Residual branches end in zeros, so that the net begins as the identity it is built around.
    """
    fill_layers(unet)
    for name, module in unet.named_modules():
        if name.endswith(("out_layers.3", "proj_out")) or name == "out.2":
            nn.init.zeros_(module.weight)


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train unet", description=__doc__)
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--flat", type=float, default=0.6, help="share of steps before it falls")
    parser.add_argument("--shards", type=int, default=8, help="of 2,000 pictures each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    parser.add_argument("--ship", action="store_true", help="write the weights and stop")
    parser.add_argument(
        "--from-shipped", action="store_true", help="without a checkpoint, go on from the weights"
    )
    return parser.parse_args(argv)


def _ship(trainer: Trainer, sampler: Sampler) -> None:
    values = {**trainer.unet.state_dict(), **trainer.average.values}
    factors, bias = preview_factors(sampler.pool, sampler.mean, sampler.std)
    record = {
        "model": "denoiser, the host's UNetModel with coordinate channels",
        "config": {
            **CONFIG,
            "latent_mean": [round(float(v), 5) for v in sampler.mean.flatten()],
            "latent_std": [round(float(v), 5) for v in sampler.std.flatten()],
            "latent_rgb_factors": factors,
            "latent_rgb_bias": bias,
            "prediction": "v",
        },
        "seed": trainer.options.seed,
        "steps": trainer.step,
        "data": {"world": "miniature.world", "pictures": len(sampler.pool.scenes)},
        "made_with": encoders_made_with(),
    }
    ship("unet", values, record)


def main(argv: list[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and ship the averaged weights."""
    options = _options(argv)
    trainer = Trainer(options)
    if options.from_shipped:
        trainer.warm_start()
    if not options.restart:
        trainer.resume()
    autoencoder = shipped("autoencoder", "autoencoder")
    pool = load_pool(autoencoder, options.seed, options.shards)
    sampler = Sampler(pool, frozen_text_model(), options.batch, options.seed)

    def update() -> dict[str, float]:
        return trainer.update(sampler.draw(trainer.step))

    def pause() -> dict[str, float]:
        trainer.save()
        return {}

    if not options.ship:
        train_to(options.steps, lambda: trainer.step, update, pause)
    _ship(trainer, sampler)
    return 0
