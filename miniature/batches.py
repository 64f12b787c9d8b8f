"""Batches of encoded drawings with captions, for every training of the denoiser and its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..training.precision import mixed_precision
from .captions import Caption, Style, write_caption
from .pool import Pool
from .text import build_text_model, caption_rows
from .training import load_shipped
from .world import Scene

_DROP_CAPTION = 0.1


def frozen_text_model() -> nn.Module:
    """The shipped text encoder, in full precision and frozen."""
    model = build_text_model()
    load_shipped(model, "text_encoder", "text")
    return model.eval().requires_grad_(False)


def by_count(scene: Scene) -> float:
    """Crowded pictures are the hard ones, and each shows more."""
    return 1 + len(scene.sprites)


@dataclass
class Batch:
    """``latents`` [B, C, 16, 16] standardised; ``captions`` with each word's token place.

    full_context: of the captions before they were shortened, where they were.
    """

    latents: Tensor
    context: Tensor
    owners: Tensor
    scenes: list[Any]
    captions: list[tuple[Caption, list[int]]]
    full_context: Tensor | None = None


class Sampler:
    """Makes batches: pictures from the pool, each with a caption written anew.

    Args:
        pool: encoded drawings.
        text_model: what encodes captions.
        batch: pictures in one.
        seed: of everything random.
        drop_caption: share of pictures without a caption.
        scale: mean and deviation of the latents' channels; the pool's own when None.
        style: of the captions; training's own habits when None.
        weigh: how often a drawing is chosen, in comparison with others.
        shorten: what leaves words of a caption out.
    """

    def __init__(
        self,
        pool: Pool,
        text_model: nn.Module,
        batch: int,
        seed: int,
        drop_caption: float = _DROP_CAPTION,
        scale: Sequence[Tensor] | None = None,
        style: Style | None = None,
        weigh: Callable[[Scene], float] = by_count,
        shorten: Callable[[Caption, np.random.Generator], Caption] | None = None,
    ) -> None:
        self.shorten = shorten
        self.pool, self.text_model, self.batch, self.seed = pool, text_model, batch, seed
        self.drop_caption, self.style = drop_caption, style
        latents = pool.latents.float()
        scale = scale or (latents.mean((0, 2, 3)), latents.std((0, 2, 3)))
        self.mean, self.std = (part[:, None, None] for part in scale)
        weights = np.array([weigh(scene) for scene in pool.scenes], np.float64)
        self.chances = weights / weights.sum()

    @torch.no_grad()
    def draw(self, step: int) -> Batch:
        rng = np.random.default_rng([self.seed, 30, step])
        chosen = rng.choice(len(self.pool.scenes), size=self.batch, p=self.chances)
        scenes = [self.pool.scenes[index] for index in chosen]
        captions, rows, full_rows = [], [], []
        for scene in scenes:
            dropped = rng.random() < self.drop_caption
            caption = Caption() if dropped else write_caption(scene, rng, self.style)
            if self.shorten is not None:
                full_rows.append(caption_rows(caption)[0])
                caption = self.shorten(caption, rng)
            row, places = caption_rows(caption)
            captions.append((caption, places))
            rows.append(row)
        with mixed_precision():
            encoded = self.text_model(input_ids=torch.tensor(rows + full_rows)).last_hidden_state
        context, full = encoded.float().split([len(rows), len(full_rows)])
        latents = (self.pool.latents[chosen].float() - self.mean) / self.std
        return Batch(
            latents,
            context,
            self.pool.owners[chosen],
            scenes,
            captions,
            full if self.shorten is not None else None,
        )
