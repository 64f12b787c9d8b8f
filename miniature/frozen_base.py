"""The miniature's frozen denoiser and its drawings, for the modules that learn beside it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import Tensor

from ..training.adapter_trainer import AdapterTrainer
from ..training.noise import signal_shares
from .batches import Sampler, by_count, frozen_text_model
from .captions import Caption, Style
from .entities import frozen_vision_model
from .pool import load_pool
from .training import (
    RUNS,
    latent_scale,
    load_shipped,
    origin,
    ship,
    shipped,
    weights_made_with,
)
from .unet import CONFIG, PositionedUNet
from .world import Scene


class FrozenMiniature:
    """What a ``Base`` of a training has; ``draw`` is left to what is trained.

    Args:
        options: of the command: seed, batch, shards.
        drop_caption: share of drawings without a caption.
        style: of the captions; training's own habits when None.
        weigh: how often a drawing is chosen.
        shorten: what leaves words of a caption out.
    """

    prediction = "v"

    def __init__(
        self,
        options: argparse.Namespace,
        drop_caption: float,
        style: Style | None = None,
        weigh: Callable[[Scene], float] = by_count,
        shorten: Callable[[Caption, np.random.Generator], Caption] | None = None,
    ) -> None:
        import comfy.ops

        self.seed, self.shares = options.seed, signal_shares()
        self.unet = PositionedUNet(**CONFIG, operations=comfy.ops.disable_weight_init)
        load_shipped(self.unet, "unet", "unet")
        self.text_model, self.vision_model = frozen_text_model(), frozen_vision_model()
        pool = load_pool(shipped("autoencoder", "autoencoder"), options.seed, options.shards)
        self.sampler = Sampler(
            pool,
            self.text_model,
            options.batch,
            options.seed,
            drop_caption,
            latent_scale(),
            style,
            weigh,
            shorten,
        )

    def digests(self) -> dict[str, str]:
        """SHA-256 of the weights that modules are trained on, from their records."""
        return weights_made_with("unet", "text_encoder", "vision_encoder", "autoencoder")


def train_and_ship(
    trainer: AdapterTrainer,
    options: argparse.Namespace,
    name: str,
    told: str,
    state: Callable[[Any], Mapping[str, Tensor]],
    part: str | None = None,
) -> None:
    """Train, resuming from the last checkpoint, and ship the averaged weights with their record.

    The record of weights that went on from shipped ones holds the record of those as "from".

    Args:
        trainer: made for the miniature.
        options: of the command.
        name: of the weights' file and of the folder of checkpoints.
        told: what the record calls the model.
        state: the weights of a model under their upstream names.
        part: what of the model learns, where not all of it does.
    """
    checkpoint = RUNS / name / f"{part or 'last'}.pt"
    if not options.restart:
        trainer.resume(checkpoint)
    trainer.run(checkpoint)
    record = {
        "model": told,
        **trainer.share_of_parameters(),
        "seed": options.seed,
        "steps": trainer.step,
        "made_with": trainer.base.digests(),
    }
    if part:
        record["learnt"] = part
    if options.from_shipped:
        record["from"] = origin(name)
    ship(name, dict(state(trainer.averaged())), record)
