"""Reference attention while it learns: how it starts, and what it should look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn

from ..attention_patches.functional.boxes import cell_coverage, grid_of
from ..attention_patches.functional.reference_attention import attend_to_pictures, outside_share
from ..attention_patches.reference_checkpoints import GLOBAL, LOCAL, ReferenceAdapter
from ..attention_patches.reference_modules import GlobalTokens, KeysValues, LocalTokens
from ..attention_patches.unet_blocks_patch import transformers
from .attention_with_gradients import attention_with_gradients

_FORMS = (LOCAL, GLOBAL)


def build_adapter(unet: nn.Module, form: str, image_width: int, width: int) -> ReferenceAdapter:
    """An adapter for every cross-attention of a UNet, with values of zero: silent at first.

    Args:
        unet: one of the host's.
        form: ``LOCAL`` tokens as the paper has them, or one ``GLOBAL`` token as it compares with.
        image_width: of the encoder's hidden states, or of its embedding.
        width: of a global token.

    Raises:
        ValueError: another form.
    """
    if form not in _FORMS:
        raise ValueError(f"tokens are {form!r}; they can be {' or '.join(_FORMS)}")
    projection = LocalTokens(image_width) if form == LOCAL else GlobalTokens(image_width, 1, width)
    tokens = image_width if form == LOCAL else width
    layers = []
    for block in transformers(unet).values():
        layer = KeysValues(tokens, block.norm1.weight.shape[0], background=True)
        for values in (layer.to_v_ip, layer.to_v_ip_bg):
            nn.init.zeros_(values.weight)
        layers.append(layer)
    return ReferenceAdapter(form, projection, layers)


@dataclass(frozen=True)
class Told:
    """What a batch is told by pictures.

    pictures: what the encoder gives for each, [B, p, ...].
    filled: bool, [B, p]; the others are no pictures.
    boxes: where each acts, xyxy in 0–1, [B, p, 4].
    behind: what the encoder gives for the backgrounds, [B, ...].
    behind_weight: 1 where there is one, [B].
    regional: bool, [B]; whether the background acts outside the boxes only.
    """

    pictures: Tensor
    filled: Tensor
    boxes: Tensor
    behind: Tensor
    behind_weight: Tensor
    regional: Tensor

    def to(self, device: torch.device) -> Told:
        """The same on another device."""
        return Told(*(getattr(self, part.name).to(device) for part in fields(self)))


class Referring:
    """Reference attention as the host's attn2_replace, with gradients; remembers where it looks.

    Args:
        model: whose layers.
        told: the pictures.
    """

    def __init__(self, model: ReferenceAdapter, told: Told, aspect: float) -> None:
        self.model, self.told, self.aspect = model, told, aspect
        pictures = model.image_proj(told.pictures.flatten(0, 1))
        pictures = pictures.unflatten(0, told.filled.shape)
        self.tokens = pictures.flatten(1, 2)
        self.behind = model.image_proj(told.behind)
        count, each = pictures.shape[1:3]
        self.owners = torch.arange(count, device=pictures.device).repeat_interleave(each)
        self.queries: list[tuple[KeysValues, Tensor]] = []

    def replacements(self, unet: nn.Module) -> Mapping[str, Any]:
        """What to hand to the UNet as ``patches_replace``."""
        return {
            "attn2": {
                place: _Layer(self, layer)
                for place, layer in zip(transformers(unet), self.model.layers, strict=True)
            }
        }

    def shares(self, cells: int) -> Tensor:
        """What share of each cell is each picture's, [B, cells, p]."""
        shares = cell_coverage(self.told.boxes, *grid_of(cells, self.aspect))
        return shares * self.told.filled[:, None]

    def attention_loss(self, own: Tensor, filled: Tensor) -> Tensor:
        """How little the first head of a thing's cells looks at its picture, mean over the layers.

        Args:
            own: the boxes of the things themselves, [B, p, 4]; where pictures act everywhere, what
                is whose must be learnt.
            filled: bool, [B, p].
        """
        loss = self.tokens.new_zeros(())
        for layer, q in self.queries:
            targets = cell_coverage(own, *grid_of(q.shape[1], self.aspect)) * filled[:, None]
            k = layer.to_k_ip(self.tokens)[..., : q.shape[-1]]
            logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
            looks = logits.softmax(-1).unflatten(-1, (filled.shape[1], -1)).sum(-1)
            told = (targets * looks.clamp(min=1e-4).log()).sum()
            loss = loss - told / targets.sum().clamp(min=1)
        return loss / len(self.queries)


@dataclass(frozen=True)
class _Layer:
    """One cross-attention: text, things and places."""

    referring: Referring
    layer: KeysValues

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, options: dict[str, Any]) -> Tensor:
        referring, told, heads = self.referring, self.referring.told, options["n_heads"]

        def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
            return attention_with_gradients(q, k, v, heads, mask)

        shares = referring.shares(q.shape[1])
        keys, values = self.layer.foreground(referring.tokens)
        referring.queries.append((self.layer, q[..., : q.shape[-1] // heads].float()))
        out = attend(q, k, v, None)
        out = out + attend_to_pictures(q, keys, values, shares, referring.owners, attend)
        keys, values = self.layer.background(referring.behind)
        outside = outside_share(shares)
        where = torch.where(told.regional[:, None, None], outside, torch.ones_like(outside))
        behind = attend(q, keys, values, None)
        return out + (told.behind_weight[:, None, None] * where).to(out) * behind
