"""Train the miniature's video model on drawn clips: ``director.py train video``.

As VideoStudio-Vid (arXiv:2401.01256, section 3.3): a picture of the scene and an action become a
clip. Layers that the miniature's denoiser has are copied from it and go on learning slowly; layers
over time, cross-attention to image tokens and what is added to the time embedding are new.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from ..training.noise import Curve, add_noise, signal_shares, stratified_times
from ..training.precision import mixed_precision
from ..training.running import Average, cosine_rate, load_checkpoint, save_checkpoint, train_to
from ..video_models.action_matching import indicator
from ..video_models.videostudio_config import AESTHETIC
from ..video_models.videostudio_unet import sinusoids
from .batches import frozen_text_model
from .captions import Caption, Style, write_caption
from .clip_pool import CAMERA, STILL, ClipPool, load_clip_pool
from .clip_truth import ClipTruth, truth_of_clips
from .entities import frozen_vision_model
from .motion_guide import MotionGuide
from .pool import CELLS
from .text import caption_rows
from .training import (
    RUNS,
    latent_scale,
    load_shipped,
    origin,
    ship,
    shipped,
    weights_made_with,
)
from .transport_guide import GuidedAttention, TransportGuide
from .video import SIZE_WIDTH, VIDEO_CONFIG, PositionedVideoUNet, from_pictures
from .vision import IMAGE_SIZE, normalise

CHECKPOINT = RUNS / "video" / "last.pt"
_COPIED_RATE = 0.5  # of the new layers' rate
_DECIDED = 850.0  # up to this timestep the noisy clip itself shows where things are
_DROP, _DROP_CAPTION = 0.1, 0.3
_STILL = 0.25  # share of clips in which nothing is done; half of them for the camera that moves
_TWO = 0.5  # share of clips with two things: what looks how is harder to keep apart than to keep
_INSIDE = 4.0
_POINTED = 0.05  # of the loss that tells where looks come from
_SHOWN = 650  # up to this timestep things can be seen well enough to know which spot is which
_HELD = 16  # clips that the paired losses are taken of
_STYLE = Style(place=0.0, verb=0.0)  # neither where things are nor what they do


@dataclass(frozen=True)
class VideoBatch:
    """What one step learns from.

    latents: standardised, [B, C, F, 16, 16].
    truth: what is where in them.
    camera: whether a clip's camera moves, bool, [B].
    told: keyword arguments of the model.
    """

    latents: Tensor
    truth: ClipTruth
    camera: Tensor
    told: dict[str, Tensor]


class Clips:
    """Batches of clips with what the model is told of them.

    Args:
        moving: encoded clips with an action.
        still: the same without, by kinds that come equally often.
        batch: clips in one.
        seed: of everything random.
    """

    def __init__(self, moving: ClipPool, still: Sequence[ClipPool], batch: int, seed: int) -> None:
        self.pools, self.batch, self.seed = (moving, *still), batch, seed
        self.alike = [_by_count(pool) for pool in self.pools]
        self.text_model, self.vision = frozen_text_model(), frozen_vision_model()
        self.mean, self.std = (part[:, None, None, None] for part in latent_scale())
        sizes = torch.tensor([IMAGE_SIZE, IMAGE_SIZE, 0, 0, IMAGE_SIZE, IMAGE_SIZE])
        self.sizes = sinusoids(sizes, SIZE_WIDTH).flatten()

    @torch.no_grad()
    def draw(self, step: int, *, drop: float = _DROP, still: float = _STILL) -> VideoBatch:
        """Clips, captions written anew.

        drop: share told of the picture's latent alone.
        still: share of clips in which nothing is done.
        """
        rng = np.random.default_rng([self.seed, 71, step])
        stand = 1 + rng.integers(len(self.pools) - 1, size=self.batch)
        pools = np.where(rng.random(self.batch) < still, stand, 0)
        chosen = [(self.pools[number], self._choose(number, rng)) for number in pools]
        clips = [pool.clips[index] for pool, index in chosen]
        rows, actions = [], []
        for clip in clips:
            silent = rng.random() < _DROP_CAPTION
            caption = Caption() if silent else write_caption(clip.frames[0], rng, _STYLE)
            rows.append(caption_rows(caption)[0])
            actions.append(indicator({clip.label: 1.0} if clip.label else {}))
        pooled = self.text_model.text_model(input_ids=torch.tensor(rows)).pooler_output.float()
        drawn = torch.stack([pool.pictures[index] for pool, index in chosen])
        pictures = drawn.permute(0, 3, 1, 2).float() / 255
        seen = self.vision.vision_model(normalise(pictures))
        kept = torch.from_numpy((rng.random(self.batch) >= drop).astype(np.float32))[:, None]
        encoded = torch.stack([pool.latents[index] for pool, index in chosen])
        latents = (encoded.float() - self.mean) / self.std
        told = {
            "context": seen.last_hidden_state * kept[:, :, None],
            "y": torch.cat([pooled * kept, self.sizes.expand(self.batch, -1)], dim=-1),
            "image_pooled": seen.pooler_output,
            "action": torch.from_numpy(np.stack(actions)).float() * kept,
            "aesthetic": torch.full((self.batch,), AESTHETIC),
            "reference": latents[:, :, :1],
        }
        camera = torch.tensor([clip.moving_camera for clip in clips])
        return VideoBatch(latents, truth_of_clips(clips), camera, told)

    def _choose(self, number: int, rng: np.random.Generator) -> int:
        alike = self.alike[number][int(rng.random() < _TWO)]
        return int(rng.choice(alike if len(alike) else len(self.pools[number].clips)))


def _by_count(pool: ClipPool) -> tuple[np.ndarray, np.ndarray]:
    """Which clips show one thing, and which more."""
    counts = np.array([len(clip.frames[0].sprites) for clip in pool.clips])
    return np.flatnonzero(counts <= 1), np.flatnonzero(counts > 1)


def _times_curve(deciding: float) -> Curve:
    """Of timesteps, with a share of them where an action alone tells what will move how."""
    rest = 1 - deciding
    return ((0.0, 0.0), (0.2 * rest, 300.0), (0.6 * rest, 650.0), (rest, _DECIDED), (1.0, 1000.0))


class Trainer:
    """One training run: the model, its optimiser and averages."""

    def __init__(self, options: argparse.Namespace) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        attention = GuidedAttention(VIDEO_CONFIG.channels[0])
        self.unet = PositionedVideoUNet(VIDEO_CONFIG, attend_with=lambda options: attention)
        still = {key: value.float() for key, value in shipped("unet", "unet").items()}
        copied = set(from_pictures(self.unet, still))
        if options.from_shipped:
            load_shipped(self.unet, "video", "video")
        self.guide = MotionGuide(self.unet, CELLS)
        self.transport = TransportGuide(self.unet, attention)
        groups: list[list[nn.Parameter]] = [list(self.guide.parameters()), []]
        for name, parameter in self.unet.named_parameters():
            groups[name in copied].append(parameter)
        self.rates = (options.rate, options.rate * _COPIED_RATE)
        self.optimizer = torch.optim.AdamW(
            [{"params": group} for group in groups], betas=(0.9, 0.99), weight_decay=0.01
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
        self.average.values, self.step = state["average"], state["step"]

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

    def loss(
        self, batch: VideoBatch, step: int, curve: Curve | None = None, held: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Of the denoising, and the signal's amplitude in each clip, [B].

        ``held`` says how firmly attention to the picture is held, 0–1.

        Cells that things cover, then or at first, count more. At first: the picture tells it.
        Then: as far as the noisy clip shows it, else the mean that is learned leans towards things
        wherever they may be, and they come twice.

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
        tall = batch.latents.flatten(2, 3)
        noised = add_noise(tall, times, self.shares, generator)
        noisy = noised.latents.view_as(batch.latents)
        if held:
            self.transport.hold(batch.truth, held * (times < _SHOWN))
        with mixed_precision():
            predicted = self.unet(noisy, times, **batch.told)
        things = batch.truth.weights
        first = things[:, :, :1].expand_as(things)
        seen = things * noised.share[:, None]
        weight = 1 + _INSIDE * torch.maximum(seen, first)
        error = (predicted.float() - noised.target.view_as(batch.latents)).square()
        return (noised.weight[:, None] * weight * error).mean(), noised.share.flatten().sqrt()

    def update(self, batch: VideoBatch) -> dict[str, float]:
        """One step of the optimiser; its losses."""
        factor = cosine_rate(self.step, self.options.steps, flat=0.6)
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        held = max(0.0, 1 - self.step / max(1, self.options.hold))
        loss, clear = self.loss(batch, self.step, held=held)
        places = self.guide(batch.truth.inside)
        pointed = self.transport.loss(batch.truth, clear)
        self.optimizer.zero_grad(set_to_none=True)
        # A guide makes a start; at the end it would drive states further than a clip needs.
        (loss + places + _POINTED * factor * pointed).backward()
        torch.nn.utils.clip_grad_norm_(self.unet.parameters(), 1.0)
        self.optimizer.step()
        self.average.update(self.unet, self.step)
        self.step += 1
        losses = {"noise": loss, "places": places, "pointed": pointed}
        return {name: float(value.detach()) for name, value in losses.items()}

    @torch.no_grad()
    def paired_losses(self, batch: VideoBatch) -> dict[str, float]:
        """Loss with the right action, with another clip's, and with none; the same noise, so much
        that the action has something to tell."""
        action = batch.told["action"]
        rows = {"right": action, "other": action.roll(1, 0), "none": torch.zeros_like(action)}
        losses: dict[str, float] = {}
        for name, given in rows.items():
            told = replace(batch, told={**batch.told, "action": given})
            losses[name] = float(self.loss(told, 10**9, ((0.0, _DECIDED), (1.0, 1000.0)))[0])
            losses[f"places_{name}"] = float(self.guide(batch.truth.inside))
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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    parser.add_argument(
        "--from-shipped", action="store_true", help="without a checkpoint, go on from the weights"
    )
    parser.add_argument("--ship", action="store_true", help="write the weights and stop")
    return parser.parse_args(argv)


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
        "data": {
            "world": "miniature.clips",
            "clips": sum(len(pool.clips) for pool in clips.pools),
        },
        "made_with": weights_made_with("text_encoder", "vision_encoder", "autoencoder"),
    }
    if trainer.options.from_shipped:
        record["from"] = origin("video")
    ship("video", values, record)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and ship the averaged weights."""
    options = _options(argv)
    trainer = Trainer(options)
    if not options.restart:
        trainer.resume()
    autoencoder = shipped("autoencoder", "autoencoder")
    moving = load_clip_pool(autoencoder, options.seed, options.shards)
    still = [
        load_clip_pool(autoencoder, options.seed, options.still_shards, kind)
        for kind in (STILL, CAMERA)
    ]
    clips = Clips(moving, still, options.batch, options.seed)
    held = Clips(moving, still, _HELD, options.seed).draw(10**9, drop=0.0, still=0.0)

    def update() -> dict[str, float]:
        return trainer.update(clips.draw(trainer.step))

    def pause() -> dict[str, float]:
        trainer.save()
        return trainer.paired_losses(held)

    if not options.ship:
        train_to(options.steps, lambda: trainer.step, update, pause)
    _ship(trainer, clips)
    return 0
