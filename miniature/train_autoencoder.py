"""Train the autoencoder: ``director.py train autoencoder``."""

from __future__ import annotations

import argparse
import logging
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..training.precision import mixed_precision
from ..training.running import Average, cosine_rate, load_checkpoint, save_checkpoint
from .autoencoder import LATENT_CHANNELS, WIDTHS, Autoencoder, host_state_dict
from .training import RUNS, ship
from .world import Scene, draw_scene, sample_scene, sprite_mask

log = logging.getLogger(__name__)
CHECKPOINT = RUNS / "autoencoder" / "last.pt"
_CROP = 64
# Sprites are a fifth of a picture and the only thing that is read from it.
_SPRITE_WEIGHT = 4.0
_EDGE_WEIGHT = 4.0
# The sampler's latents are never exact; a decoder that saw noise forgives them.
_LATENT_NOISE = 0.06


def draw_pool(rng: np.random.Generator, size: int) -> tuple[Tensor, Tensor, list[Scene]]:
    """Draw pictures uint8 [N, 3, 128, 128] and sprite masks uint8 [N, 1, 128, 128]."""
    pictures = torch.empty(size, 3, 128, 128, dtype=torch.uint8)
    masks = torch.empty(size, 1, 128, 128, dtype=torch.uint8)
    scenes = [sample_scene(rng) for _ in range(size)]
    for index, scene in enumerate(scenes):
        pictures[index] = torch.from_numpy(draw_scene(scene)).permute(2, 0, 1)
        cover = np.max([sprite_mask(sprite) for sprite in scene.sprites], axis=0)
        masks[index, 0] = torch.from_numpy((cover * 255).astype(np.uint8))
    return pictures, masks, scenes


def _crops(
    pool: tuple[Tensor, Tensor, list[Scene]], rng: np.random.Generator, batch: int
) -> tuple[Tensor, Tensor]:
    """Cut crops, three of four of them centred near a sprite."""
    pictures, masks, scenes = pool
    cut_pictures, cut_masks = [], []
    for index in rng.integers(len(scenes), size=batch):
        limit = 128 - _CROP
        if rng.random() < 0.75:
            sprites = scenes[index].sprites
            sprite = sprites[int(rng.integers(len(sprites)))]
            jitter = rng.integers(-16, 17, 2)
            x = sprite.x + sprite.width // 2 - _CROP // 2 + jitter[0]
            y = sprite.y + sprite.height // 2 - _CROP // 2 + jitter[1]
        else:
            x, y = rng.integers(0, limit + 1, 2)
        x, y = int(np.clip(x, 0, limit)), int(np.clip(y, 0, limit))
        cut_pictures.append(pictures[index, :, y : y + _CROP, x : x + _CROP])
        cut_masks.append(masks[index, :, y : y + _CROP, x : x + _CROP])
    return torch.stack(cut_pictures).float() / 255, torch.stack(cut_masks).float() / 255


def _loss(decoded: Tensor, pictures: Tensor, masks: Tensor, focus: float) -> Tensor:
    """Weighted squared plus absolute error; with ``focus`` 1 edges of sprites count most."""
    blurred = F.avg_pool2d(masks, 5, stride=1, padding=2)
    edges = (4 * blurred * (1 - blurred)).clamp(0, 1)
    weight = 1 + focus * (_SPRITE_WEIGHT * masks + _EDGE_WEIGHT * edges)
    error = decoded - pictures
    return (weight * (error.square() + 0.05 * error.abs())).mean()


@torch.no_grad()
def _psnr(model: Autoencoder, pictures: Tensor) -> float:
    real = pictures.float() / 255
    decoded = model.decode(model.encode(real)).clamp(0, 1)
    return float((-10 * (decoded - real).square().mean((1, 2, 3)).log10()).mean())


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train autoencoder", description=__doc__)
    parser.add_argument("--steps", type=int, default=2300)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pool", type=int, default=3000, help="drawings kept in memory")
    parser.add_argument(
        "--decoder-steps",
        type=int,
        default=2000,
        help="more steps for the decoder alone, while latents stay as they are",
    )
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    return parser.parse_args(argv)


class Trainer:
    """One run: first both halves, then the decoder alone on latents that no longer change.

    The denoiser can be trained on the latents as soon as the first half is done.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.model = Autoencoder().to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=options.rate, weight_decay=1e-4
        )
        self.average = Average(self.model, 0.998)
        self.step = 0

    @property
    def total(self) -> int:
        return self.options.steps + self.options.decoder_steps

    @property
    def decoder_alone(self) -> bool:
        return self.step >= self.options.steps

    def resume(self) -> None:
        state = load_checkpoint(CHECKPOINT)
        if state is None:
            return
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load(state["average"])
        self.step = state["step"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.values,
            "step": self.step,
        }
        save_checkpoint(CHECKPOINT, state)

    def _rate(self) -> float:
        if not self.decoder_alone:
            return self.options.rate * cosine_rate(self.step, self.options.steps)
        done = self.step - self.options.steps
        return 0.7 * self.options.rate * cosine_rate(done, self.options.decoder_steps)

    def update(self, pictures: Tensor, masks: Tensor) -> float:
        """One step of the optimiser; returns the loss."""
        if self.step == self.options.steps:
            # From here on the averaged encoder is the one that ships.
            self.model.load_state_dict(self.average.values)
        self.model.taesd_encoder.requires_grad_(not self.decoder_alone)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate()
        with mixed_precision():
            latents = self.model.encode(pictures)
            noisy = latents + _LATENT_NOISE * torch.randn_like(latents)
            decoded = self.model.decode(noisy).float()
        loss = _loss(decoded, pictures, masks, 0.4 if self.decoder_alone else 1.0)
        # A light pull keeps latents near unit size, where the decoder's bound is linear.
        loss = loss + 2e-4 * latents.float().square().mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.model, self.step)
        self.step += 1
        return float(loss.detach())


def main(argv: list[str] | None = None) -> int:
    """Train, resuming from the last checkpoint; ships the averaged weights after each half."""
    options = _options(argv)
    torch.manual_seed(options.seed)
    trainer = Trainer(options)
    if not options.restart:
        trainer.resume()
    pool = draw_pool(np.random.default_rng([options.seed, 1]), options.pool)
    validation = draw_pool(np.random.default_rng([options.seed, 2]), 64)[0]
    losses, began = [], time.monotonic()
    while trainer.step < trainer.total:
        rng = np.random.default_rng([options.seed, 3, trainer.step])
        losses.append(trainer.update(*_crops(pool, rng, options.batch)))
        if trainer.step % 250 == 0 or trainer.step == trainer.total:
            trainer.save()
            log.info(
                "step %d/%d loss %.5f psnr %.2f dB, %.0f s",
                trainer.step,
                trainer.total,
                np.mean(losses[-250:]),
                _psnr(trainer.model, validation),
                time.monotonic() - began,
            )
        if trainer.step in (options.steps, trainer.total):
            _ship(trainer, pool[0], validation)
    return 0


def _ship(trainer: Trainer, pictures: Tensor, validation: Tensor) -> None:
    model, options = Autoencoder(), trainer.options
    model.load_state_dict(trainer.average.values)
    psnr = _psnr(model, validation)
    ship(
        "autoencoder",
        host_state_dict(model),
        {
            "model": "autoencoder, the host's TAESD layout",
            "config": {
                "widths": WIDTHS,
                "latent_channels": LATENT_CHANNELS,
                **_latent_statistics(model, pictures[:1000]),
            },
            "seed": options.seed,
            "steps": {
                "both": min(trainer.step, options.steps),
                "decoder": max(0, trainer.step - options.steps),
            },
            "data": {"world": "miniature.world", "drawings": options.pool, "crop": _CROP},
            "figures": {"validation_psnr_db": round(psnr, 2)},
        },
    )
    log.info("validation psnr %.2f dB", psnr)


@torch.no_grad()
def _latent_statistics(model: Autoencoder, pictures: Tensor) -> dict[str, float]:
    latents = torch.cat([model.encode(part.float() / 255) for part in pictures.split(50)])
    return {
        "latent_mean": round(float(latents.mean()), 4),
        "latent_std": round(float(latents.std()), 4),
    }
