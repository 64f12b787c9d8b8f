"""Training of layout fusers on a frozen denoiser, whatever denoiser and pictures it is given.

As VideoDirectorGPT's Layout2Vid (arXiv:2309.15091, section 3.2): only the gated self-attentions and
the token net learn, on still pictures with boxes. First the fusers' attention is taught to find
the boxes (cross-entropy of one head against the overlap of cell and box, without a backward pass
through the denoiser); the denoising loss then takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..attention_patches.grounding_modules import Entities
from .adapter_trainer import AdapterTrainer, Batch
from .fusing import Fusing, box_targets
from .noise import Noised


@dataclass(frozen=True)
class BoxedBatch(Batch):
    """Pictures with boxes.

    asked: the entities of each picture.
    """

    asked: Entities


class GroundingTrainer(AdapterTrainer):
    """One training run of the fusers."""

    NAME = "grounding"
    STREAM = 51
    # Layouts act on the first steps of a sampling, so most of a batch is noise.
    TIMES = ((0.0, 0.0), (0.1, 300.0), (0.4, 650.0), (1.0, 1000.0))
    DROP_ALL = 0.12
    INSIDE = 2.0

    def losses(
        self, batch: BoxedBatch, noised: Noised, times: Tensor, inside: Tensor | None
    ) -> tuple[Tensor, Callable[[], Tensor]]:
        """Of the denoising, cells in boxes counting more; of the fusers' first head."""
        states_only = inside is None
        tokens = self.model.position_net(batch.asked)
        fusing = Fusing(self.model, tokens, batch.aspect, states_only=states_only)
        patches = {"middle_patch": [fusing]}

        def looks() -> Tensor:
            return fusing.attention_loss(batch.asked)

        if states_only:
            with torch.no_grad():
                self.predict(batch, noised, times, patches=patches)
            return tokens.new_zeros(()), looks
        predicted = self.predict(batch, noised, times, patches=patches)
        return self.denoising_loss(predicted, noised, inside), looks

    def inside(self, batch: BoxedBatch) -> Tensor:
        """What lies in boxes; they are given, so counting it more draws nothing aside."""
        targets = box_targets(batch.asked, *batch.latents.shape[-2:])
        return (targets * batch.asked.filled[:, None]).sum(-1)

    def rows_to_compare(self, batch: BoxedBatch) -> dict[str, BoxedBatch]:
        """The right boxes, another picture's, and none."""
        asked, none = batch.asked, torch.zeros_like(batch.asked.filled)
        rows = {
            "right": asked,
            "shuffled": replace(asked, boxes=asked.boxes.roll(1, 0)),
            "without": replace(asked, has_text=none, has_image=none),
        }
        return {name: replace(batch, asked=given) for name, given in rows.items()}
