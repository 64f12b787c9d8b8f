"""Train the miniature's video model on drawn clips: ``director.py train video``.

As VideoStudio-Vid (arXiv:2401.01256, section 3.3): a picture of the scene and an action become a
clip. Layers that the miniature's denoiser has are copied from it and go on learning slowly; layers
over time, cross-attention to image tokens and what is added to the time embedding are new.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map
from torch.utils.data import DataLoader

from ..training.noise import Curve, add_noise, signal_shares, stratified_times
from ..training.running import Average, cosine_rate, load_checkpoint, save_checkpoint, train_to
from .clip_batches import Clips, VideoBatch
from .clip_pool import CAMERA, MOVING, STILL, load_clip_pool
from .motion_guide import MotionGuide
from .pool import CELLS
from .training import (
    RUNS,
    load_shipped,
    origin,
    ship,
    shipped,
    weights_made_with,
)
from .transport_guide import GuidedAttention, TransportGuide
from .video import VIDEO_CONFIG, PositionedVideoUNet, from_pictures
from .video_losses import NoisyClips, VideoLosses

CHECKPOINT = RUNS / "video" / "last.pt"
_COPIED_RATE = 0.5  # of the new layers' rate
_DECIDED = 850.0  # up to this timestep the noisy clip itself shows where things are
_POINTED = 0.05  # of the loss that tells where looks come from
_SHOWN = 650  # up to this timestep things can be seen well enough to know which spot is which
_HELD = 16  # clips that the paired losses are taken of


def _times_curve(deciding: float) -> Curve:
    """Of timesteps, with a share of them where an action alone tells what will move how."""
    rest = 1 - deciding
    return ((0.0, 0.0), (0.2 * rest, 300.0), (0.6 * rest, 650.0), (rest, _DECIDED), (1.0, 1000.0))


class Trainer:
    """One training run: the model, its optimiser and averages."""

    def __init__(self, options: argparse.Namespace, device: torch.device | str = "cpu") -> None:
        torch.manual_seed(options.seed)
        self.options, self.device = options, torch.device(device)
        attention = GuidedAttention(VIDEO_CONFIG.channels[0])
        self.unet = PositionedVideoUNet(VIDEO_CONFIG, attend_with=lambda options: attention)
        still = {key: value.float() for key, value in shipped("unet", "unet").items()}
        copied = set(from_pictures(self.unet, still))
        if options.from_shipped:
            load_shipped(self.unet, "video", "video")
        self.guide = MotionGuide(self.unet, CELLS).to(device)
        self.unet.to(device)
        self.transport = TransportGuide(self.unet, attention)
        self.losses = VideoLosses(self.unet, self.guide, self.transport)
        self.recorded = False
        groups: list[list[nn.Parameter]] = [list(self.guide.parameters()), []]
        for name, parameter in self.unet.named_parameters():
            groups[name in copied].append(parameter)
        self.rates = (options.rate, options.rate * _COPIED_RATE)
        self.optimizer = torch.optim.AdamW(
            [{"params": group} for group in groups],
            betas=(0.9, 0.99),
            weight_decay=0.01,
            fused=self.device.type == "cuda",
        )
        self.average = Average(self.unet, 0.998)
        self.shares = signal_shares()
        self.curve = _times_curve(options.deciding)
        self.step = 0

    def resume(self) -> None:
        """Take up the last checkpoint, if there is one."""
        state = load_checkpoint(CHECKPOINT)
        if state is None:
            return
        self.unet.load_state_dict(state["unet"])
        self.guide.load_state_dict(state["guide"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load(state["average"])
        self.step = state["step"]

    def save(self) -> None:
        """Write a checkpoint."""
        state = {
            "unet": self.unet.state_dict(),
            "guide": self.guide.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.values,
            "step": self.step,
        }
        save_checkpoint(CHECKPOINT, state)

    def noised(self, batch: VideoBatch, step: int, curve: Curve | None = None) -> NoisyClips:
        """A batch with a step's noise.

        On the training's own curve, clips whose camera moves are noised no further than they show
        it. A model that is told of no camera would else move its own by chance; so it lets it rest,
        and takes what a camera moves for what it is.
        """
        rng = np.random.default_rng([self.options.seed, 72, step])
        times = stratified_times(rng, len(batch.latents), curve or self.curve)
        if curve is None:
            times = torch.where(batch.camera, (times * (_DECIDED / 1000)).long(), times)
        generator = torch.Generator().manual_seed(self.options.seed * 1_000_003 + step)
        # All frames of a clip are at one timestep, so they are noised as rows of one tall picture.
        noised = add_noise(batch.latents.flatten(2, 3), times, self.shares, generator)
        return NoisyClips(
            noised.latents.view_as(batch.latents),
            times.to(self.device),
            noised.target.view_as(batch.latents),
            noised.share[:, None],
            noised.weight[:, None],
        )

    def update(self, batch: VideoBatch) -> dict[str, Tensor]:
        """One step of the optimiser; its losses."""
        factor = cosine_rate(self.step, self.options.steps, flat=0.6)
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        hold = self.options.hold
        held = max(0.0, 1 - self.step / hold) if hold else 0.0
        noisy = self.noised(batch, self.step)
        if held:
            self.transport.hold(batch.truth, held * (noisy.times < _SHOWN))
        elif self.device.type == "cuda" and not self.recorded:
            self._record(noisy, batch)
        noise, places, pointed = self.losses(noisy, batch.truth, batch.told)
        self.optimizer.zero_grad(set_to_none=True)
        # A guide makes a start; at the end it would drive states further than a clip needs.
        (noise + places + _POINTED * factor * pointed).backward()
        torch.nn.utils.clip_grad_norm_(self.unet.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.unet, self.step)
        self.step += 1
        losses = {"noise": noise, "places": places, "pointed": pointed}
        # What was recorded puts every step's losses into the same place.
        return {name: value.detach().clone() for name, value in losses.items()}

    def _record(self, noisy: NoisyClips, batch: VideoBatch) -> None:
        """Have the GPU keep the thousands of small kernels of a step, and play them all at once.

        They are too small for Python to start them as fast as they are done.
        """
        like = tuple(tree_map(torch.clone, part) for part in (noisy, batch.truth, batch.told))
        torch.cuda.make_graphed_callables(self.losses, like, allow_unused_input=True)
        self.recorded = True

    @torch.no_grad()
    def paired_losses(self, batch: VideoBatch) -> dict[str, float]:
        """Loss with the right action, with another clip's, and with none; the same noise, so much
        that the action has something to tell."""
        action = batch.told["action"]
        rows = {"right": action, "other": action.roll(1, 0), "none": torch.zeros_like(action)}
        noisy = self.noised(batch, 10**9, ((0.0, _DECIDED), (1.0, 1000.0)))
        losses: dict[str, float] = {}
        self.losses.eval()  # nothing else changes by it, but what is recorded is for training
        for name, given in rows.items():
            noise, places, _ = self.losses(noisy, batch.truth, {**batch.told, "action": given})
            losses |= {name: float(noise), f"places_{name}": float(places)}
        self.losses.train()
        return losses


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train video", description=__doc__)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=6, help="clips in one")
    parser.add_argument("--rate", type=float, default=1e-3, help="of the new layers")
    parser.add_argument(
        "--deciding",
        type=float,
        default=0.5,
        help="share of each batch so noisy that only the action tells what moves how",
    )
    parser.add_argument(
        "--hold",
        type=int,
        default=3000,
        help="steps in which attention to the picture is held where looks come from, ever less",
    )
    parser.add_argument("--shards", type=int, default=12, help="of 500 clips each")
    parser.add_argument(
        "--still-shards",
        type=int,
        default=2,
        help="of clips in which nothing is done, and of such with a camera that moves",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        help="processes that draw beside the training; for a GPU, as many as there are cores",
    )
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    parser.add_argument(
        "--from-shipped", action="store_true", help="without a checkpoint, go on from the weights"
    )
    parser.add_argument("--ship", action="store_true", help="write the weights and stop")
    return parser.parse_args(argv)


def _train(trainer: Trainer, clips: Clips) -> None:
    options = trainer.options
    held = clips.draw(10**9, batch=_HELD, drop=0.0, still=0.0)
    steps = range(trainer.step, options.steps)
    coming = iter(
        DataLoader(clips.choices, batch_size=None, sampler=steps, num_workers=options.workers)
    )

    def update() -> dict[str, Tensor]:
        return trainer.update(clips.tell(next(coming)))

    def pause() -> dict[str, float]:
        trainer.save()
        return trainer.paired_losses(held)

    train_to(options.steps, lambda: trainer.step, update, pause, options.every)


def _ship(trainer: Trainer, clips: Clips) -> None:
    values = {**trainer.unet.state_dict(), **trainer.average.values}
    record = {
        "model": "VideoStudio-Vid's class with coordinates and attention to the scene picture",
        "config": {
            **asdict(VIDEO_CONFIG),
            "latent_mean": [round(float(v), 5) for v in clips.mean.flatten()],
            "latent_std": [round(float(v), 5) for v in clips.std.flatten()],
            "prediction": "v",
        },
        "seed": trainer.options.seed,
        "steps": trainer.step,
        "batch": trainer.options.batch,
        "data": {
            "world": "miniature.clips",
            "clips": len(clips.latents),
        },
        "made_with": weights_made_with("text_encoder", "vision_encoder", "autoencoder"),
    }
    if trainer.options.from_shipped:
        record["from"] = origin("video")
    ship("video", values, record)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and ship the averaged weights."""
    options = _options(argv)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    trainer = Trainer(options, device)
    if not options.restart:
        trainer.resume()
    shards = {MOVING: options.shards, STILL: options.still_shards, CAMERA: options.still_shards}
    moving, *still = (
        load_clip_pool(options.seed, count, kind, workers=options.workers, device=device)
        for kind, count in shards.items()
    )
    clips = Clips(moving, still, options.batch, options.seed, device)
    if not options.ship:
        _train(trainer, clips)
    _ship(trainer, clips)
    return 0
