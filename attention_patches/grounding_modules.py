"""Modules of layout grounding under the names that GLIGEN's checkpoints give their weights.

Gated self-attention and text tokens: GLIGEN (arXiv:2301.07093), sections 3.1 and 3.2; text and
image tokens: its released text-image model; joint tokens: VideoDirectorGPT's Layout2Vid
(arXiv:2309.15091), section 3.2. ``operations`` holds the layers' classes, torch's or the host's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .functional.grounding import BOX_WIDTH, fill_missing, fourier_boxes

HIDDEN = 512
WHOLE = (0.0, 0.0, 1.0, 1.0)  # the box of a place
Attend = Callable[[Tensor, Tensor, Tensor, int], Tensor]


@dataclass(frozen=True)
class Slot:
    """One entity in its box xyxy in 0–1, told by a text feature, an image feature or both."""

    box: tuple[float, float, float, float]
    text: Tensor | None
    image: Tensor | None


@dataclass(frozen=True)
class Entities:
    """What is asked for, in slots: some filled, the others empty.

    boxes: xyxy in 0–1, [batch, slots, 4].
    text, image: features, [batch, slots, width].
    has_text, has_image: bool, [batch, slots]; a slot with neither is empty.
    """

    boxes: Tensor
    text: Tensor
    image: Tensor
    has_text: Tensor
    has_image: Tensor

    @property
    def filled(self) -> Tensor:
        return self.has_text | self.has_image

    @classmethod
    def of(
        cls, rows: Sequence[Sequence[Slot | None]], slots: int, text_width: int, image_width: int
    ) -> Entities:
        """Put what is asked of each picture into slots, in order; None leaves one empty."""
        shape = len(rows), slots
        asked = cls(
            torch.zeros(*shape, 4),
            torch.zeros(*shape, text_width),
            torch.zeros(*shape, image_width),
            *(torch.zeros(shape, dtype=torch.bool) for _ in range(2)),
        )
        for at, row in enumerate(rows):
            for number, slot in enumerate(row):
                if slot is not None:
                    asked._fill((at, number), slot)
        return asked

    def _fill(self, place: tuple[int, int], slot: Slot) -> None:
        self.boxes[place] = torch.tensor(slot.box)
        if slot.text is not None:
            self.text[place], self.has_text[place] = slot.text, True
        if slot.image is not None:
            self.image[place], self.has_image[place] = slot.image, True

    def to(self, device: torch.device) -> Entities:
        """The same on another device."""
        return Entities(*(getattr(self, part.name).to(device) for part in fields(self)))


class _Attention(nn.Module):
    """The attention's layers; what they do is spelled out in ``GatedSelfAttention``."""

    def __init__(self, width: int, operations: Any) -> None:
        super().__init__()
        self.to_q = operations.Linear(width, width, bias=False)
        self.to_k = operations.Linear(width, width, bias=False)
        self.to_v = operations.Linear(width, width, bias=False)
        self.to_out = nn.Sequential(operations.Linear(width, width), nn.Identity())


class _GatedGelu(nn.Module):
    def __init__(self, width: int, hidden: int, operations: Any) -> None:
        super().__init__()
        self.proj = operations.Linear(width, 2 * hidden)

    def forward(self, x: Tensor) -> Tensor:
        x, gate = self.proj(x).chunk(2, dim=-1)
        return x * F.gelu(gate)


class _FeedForward(nn.Module):
    def __init__(self, width: int, operations: Any) -> None:
        super().__init__()
        hidden = 4 * width
        self.net = nn.Sequential(
            _GatedGelu(width, hidden, operations),
            nn.Identity(),
            operations.Linear(hidden, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class GatedSelfAttention(nn.Module):
    """A fuser: visual tokens attend to each other and to the grounding tokens, behind a gate.

    Args:
        width: channels of the visual tokens.
        token_width: channels of the grounding tokens.
        heads: of the attention.
        operations: classes of the layers.
    """

    def __init__(self, width: int, token_width: int, heads: int, operations: Any = nn) -> None:
        super().__init__()
        self.heads = heads
        self.linear = operations.Linear(token_width, width)
        self.attn = _Attention(width, operations)
        self.ff = _FeedForward(width, operations)
        self.norm1 = operations.LayerNorm(width)
        self.norm2 = operations.LayerNorm(width)
        self.alpha_attn = nn.Parameter(torch.tensor(0.0))
        self.alpha_dense = nn.Parameter(torch.tensor(0.0))

    def keys_values(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of grounding tokens [..., token_width]; they are the same in every step,
        since the norm works token by token."""
        states = self.norm1(self.linear(tokens))
        return self.attn.to_k(states), self.attn.to_v(states)

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, attend: Attend, scale: float = 1.0
    ) -> Tensor:
        """Let visual tokens see the grounding tokens.

        Args:
            x: visual tokens, [b, n, width].
            keys, values: of the grounding tokens, [b, m, width]. Only visual tokens are queried:
                what grounding tokens would become is thrown away in GLIGEN too.
            attend: attention of queries, keys, values [b, ·, width] and a number of heads.
            scale: 0–1, on both gates.

        Returns:
            [b, n, width].
        """
        states = self.norm1(x)
        attn = self.attn
        seen = attend(
            attn.to_q(states),
            torch.cat([attn.to_k(states), keys.to(x)], dim=1),
            torch.cat([attn.to_v(states), values.to(x)], dim=1),
            self.heads,
        )
        # In full precision: there is no tanh of 8 bit numbers.
        gates = [torch.tanh(alpha.float()).to(x) for alpha in (self.alpha_attn, self.alpha_dense)]
        x = x + scale * gates[0] * attn.to_out(seen)
        return x + scale * gates[1] * self.ff(self.norm2(x))


def _mlp(inner: int, outer: int, operations: Any) -> nn.Sequential:
    return nn.Sequential(
        operations.Linear(inner, HIDDEN),
        nn.SiLU(),
        operations.Linear(HIDDEN, HIDDEN),
        nn.SiLU(),
        operations.Linear(HIDDEN, outer),
    )


class TextTokens(nn.Module):
    """One token a slot, of its text and box (GLIGEN's text-box model)."""

    def __init__(self, width: int, token_width: int, operations: Any = nn) -> None:
        super().__init__()
        self.linears = _mlp(width + BOX_WIDTH, token_width, operations)
        self.null_positive_feature = nn.Parameter(torch.zeros(width))
        self.null_position_feature = nn.Parameter(torch.zeros(BOX_WIDTH))

    def forward(self, asked: Entities) -> Tensor:
        """Give [batch, slots, token_width]; slots without text are null tokens."""
        where = fill_missing(fourier_boxes(asked.boxes), asked.has_text, self.null_position_feature)
        text = fill_missing(asked.text, asked.has_text, self.null_positive_feature)
        return self.linears(torch.cat([text, where.to(text)], dim=-1))


class TextImageTokens(nn.Module):
    """Two tokens a slot: all text tokens, then all image tokens (GLIGEN's text-image model)."""

    def __init__(self, width: int, token_width: int, operations: Any = nn) -> None:
        super().__init__()
        self.linears_text = _mlp(width + BOX_WIDTH, token_width, operations)
        self.linears_image = _mlp(width + BOX_WIDTH, token_width, operations)
        self.null_text_feature = nn.Parameter(torch.zeros(width))
        self.null_image_feature = nn.Parameter(torch.zeros(width))
        self.null_position_feature = nn.Parameter(torch.zeros(BOX_WIDTH))

    def forward(self, asked: Entities) -> Tensor:
        """Give [batch, 2·slots, token_width]; what a slot lacks is a null feature in its box."""
        where = fill_missing(fourier_boxes(asked.boxes), asked.filled, self.null_position_feature)
        text = fill_missing(asked.text, asked.has_text, self.null_text_feature)
        image = fill_missing(asked.image, asked.has_image, self.null_image_feature)
        return torch.cat(
            [
                self.linears_text(torch.cat([text, where.to(text)], dim=-1)),
                self.linears_image(torch.cat([image, where.to(image)], dim=-1)),
            ],
            dim=1,
        )


class JointTokens(nn.Module):
    """One token a slot, h = MLP(P_img·f_img, P_txt·f_txt, Fourier(box)) (Layout2Vid)."""

    def __init__(
        self, text_width: int, image_width: int, token_width: int, operations: Any = nn
    ) -> None:
        super().__init__()
        self.project_text = operations.Linear(text_width, token_width)
        self.project_image = operations.Linear(image_width, token_width)
        self.linears = _mlp(2 * token_width + BOX_WIDTH, token_width, operations)
        self.null_text_feature = nn.Parameter(torch.zeros(text_width))
        self.null_image_feature = nn.Parameter(torch.zeros(image_width))
        self.null_position_feature = nn.Parameter(torch.zeros(BOX_WIDTH))

    def forward(self, asked: Entities) -> Tensor:
        """Give [batch, slots, token_width]; empty slots are null tokens."""
        where = fill_missing(fourier_boxes(asked.boxes), asked.filled, self.null_position_feature)
        image = fill_missing(asked.image, asked.has_image, self.null_image_feature)
        text = fill_missing(asked.text, asked.has_text, self.null_text_feature)
        seen, said = self.project_image(image), self.project_text(text)
        return self.linears(torch.cat([seen, said, where.to(said)], dim=-1))
