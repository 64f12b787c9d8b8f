"""Train cross-attention to pictures: ``director.py train reference``.

With nothing else said, the miniature's own, on drawings told by their cut-out things and places.
With ``--checkpoint`` that of any model whose denoiser is one of the host's UNets, on a folder or
webdataset of captioned pictures; on several GPUs start the command with ``accelerate launch``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor

from ..attention_patches.functional.boxes import cell_coverage
from ..attention_patches.reference_checkpoints import (
    GLOBAL,
    LOCAL,
    read_references,
    reference_state,
)
from ..training.command import (
    add_options,
    parsed,
    pictures_of,
    settings_of,
    train_checkpoint,
)
from ..training.reference_trainer import ReferenceTrainer, Teaching
from ..training.referring import Told, build_adapter
from .batches import Batch
from .captions import Style, without_looks
from .frozen_base import FrozenMiniature, train_and_ship
from .guides import Attention
from .look_guide import LookGuide, LookingBatch, looks_of
from .references import Encoder, draw_told, image_width
from .text import WIDTH
from .training import shipped
from .world import Scene

_FORMS = {"local": LOCAL, "global": GLOBAL}
_SHIPPED = {"local": "reference", "global": "reference_global"}
_DROP_CAPTION = 0.1
_STYLE = Style(mark=1.0, no_background=0.0)
_SILENT = {"marks": 0.9, "place": 0.4}  # what is left out is for the pictures to tell
_MOST = 2  # sprites in a drawing: what is learnt holds for more, and costs less


def _weigh(scene: Scene) -> float:
    """Plain things are half of all, and what is told of them the denoiser draws anyway."""
    if len(scene.sprites) > _MOST:
        return 0.0
    return (1 + len(scene.sprites)) * (1 + sum(sprite.mark != "plain" for sprite in scene.sprites))


class Drawings(FrozenMiniature):
    """Drawings told by their own cut-outs."""

    def __init__(self, options: argparse.Namespace) -> None:
        shorten = partial(without_looks, **_SILENT)
        super().__init__(options, _DROP_CAPTION, _STYLE, _weigh, shorten)
        self.encoder = Encoder(self.vision_model, _FORMS[options.tokens])

    def draw(self, step: int, *, drop_all: float) -> LookingBatch:
        """Drawings with captions written anew and with pictures of their sprites and places."""
        batch = self.sampler.draw(step)
        rng = np.random.default_rng([self.seed, 60, step])
        told, own = draw_told(batch.scenes, self.encoder, rng, drop_all=drop_all)
        looks = looks_of(batch.scenes, batch.owners)
        teaching = Teaching(batch.full_context, self._taught(batch, told, own))
        return LookingBatch(batch.latents, batch.context, told, own, looks, teaching=teaching)

    def _taught(self, batch: Batch, told: Told, own: Tensor) -> Tensor:
        """Cells of things that both a picture and the full caption tell of."""
        shown = (told.pictures != self.encoder.none).flatten(2).any(-1) & told.filled
        for row, scene in enumerate(batch.scenes):
            if not batch.captions[row][0].words:
                shown[row] = False  # a picture alone cannot tell where to draw its thing
            looks = [(sprite.kind, sprite.colour) for sprite in scene.sprites]
            for number, look in enumerate(looks):
                if looks.count(look) > 1:
                    shown[row, number] = False  # told together, without their marks
        covered = cell_coverage(own, *batch.latents.shape[-2:])
        return (covered * shown[:, None]).sum(-1).clamp(max=1)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train reference", description=__doc__)
    parser.add_argument(
        "--tokens",
        choices=list(_FORMS),
        default="local",
        help="of a picture: the encoder's local ones, or one of its pooled embedding",
    )
    add_options(parser, steps=4_000, warm_up=150)
    return parsed(parser, argv)


def _train_miniature(options: argparse.Namespace, accelerator: Accelerator) -> None:
    name, form, base = _SHIPPED[options.tokens], _FORMS[options.tokens], Drawings(options)
    if options.from_shipped:
        weights = shipped(name, "reference")
        model = read_references({key: value.float() for key, value in weights.items()}, "shipped")
    else:
        model = build_adapter(base.unet, form, image_width(form), WIDTH)
    settings = settings_of(options, Attention, LookGuide(base.unet))
    trainer = ReferenceTrainer(base, model, settings, accelerator)
    told = f"cross-attention to things and places, {form}"
    train_and_ship(trainer, options, name, told, reference_state)


def _train_checkpoint(options: argparse.Namespace, accelerator: Accelerator) -> None:
    from ..training.frozen_checkpoint import read_parts
    from ..training.referenced_checkpoint import ReferencedCheckpoint

    pictures = pictures_of(options, accelerator, boxes=False)
    parts, form = read_parts(options.checkpoint, options.clip_vision), _FORMS[options.tokens]
    base = ReferencedCheckpoint(
        form, parts, pictures, options.batch, options.seed, accelerator.device
    )
    model = build_adapter(base.unet, form, base.image_width, base.text_width)
    trainer = ReferenceTrainer(base, model, settings_of(options), accelerator)
    train_checkpoint(trainer, options, reference_state, "reference_adapters")


def main(argv: Sequence[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and write the averaged weights."""
    options = _options(argv)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    if options.checkpoint:
        _train_checkpoint(options, accelerator)
    else:
        _train_miniature(options, accelerator)
    return 0
