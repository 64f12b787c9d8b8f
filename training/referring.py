"""Reference attention while it learns: its start, what it should look at and what it should say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..attention_patches.functional.boxes import cell_coverage, grid_of
from ..attention_patches.functional.reference_attention import (
    Attend,
    attend_to_pictures,
    outside_share,
)
from ..attention_patches.reference_checkpoints import GLOBAL, LOCAL, ReferenceAdapter
from ..attention_patches.reference_modules import GlobalTokens, KeysValues, LocalTokens
from ..attention_patches.unet_blocks_patch import transformers
from .attention_with_gradients import attention_with_gradients

_FORMS = (LOCAL, GLOBAL)
_OUTSIDE = 0.3  # what cells of no thing count in an imitation


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


@dataclass(frozen=True)
class Words:
    """Words for what the pictures of things show, where there are such words.

    caption: text features of the caption with the looks that the batch's own leaves out,
        [B, n, d].
    looks, bare: of phrases of single things, with their looks and without, [m, n, d]. They are
        for those whose looks a caption may mix up, and for their own cells only.
    rows: in which row of the batch each of these things is, [m].
    theirs: cells of each of these things, 0–1, [m, h, w].
    covered: cells of all things, 0–1, [B, h, w].
    counts: whether there are words for all that is shown, [B].
    """

    caption: Tensor
    looks: Tensor
    bare: Tensor
    rows: Tensor
    theirs: Tensor
    covered: Tensor
    counts: Tensor


class Referring:
    """Reference attention as the host's attn2_replace, with gradients; remembers where it looks.

    Args:
        model: whose layers.
        told: the pictures.
        aspect: width over height of the latents.
        words: words for the pictures. Each layer says how far it is from what they would bring
            there, and states follow the words in every other row; no gradients pass between
            layers then.
    """

    def __init__(
        self,
        model: ReferenceAdapter,
        told: Told,
        aspect: float,
        words: Words | None = None,
    ) -> None:
        self.model, self.told, self.aspect, self.words = model, told, aspect, words
        self.missed: list[Tensor] = []  # share of what words bring, one a layer
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
                place: _Layer(self, layer, block.attn2)
                for (place, block), layer in zip(
                    transformers(unet).items(), self.model.layers, strict=True
                )
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
    attention: nn.Module  # the denoiser's own

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, options: dict[str, Any]) -> Tensor:
        referring, heads = self.referring, options["n_heads"]

        def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
            return attention_with_gradients(q, k, v, heads, mask)

        text = attend(q, k, v, None)
        shares = referring.shares(q.shape[1])
        referring.queries.append((self.layer, q[..., : q.shape[-1] // heads].float()))
        place = self._place(q, shares, attend)
        if referring.words is None:
            return text + self._things(q, shares, attend) + place
        wanted, caption = self._wanted(q, text, referring.words, attend)
        with torch.enable_grad():
            things = self._things(q, shares, attend)
            referring.missed.append(self._missed(things, wanted, shares))
        by_words = torch.arange(len(q), device=q.device)[:, None, None] % 2 == 0
        return torch.where(by_words, caption, text + things.detach()) + place

    def _things(self, q: Tensor, shares: Tensor, attend: Attend) -> Tensor:
        referring = self.referring
        keys, values = self.layer.foreground(referring.tokens)
        return attend_to_pictures(q, keys, values, shares, referring.owners, attend)

    def _place(self, q: Tensor, shares: Tensor, attend: Attend) -> Tensor:
        referring, told = self.referring, self.referring.told
        keys, values = self.layer.background(referring.behind)
        outside = outside_share(shares)
        where = torch.where(told.regional[:, None, None], outside, torch.ones_like(outside))
        behind = attend(q, keys, values, None)
        return (told.behind_weight[:, None, None] * where).to(q) * behind

    @torch.no_grad()
    def _wanted(
        self, q: Tensor, text: Tensor, words: Words, attend: Attend
    ) -> tuple[Tensor, Tensor]:
        """What looks in words add to the text's attention, and that attention with them."""

        def told(q: Tensor, context: Tensor) -> Tensor:
            keys, values = self.attention.to_k(context), self.attention.to_v(context)
            return attend(q, keys, values, None)

        caption = told(q, words.caption)
        wanted = caption - text
        if len(words.rows):
            own = q[words.rows]
            look = told(own, words.looks) - told(own, words.bare)
            theirs = self._coarser(words.theirs, q.shape[1])
            corrected = theirs * (look - wanted[words.rows])
            wanted = wanted.index_add(0, words.rows, corrected)
        return wanted, caption

    def _missed(self, things: Tensor, wanted: Tensor, shares: Tensor) -> Tensor:
        """Share of what is wanted that things' pictures do not bring, as the block would see it."""
        out, words = self.attention.to_out[0].weight, self.referring.words

        def seen(said: Tensor, weight: Tensor) -> Tensor:
            return (weight * F.linear(said, out).square().sum(-1)).sum()

        covered = self._coarser(words.covered, things.shape[1]).squeeze(-1)
        # Where a picture may not act it misses nothing.
        weight = (_OUTSIDE + covered) * shares.sum(-1).clamp(max=1)
        weight = weight * words.counts[:, None]
        return seen(things - wanted, weight) / seen(wanted, weight).clamp(min=1e-6)

    def _coarser(self, cells: Tensor, count: int) -> Tensor:
        """Shares of cells on a coarser grid of so many: [b, h, w] to [b, count, 1]."""
        grid = grid_of(count, self.referring.aspect)
        return F.adaptive_avg_pool2d(cells[:, None], grid).flatten(2).transpose(1, 2)
