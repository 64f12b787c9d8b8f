"""Training of reference attention on a frozen denoiser, whatever denoiser and pictures it is given.

As VideoStudio-Img (arXiv:2401.01256, sections 3.3 and 4.3): only the cross-attentions to
foreground and background pictures learn, on pictures whose own cut-out things and places they are
told of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..attention_patches.functional.boxes import cell_coverage
from .adapter_trainer import AdapterTrainer, Batch
from .noise import Noised
from .referring import Referring, Told, Words

_FIELDS = 4


@dataclass(frozen=True)
class ReferencedBatch(Batch):
    """Pictures, and the pictures of their things and places.

    told: pictures of the things and places in them.
    own: boxes of the things themselves, [B, p, 4]; told.boxes says where their pictures act.
    words: words for what the pictures of things show; None where no such words are known.
    """

    told: Told
    own: Tensor
    words: Words | None = field(default=None, kw_only=True)


def teaching_loss(predicted: Tensor, taught: Tensor, where: Tensor) -> Tensor:
    """Squared distance of a prediction from another that was told the same by words.

    Both come from one noisy picture, so that the noise, which hides what a step could learn, is in
    neither.

    Args:
        predicted, taught: [B, C, h, w].
        where: cells that count, 0–1, [B, h, w].
    """
    errors = (predicted.float() - taught.float()).square()
    return (where[:, None] * errors).mean()


def coarse_loss(predicted: Tensor, noised: Noised) -> Tensor:
    """Weighted squared error of a prediction averaged over the fields of a 4 x 4 grid.

    Noise averages out there, what a whole part of the picture is like does not.

    Args:
        predicted: [B, C, h, w].
        noised: what was asked for.
    """
    errors = F.adaptive_avg_pool2d(predicted.float() - noised.target, _FIELDS)
    return (noised.weight * errors.square()).mean()


class ReferenceTrainer(AdapterTrainer):
    """One training run of the cross-attentions to pictures."""

    NAME = "reference"
    STREAM = 61
    # Looks are decided while noise rules, and spoilt afterwards where nothing is learnt there.
    TIMES = ((0.0, 0.0), (0.3, 450.0), (0.6, 750.0), (1.0, 1000.0))
    DROP_ALL = 0.08
    INSIDE = 6.0  # marks are small
    TEACHING = 16.0  # its errors are a tenth of what noise leaves in the others
    COARSE = 8.0  # a place's tint is faint, and is decided while noise hides it

    def losses(
        self, batch: ReferencedBatch, noised: Noised, times: Tensor, inside: Tensor | None
    ) -> tuple[Tensor, Callable[[], Tensor]]:
        """Of the denoising, cells of things counting more; of where things look.

        While ``inside`` is None, each layer learns to say by pictures what it would be told by
        words, as far as there are words; afterwards the denoiser told in words teaches what comes
        out in the end.
        """
        warming, words = inside is None, batch.words
        referring = Referring(self.model, batch.told, batch.aspect, words if warming else None)
        replaced = {"patches_replace": referring.replacements(self.base.unet)}

        def looks() -> Tensor:
            return referring.attention_loss(batch.own, batch.told.filled)

        if warming:
            with torch.no_grad():
                self.predict(batch, noised, times, **replaced)
            if words is None:
                return noised.target.new_zeros(()), looks
            return torch.stack(referring.missed).mean(), looks
        predicted = self.predict(batch, noised, times, **replaced)
        # Only as far as it can be seen where the things are: before, a weight by the truth draws
        # the mean that is learned towards things wherever that is open, and they come twice.
        seen = inside * noised.share.flatten()[:, None]
        fine = self.denoising_loss(predicted, noised, seen)
        loss = fine + self.COARSE * coarse_loss(predicted, noised)
        if words is not None:
            with torch.no_grad():
                taught = self.predict(replace(batch, context=words.caption), noised, times)
            # A box tells more than words do: where the thing is.
            counts = words.counts & ~batch.told.regional
            where = words.covered * counts[:, None, None]
            loss = loss + self.TEACHING * teaching_loss(predicted, taught, where)
        return loss, looks

    def inside(self, batch: ReferencedBatch) -> Tensor:
        """What the things cover."""
        covered = cell_coverage(batch.own, *batch.latents.shape[-2:])
        return (covered * batch.told.filled[:, None]).sum(-1).clamp(max=1)

    def rows_to_compare(self, batch: ReferencedBatch) -> dict[str, ReferencedBatch]:
        """The right pictures, another drawing's, and none."""
        told = batch.told
        rows = {
            "right": told,
            "shuffled": replace(
                told, pictures=told.pictures.roll(1, 0), behind=told.behind.roll(1, 0)
            ),
            "without": replace(
                told,
                filled=torch.zeros_like(told.filled),
                behind_weight=torch.zeros_like(told.behind_weight),
            ),
        }
        return {name: replace(batch, told=given) for name, given in rows.items()}
