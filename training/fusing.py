"""The layout fusers while they learn: how they start, and what they should attend to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from ..attention_patches.functional.boxes import cell_coverage, grid_of
from ..attention_patches.grounding_checkpoints import JOINT, GroundingModel, Place
from ..attention_patches.grounding_modules import Entities, GatedSelfAttention, JointTokens
from ..attention_patches.unet_blocks_patch import transformers
from .attention_with_gradients import attention_with_gradients


@dataclass(frozen=True)
class Widths:
    """Of the features and tokens that fusers are built for, and of one head of the attention."""

    text: int
    image: int
    token: int
    head: int


def build_grounding(unet: nn.Module, widths: Widths) -> GroundingModel:
    """Joint tokens and one fuser for every transformer of a UNet, gates open, outputs zero."""
    fusers: dict[Place, GatedSelfAttention] = {}
    for place, transformer in transformers(unet).items():
        width = transformer.norm1.weight.shape[0]
        fuser = GatedSelfAttention(width, widths.token, width // widths.head)
        # Closed gates learn late; an open gate over a zero output is as silent.
        nn.init.ones_(fuser.alpha_attn)
        nn.init.ones_(fuser.alpha_dense)
        for last in (fuser.attn.to_out[0], fuser.ff.net[2]):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        fusers[place] = fuser
    return GroundingModel(JOINT, JointTokens(widths.text, widths.image, widths.token), fusers)


def told_by(rng: np.random.Generator) -> tuple[bool, bool]:
    """Whether an entity is told by text, and whether by a picture: a third each, and both."""
    kind = rng.random()
    return kind < 2 / 3, kind > 1 / 3


def box_targets(asked: Entities, height: int, width: int) -> Tensor:
    """To which slots each cell of a grid should attend.

    Returns:
        [B, height·width, slots], summing to 1: by the share of the cell that each box covers; cells
        in no box attend to the empty slots.
    """
    share = cell_coverage(asked.boxes, height, width) * asked.filled[:, None]
    empty = (~asked.filled).float()[:, None].expand_as(share)
    rest = (1 - share.sum(-1, keepdim=True)).clamp(min=0)
    share = share + rest * empty / empty.sum(-1, keepdim=True).clamp(min=1)
    return share / share.sum(-1, keepdim=True).clamp(min=1e-6)


class Fusing:
    """The fusers as the host's middle_patch, with gradients; remembers what they attend to.

    Args:
        model: whose fusers.
        tokens: grounding tokens, [B, slots, token width].
        aspect: width over height of the latents.
        states_only: leave the denoiser alone, only remember what the fusers would be given.
    """

    def __init__(
        self, model: GroundingModel, tokens: Tensor, aspect: float, *, states_only: bool
    ) -> None:
        self.model, self.tokens, self.aspect = model, tokens, aspect
        self.states_only = states_only
        self.states: list[tuple[GatedSelfAttention, Tensor]] = []
        self.logits: list[Tensor] = []

    def __call__(self, x: Tensor, options: dict[str, Any]) -> Tensor:
        fuser = self.model.fuser_at(options["block"], options["block_index"])
        if self.states_only:
            self.states.append((fuser, x.float()))
            return x
        return self._fuse(fuser, x)

    def _fuse(self, fuser: GatedSelfAttention, x: Tensor) -> Tensor:
        keys, values = fuser.keys_values(self.tokens)
        return fuser(x, keys, values, self._attend)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        width = q.shape[-1] // heads
        first, boxes = q[..., :width], k[:, -self.tokens.shape[1] :, :width]
        self.logits.append(((first * width**-0.5) @ boxes.transpose(-1, -2)).float())
        return attention_with_gradients(q, k, v, heads)

    def attention_loss(self, asked: Entities) -> Tensor:
        """Cross-entropy of the first head's attention to the slots, mean over the fusers."""
        for fuser, x in self.states:
            self._fuse(fuser, x)
        loss = self.tokens.new_zeros(())
        for logits in self.logits:
            target = box_targets(asked, *grid_of(logits.shape[1], self.aspect))
            loss = loss - (target * logits.log_softmax(-1)).sum(-1).mean()
        return loss / len(self.logits)
