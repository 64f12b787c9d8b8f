"""A real checkpoint, frozen, and boxed pictures as its fusers learn from them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..attention_patches.grounding_checkpoints import JOINT, SLOTS
from ..attention_patches.grounding_features import unit_embedding
from ..attention_patches.grounding_modules import Entities, Slot
from ..attention_patches.unet_blocks_patch import transformers
from .boxed_pictures import Box, BoxedPicture
from .frozen_checkpoint import FrozenCheckpoint, Parts
from .fusing import Widths, told_by
from .grounding_trainer import BoxedBatch

_SLOTS = SLOTS[JOINT]  # of a picture with more boxes the largest are taken
_HEAD = 64  # width of one head of the fusers' attention
_DROP_CAPTION = 0.35  # so that a caption without an entity does not overrule its box


class BoxedCheckpoint(FrozenCheckpoint):
    """A frozen denoiser with batches of encoded pictures and boxes; arguments as its parent's."""

    def __init__(
        self,
        parts: Parts,
        pictures: Iterator[BoxedPicture],
        batch: int,
        seed: int,
        device: torch.device,
    ) -> None:
        super().__init__(parts, pictures, batch, seed, device, "train grounding")
        context, pooled = self.said("")
        text = pooled.shape[-1]
        blank = np.zeros((64, 64, 3), np.uint8)
        image = text if parts.vision is None else len(self._seen(blank))
        widths = [block.norm1.weight.shape[0] for block in transformers(self.unet).values()]
        self.widths = Widths(text, image, context.shape[-1], math.gcd(_HEAD, *widths))

    def _seen(self, picture: np.ndarray) -> Tensor:
        values = torch.from_numpy(np.array(picture)).float()[None] / 255
        return unit_embedding(self.parts.vision, values)

    @torch.no_grad()
    def draw(self, step: int, *, drop_all: float) -> BoxedBatch:
        """The next pictures, encoded; what is dropped depends on the step alone."""
        rng = np.random.default_rng([self.seed, 50, step])
        shown = [next(self.pictures) for _ in range(self.batch)]
        latents, context = self.encoded(shown, rng, _DROP_CAPTION)
        asked = self._entities(shown, rng, drop_all)
        return BoxedBatch(latents, context, asked.to(self.device))

    def _entities(
        self, shown: list[BoxedPicture], rng: np.random.Generator, drop_all: float
    ) -> Entities:
        """Slots filled with each picture's boxes, told by text, by their cut-out, or by both."""
        rows = [
            [] if rng.random() < drop_all else [self._slot(one, *box, rng) for box in _largest(one)]
            for one in shown
        ]
        return Entities.of(rows, _SLOTS, self.widths.text, self.widths.image)

    def _slot(self, one: BoxedPicture, phrase: str, box: Box, rng: np.random.Generator) -> Slot:
        by_text, by_picture = (True, False) if self.parts.vision is None else told_by(rng)
        text = self.said(phrase)[1][0].float().cpu() if by_text else None
        x0, y0, x1, y1 = (round(value * len(one.picture)) for value in box)
        image = self._seen(one.picture[y0 : y1 + 1, x0 : x1 + 1]) if by_picture else None
        return Slot(box, text, image)


def _largest(one: BoxedPicture) -> list[tuple[str, Box]]:
    """The boxes that have a slot, the largest first."""
    by_area = sorted(one.boxes, key=lambda b: (b[1][0] - b[1][2]) * (b[1][3] - b[1][1]))
    return by_area[:_SLOTS]
