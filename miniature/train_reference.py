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
from torch import Tensor, nn

from ..attention_patches.reference_checkpoints import (
    GLOBAL,
    LOCAL,
    ReferenceAdapter,
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
from ..training.reference_trainer import ReferenceTrainer
from ..training.referring import Told, Words, build_adapter
from .batches import Batch
from .captions import Caption, Style, said_mark, with_articles, without_looks
from .frozen_base import FrozenMiniature, train_and_ship
from .guides import Attention
from .look_guide import LookGuide, LookingBatch, looks_of
from .references import Encoder, draw_told, image_width
from .text import LENGTH, WIDTH, caption_rows
from .training import shipped
from .world import Scene, Sprite

_FORMS = {"local": LOCAL, "global": GLOBAL}
_SHIPPED = {"local": "reference", "global": "reference_global"}
_DROP_CAPTION = 0.1
_STYLE = Style(mark=1.0, no_background=0.0)
_SILENT = {"marks": 0.9, "place": 0.4}  # what is left out is for the pictures to tell
_MOST = 2  # sprites in a drawing: what is learnt holds for more, and costs less
_TWINS = 6  # two of one kind and colour are rare, and only their pictures tell them apart
_PARTS = {"things": ("to_k_ip.", "to_v_ip."), "places": ("to_k_ip_bg.", "to_v_ip_bg.")}


def _weigh(scene: Scene) -> float:
    """Plain things are half of all, and what is told of them the denoiser draws anyway."""
    if len(scene.sprites) > _MOST:
        return 0.0
    marked = 1 + sum(sprite.mark != "plain" for sprite in scene.sprites)
    return len(scene.sprites) * marked * (_TWINS if _has_twins(scene) else 1)


def _has_twins(scene: Scene) -> bool:
    """Whether two of its things are of one kind and colour."""
    return len({(sprite.kind, sprite.colour) for sprite in scene.sprites}) < len(scene.sprites)


class Phrases:
    """Text features of things' phrases, with their looks and without; all are kept.

    Args:
        text_model: the encoder.
    """

    def __init__(self, text_model: nn.Module) -> None:
        self.text_model = text_model
        self._kept: dict[str, Tensor] = {}

    @torch.no_grad()
    def of(self, sprites: Sequence[Sprite], *, looks: bool) -> Tensor:
        """[len(sprites), tokens, width]."""
        said = [_phrase(sprite, looks) for sprite in sprites]
        new = [phrase for phrase in dict.fromkeys(said) if phrase not in self._kept]
        if new:
            rows = [caption_rows(Caption(with_articles(phrase.split())))[0] for phrase in new]
            features = self.text_model(input_ids=torch.tensor(rows)).last_hidden_state
            self._kept |= dict(zip(new, features.float(), strict=True))
        features = [self._kept[phrase] for phrase in said]
        return torch.stack(features) if features else torch.zeros(0, LENGTH, WIDTH)


def _phrase(sprite: Sprite, looks: bool) -> str:
    bare = f"a {sprite.colour} {sprite.kind}"
    if not looks or not sprite.second_colour:
        return bare
    return f"{bare} {said_mark(sprite)}"


class Drawings(FrozenMiniature):
    """Drawings told by their own cut-outs."""

    def __init__(self, options: argparse.Namespace) -> None:
        shorten = partial(without_looks, **_SILENT)
        super().__init__(options, _DROP_CAPTION, _STYLE, _weigh, shorten)
        self.encoder = Encoder(self.vision_model, _FORMS[options.tokens])
        self.phrases = Phrases(self.text_model)

    def draw(self, step: int, *, drop_all: float) -> LookingBatch:
        """Drawings with captions written anew and with pictures of their sprites and places."""
        batch = self.sampler.draw(step)
        rng = np.random.default_rng([self.seed, 60, step])
        told, own = draw_told(batch.scenes, self.encoder, rng, drop_all=drop_all)
        looks = looks_of(batch.scenes, batch.owners)
        words = self._words(batch, told)
        return LookingBatch(batch.latents, batch.context, told, own, looks, words=words)

    def _words(self, batch: Batch, told: Told) -> Words:
        """What the things' pictures show, in words."""
        owners = batch.owners.long()
        mixed = [
            (row, number, sprite)
            for row, scene in enumerate(batch.scenes)
            for number, sprite in enumerate(scene.sprites)
            if len(scene.sprites) > 1
        ]
        rows = torch.tensor([row for row, _, _ in mixed], dtype=torch.long)
        numbers = torch.tensor([number for _, number, _ in mixed], dtype=torch.long)
        sprites = [sprite for _, _, sprite in mixed]
        twins = torch.tensor([_has_twins(scene) for scene in batch.scenes])
        shown = (told.pictures != self.encoder.none).flatten(1).any(-1)
        # Of twins that are told of everywhere nobody can say whose look a cell should have.
        counts = told.filled.any(-1) & shown & (told.regional | ~twins)
        return Words(
            batch.full_context,
            self.phrases.of(sprites, looks=True),
            self.phrases.of(sprites, looks=False),
            rows,
            (owners[rows] == numbers[:, None, None]).float(),
            (owners >= 0).float(),
            counts,
        )


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train reference", description=__doc__)
    parser.add_argument(
        "--tokens",
        choices=list(_FORMS),
        default="local",
        help="of a picture: the encoder's local ones, or one of its pooled embedding",
    )
    parser.add_argument(
        "--learn",
        choices=["both", *_PARTS],
        default="both",
        help="attention to pictures of things, of places, or both",
    )
    add_options(parser, steps=4_000, warm_up=1_500)
    return parsed(parser, argv)


def _take_shipped(model: ReferenceAdapter, options: argparse.Namespace, name: str) -> None:
    """Take over what is not to start anew; where one attention learns, only that one does."""
    weights = {key: value.float() for key, value in shipped(name, "reference").items()}
    taken = read_references(weights, "shipped").state_dict()
    for key, parameter in model.named_parameters():
        learns = options.learn == "both" or any(part in key for part in _PARTS[options.learn])
        if options.from_shipped or not learns:
            with torch.no_grad():
                parameter.copy_(taken[key])
        parameter.requires_grad_(learns)


def _state(model: ReferenceAdapter, learn: str, name: str) -> dict[str, Tensor]:
    """What is shipped: the part that learnt, beside the other as it is shipped by now."""
    state = reference_state(model)
    if learn == "both":
        return state
    own = {key: v for key, v in state.items() if any(part in key for part in _PARTS[learn])}
    return {**shipped(name, "reference"), **own}


def _train_miniature(options: argparse.Namespace, accelerator: Accelerator) -> None:
    name, form, base = _SHIPPED[options.tokens], _FORMS[options.tokens], Drawings(options)
    model = build_adapter(base.unet, form, image_width(form), WIDTH)
    if options.from_shipped or options.learn != "both":
        _take_shipped(model, options, name)
    guide = None if options.from_shipped else LookGuide(base.unet)
    settings = settings_of(options, Attention, guide)
    trainer = ReferenceTrainer(base, model, settings, accelerator)
    told = f"cross-attention to things and places, {form}"
    state = partial(_state, learn=options.learn, name=name)
    part = None if options.learn == "both" else options.learn
    train_and_ship(trainer, options, name, told, state, part)


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
