"""Train layout fusers, the miniature's or a real checkpoint's: ``director.py train grounding``.

With nothing else said, the miniature's own, on drawings. With ``--checkpoint`` those of any model
whose denoiser is one of the host's UNets, on a folder or webdataset of boxed pictures; on several
GPUs start the command with ``accelerate launch``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from accelerate import Accelerator

from ..attention_patches.grounding_checkpoints import grounding_state, read_grounding
from ..training.command import (
    add_options,
    parsed,
    pictures_of,
    settings_of,
    train_checkpoint,
)
from ..training.fusing import Widths, build_grounding
from ..training.grounding_trainer import BoxedBatch, GroundingTrainer
from .entities import Features, draw_entities
from .frozen_base import FrozenMiniature, train_and_ship
from .guides import Attention
from .text import WIDTH
from .training import shipped
from .unet import CONFIG

_DROP_CAPTION = 0.35  # so that a caption without an entity does not overrule its box


class Drawings(FrozenMiniature):
    """Drawings with exact boxes."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options, _DROP_CAPTION)
        self.features = Features(self.text_model, self.vision_model)

    def draw(self, step: int, *, drop_all: float) -> BoxedBatch:
        """Drawings with captions written anew and with boxes of their sprites."""
        batch = self.sampler.draw(step)
        rng = np.random.default_rng([self.seed, 50, step])
        asked = draw_entities(batch.scenes, self.features, rng, drop_all=drop_all)
        return BoxedBatch(batch.latents, batch.context, asked)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train grounding", description=__doc__)
    add_options(parser, steps=10_400, warm_up=200)
    return parsed(parser, argv)


def _train_miniature(options: argparse.Namespace, accelerator: Accelerator) -> None:
    base = Drawings(options)
    if options.from_shipped:
        weights = shipped("grounding", "grounding")
        model = read_grounding({key: value.float() for key, value in weights.items()}, "shipped")
    else:
        model = build_grounding(base.unet, Widths(WIDTH, WIDTH, WIDTH, CONFIG["num_head_channels"]))
    trainer = GroundingTrainer(base, model, settings_of(options, Attention), accelerator)
    told = "joint grounding tokens and gated self-attention for every transformer block"
    train_and_ship(trainer, options, "grounding", told, grounding_state)


def _train_checkpoint(options: argparse.Namespace, accelerator: Accelerator) -> None:
    from ..training.boxed_checkpoint import BoxedCheckpoint
    from ..training.frozen_checkpoint import read_parts

    pictures = pictures_of(options, accelerator, boxes=True)
    parts = read_parts(options.checkpoint, options.clip_vision)
    base = BoxedCheckpoint(parts, pictures, options.batch, options.seed, accelerator.device)
    model = build_grounding(base.unet, base.widths)
    trainer = GroundingTrainer(base, model, settings_of(options), accelerator)
    train_checkpoint(trainer, options, grounding_state, "grounding")


def main(argv: Sequence[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and write the averaged weights."""
    options = _options(argv)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    if options.checkpoint:
        _train_checkpoint(options, accelerator)
    else:
        _train_miniature(options, accelerator)
    return 0
