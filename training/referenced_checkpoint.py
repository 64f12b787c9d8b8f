"""A real checkpoint, frozen, and pictures told by their own cut-outs, as VideoStudio-Img's are.

VideoStudio (arXiv:2401.01256), section 4.3: of every square patch the foreground is segmented, and
both areas, apart, are the pictures it is told by. Here the border's colours part them (see
``functional/cut_out.py``); where nothing stands out the whole patch is the place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..attention_patches.functional.cut_out import bounds, cut_out, shown_alone, shown_in_place
from ..attention_patches.grounding_modules import WHOLE
from ..attention_patches.reference_features import encoded
from .boxed_pictures import BoxedPicture
from .frozen_checkpoint import FrozenCheckpoint, Parts
from .reference_trainer import ReferencedBatch
from .referring import Told

_DROP_CAPTION = 0.05
_REGIONAL = 0.5  # share of pictures whose thing's picture acts in its box only


class ReferencedCheckpoint(FrozenCheckpoint):
    """A frozen denoiser with batches of pictures and their cut-outs.

    Args:
        form: of the tokens, ``LOCAL`` or ``GLOBAL``.
        parts: of the checkpoint, with an image encoder.

    The others are its parent's.

    Raises:
        ValueError: as its parent, and without an image encoder.
    """

    def __init__(
        self,
        form: str,
        parts: Parts,
        pictures: Iterator[BoxedPicture],
        batch: int,
        seed: int,
        device: torch.device,
    ) -> None:
        super().__init__(parts, pictures, batch, seed, device, "train reference")
        if parts.vision is None:
            raise ValueError(
                "train reference: pictures are what is learnt from; give an image encoder with "
                "--clip-vision"
            )
        self.form = form
        size = parts.vision.image_size
        self.none = torch.zeros_like(self._seen(torch.zeros(1, size, size, 3)))

    @property
    def image_width(self) -> int:
        """Width of what the encoder gives."""
        return self.none.shape[-1]

    @property
    def text_width(self) -> int:
        return self.said("")[0].shape[-1]

    @torch.no_grad()
    def _seen(self, picture: Tensor) -> Tensor:
        """What the encoder gives for a picture [1, h, w, 3]."""
        return encoded(self.form, picture, self.parts.vision)[0]

    @torch.no_grad()
    def draw(self, step: int, *, drop_all: float) -> ReferencedBatch:
        """The next pictures, encoded; what is dropped depends on the step alone."""
        rng = np.random.default_rng([self.seed, 60, step])
        shown = [next(self.pictures) for _ in range(self.batch)]
        latents, context = self.encoded(shown, rng, _DROP_CAPTION)
        told, own = self._told(shown, rng, drop_all)
        return ReferencedBatch(latents, context, told, own)

    def _told(
        self, shown: list[BoxedPicture], rng: np.random.Generator, drop_all: float
    ) -> tuple[Told, Tensor]:
        batch = len(shown)
        pictures = self.none.repeat(batch, 1, *(1 for _ in self.none.shape))
        behind = self.none.repeat(batch, *(1 for _ in self.none.shape))
        filled = torch.zeros(batch, 1, dtype=torch.bool)
        own, boxes = torch.zeros(batch, 1, 4), torch.zeros(batch, 1, 4)
        regional = torch.from_numpy(rng.random(batch) < _REGIONAL)
        for index, one in enumerate(shown):
            picture = torch.from_numpy(np.array(one.picture)).float() / 255
            mask, dropped = cut_out(picture), rng.random() < drop_all
            if mask is not None:
                filled[index] = True
                own[index, 0] = torch.tensor(_around(mask))
                boxes[index, 0] = own[index, 0] if regional[index] else torch.tensor(WHOLE)
            if not dropped:
                place = None if mask is None else 1 - mask
                behind[index] = self._seen(shown_in_place(picture, place))
                if mask is not None:
                    pictures[index, 0] = self._seen(shown_alone(picture, mask))
        told = Told(pictures, filled, boxes, behind, torch.ones(batch), regional & filled[:, 0])
        return told.to(self.device), own.to(self.device)


def _around(mask: Tensor) -> tuple[float, float, float, float]:
    """The box around a mask [h, w], xyxy in 0–1."""
    height, width = mask.shape
    left, top, right, bottom = bounds(mask)
    return left / width, top / height, right / width, bottom / height
