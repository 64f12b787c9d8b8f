"""Training-time guides of the denoiser: what its hidden states and attention should tell.

The drawings come with their truth (which sprite is in which cell, which words speak of it), so the
hidden states can be asked for it by throw-away linear readers, and the attention to words can be
pointed at the right ones. Both shorten training several times; nothing of them is shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .captions import Caption
from .pool import CELLS
from .text import LENGTH
from .vocabulary import COLOURS, KINDS, MARKS
from .world import Scene

_SIZES = (1 + len(KINDS), 1 + len(COLOURS), 1 + len(MARKS))


@dataclass
class Truth:
    """Of each picture [B, 16, 16]: class numbers (0 = background) and which words speak of a cell.

    ``words`` [B, 5, 77]: for sprites 0–3 the token places of its phrase; row 4 stands for none.
    """

    owners: Tensor
    kinds: Tensor
    colours: Tensor
    marks: Tensor
    words: Tensor


def truth_of(
    scenes: list[Scene], owners: Tensor, captions: list[tuple[Caption, list[int]]]
) -> Truth:
    """Collect the truth of a batch; ``captions`` carry each word's token place."""
    rows = owners.long()
    tables = torch.zeros(3, len(scenes), 5, dtype=torch.long)
    words = torch.zeros(len(scenes), 5, LENGTH)
    for index, (scene, (caption, places)) in enumerate(zip(scenes, captions, strict=True)):
        for number, sprite in enumerate(scene.sprites):
            tables[0, index, number] = 1 + KINDS.index(sprite.kind)
            tables[1, index, number] = 1 + list(COLOURS).index(sprite.colour)
            tables[2, index, number] = 1 + MARKS.index(sprite.mark)
        for mention in caption.mentions:
            said = [places[word] for word in {mention.noun, *mention.words}]
            for number in mention.sprites:
                words[index, number, said] = 1
    flat = torch.where(rows < 0, 4, rows).flatten(1)
    kinds, colours, marks = (table.gather(1, flat).view_as(rows) for table in tables)
    return Truth(rows, kinds, colours, marks, words)


class Attention:
    """An attention of plain products for ``optimized_attention_override``.

    On a CPU its backward pass is faster than the fused one, and it can remember the maps of the
    first head's attention to words.
    """

    def __init__(self) -> None:
        self.maps: list[Tensor] = []

    def __call__(
        self, _original: Any, q: Tensor, k: Tensor, v: Tensor, heads: int, *_: Any, **__: Any
    ) -> Tensor:
        batch, tokens, channels = q.shape
        width = channels // heads
        q, k, v = (part.view(batch, -1, heads, width).transpose(1, 2) for part in (q, k, v))
        shares = torch.softmax((q * width**-0.5) @ k.transpose(-1, -2), dim=-1)
        if k.shape[2] == LENGTH and tokens == CELLS**2:
            self.maps.append(shares[:, 0])
        return (shares @ v).transpose(1, 2).reshape(batch, tokens, channels)

    def word_loss(self, truth: Truth, weight: Tensor) -> Tensor:
        """Mean of −log(attention to the words of the cell's own sprite) over covered cells.

        ``weight`` [B] is the share of signal in each noisy picture: noise hides what is where.
        """
        covered = truth.owners >= 0
        owner = torch.where(covered, truth.owners, 4).flatten(1)
        allowed = truth.words.gather(1, owner[:, :, None].expand(-1, -1, LENGTH))
        # A sprite whose caption was dropped has no words to attend to.
        counted = (covered.flatten(1) & (allowed.sum(-1) > 0)).float() * weight[:, None]
        loss = torch.zeros(())
        for shares in self.maps:
            mass = (shares.float() * allowed).sum(-1).clamp_min(1e-4)
            loss = loss - (mass.log() * counted).sum() / counted.sum().clamp_min(1)
        return loss / max(1, len(self.maps))


class Readers(nn.Module):
    """Linear readers of the inputs of the self-attentions on the 16×16 grid."""

    def __init__(self, layers: list[nn.Module], width: int) -> None:
        super().__init__()
        self.place = nn.ModuleList(nn.Linear(width, 2) for _ in layers)
        self.content = nn.ModuleList(nn.Linear(width, sum(_SIZES)) for _ in layers)
        self._states: list[Tensor] = []
        for layer in layers:
            layer.register_forward_pre_hook(lambda _module, args: self._states.append(args[0]))

    def losses(self, truth: Truth) -> tuple[Tensor, Tensor, Tensor]:
        """Return (place loss: mean squared error, content loss: cross-entropy per cell, how
        likely the last reader finds each cell covered [B, 1, 16, 16], without gradient)."""
        line = (torch.arange(CELLS) + 0.5) / CELLS * 2 - 1
        target = torch.stack([line.repeat(CELLS), line.repeat_interleave(CELLS)], dim=-1)
        place = content = covered = torch.zeros(())
        for state, reader, teller in zip(self._states, self.place, self.content, strict=True):
            place = place + F.mse_loss(reader(state.float()), target.expand(len(state), -1, -1))
            told = teller(state.float())
            asked = (truth.kinds, truth.colours, truth.marks)
            content = content + content_loss(told, asked, _SIZES)
            background = told.detach()[..., : _SIZES[0]].softmax(-1)[..., 0]
            covered = (1 - background).view_as(truth.owners)[:, None]
        count = len(self._states)
        self._states.clear()
        return place / count, content / count, covered


def content_loss(logits: Tensor, targets: tuple[Tensor, ...], sizes: tuple[int, ...]) -> Tensor:
    """Cross-entropy of what stands in each cell, summed over the properties asked for.

    Args:
        logits: [B, cells, sum(sizes)], one block of classes per property.
        targets: class numbers of each property, [B, 16, 16]; 0 is background, kinds come first.
        sizes: classes of each property.
    """
    # Background cells are four of five; sprites must not drown in them.
    weight = torch.where(targets[0] > 0, 1.0, 0.25).flatten()
    loss = torch.zeros(())
    for part, wanted in zip(logits.split(sizes, dim=-1), targets, strict=True):
        each = F.cross_entropy(part.flatten(0, 1), wanted.flatten(), reduction="none")
        loss = loss + (each * weight).sum() / weight.sum()
    return loss


def grid_attentions(unet: nn.Module) -> list[nn.Module]:
    """The self-attentions that work on the full latent grid, in order of execution."""
    first = unet.input_blocks[1]
    found = []
    channels = unet.model_channels
    for block in (first, *unet.output_blocks):
        for part in block:
            blocks = getattr(part, "transformer_blocks", None)
            if blocks is not None and part.in_channels == channels:
                found += [transformer.attn1 for transformer in blocks]
    return found


__all__ = ["Attention", "Readers", "Truth", "content_loss", "grid_attentions", "truth_of"]
