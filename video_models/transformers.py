"""Transformers over the cells of a frame and over the frames of a cell.

Names of parameters are those of diffusers' Transformer2DModel and TransformerTemporalModel, under
which VideoStudio-Vid's weights are published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

# Attention of queries, keys, values [b, ·, width] and a number of heads.
Attend = Callable[[Tensor, Tensor, Tensor, int], Tensor]
_GROUPS = 32


def plain_attention(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """Attention by torch, where no host gives its own."""
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Attention to ``context``, or of ``x`` to itself.

    Args:
        width: of the queries' tokens.
        context_width: of the keys' tokens.
        inner: of the attention.
        heads: of the attention.
    """

    def __init__(
        self, width: int, context_width: int, inner: int, heads: int, operations: Any
    ) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = operations.Linear(width, inner, bias=False)
        self.to_k = operations.Linear(context_width, inner, bias=False)
        self.to_v = operations.Linear(context_width, inner, bias=False)
        self.to_out = nn.ModuleList([operations.Linear(inner, width)])

    def forward(self, x: Tensor, context: Tensor, attend: Attend) -> Tensor:
        seen = attend(self.to_q(x), self.to_k(context), self.to_v(context), self.heads)
        return self.to_out[0](seen)


def _by_clip(attention: Attention, x: Tensor, context: Tensor, attend: Attend) -> Tensor:
    """Frames [B·F, n, d] of a clip ask the same keys [B, m, d], made once for all of them."""
    asked = x.reshape(len(context), -1, x.shape[-1])
    return attention(asked, context, attend).view_as(x)


class _GatedProjection(nn.Module):
    def __init__(self, width: int, inner: int, operations: Any) -> None:
        super().__init__()
        self.proj = operations.Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    """GEGLU of four times the width."""

    def __init__(self, width: int, operations: Any) -> None:
        super().__init__()
        inner = 4 * width
        self.net = nn.Sequential(
            _GatedProjection(width, inner, operations),
            nn.Identity(),
            operations.Linear(inner, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class TransformerBlock(nn.Module):
    """Self-attention, attention to a context (to itself again without one), feed-forward.

    Args:
        width: of the tokens.
        context_width: of the context; None makes the second attention a self-attention too.
        heads: of both attentions.
        actions: number of action classes that are added behind the second attention (eq. 3 of
            VideoStudio, arXiv:2401.01256); 0 for none, as released.
        scene: whether beside the self-attention stands one to the scene picture's cells.
    """

    def __init__(
        self,
        width: int,
        context_width: int | None,
        heads: int,
        operations: Any,
        actions: int = 0,
        scene: bool = False,
    ) -> None:
        super().__init__()
        self.norm1 = operations.LayerNorm(width)
        self.attn1 = Attention(width, width, width, heads, operations)
        self.attn_scene = Attention(width, width, width, heads, operations) if scene else None
        self.norm2 = operations.LayerNorm(width)
        self.attn2 = Attention(width, context_width or width, width, heads, operations)
        self.norm3 = operations.LayerNorm(width)
        self.ff = FeedForward(width, operations)
        self.action = operations.Linear(actions, width, bias=False) if actions else None

    def forward(
        self,
        x: Tensor,
        context: Tensor | None,
        attend: Attend,
        action: Tensor | None = None,
        scene: int | None = None,
    ) -> Tensor:
        n = self.norm1(x)
        x = x + self.attn1(n, n, attend)
        if self.attn_scene is not None and context is not None and scene is not None:
            shown = n.unflatten(0, (len(context), -1))[:, scene]
            x = x + _by_clip(self.attn_scene, n, shown, attend)
        n = self.norm2(x)
        if context is None:
            x = x + self.attn2(n, n, attend)
        else:
            x = x + _by_clip(self.attn2, n, context, attend)
        if self.action is not None and action is not None:
            x = x + self.action(action)[:, None]
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    """Attention of the cells of every frame to each other and to a context.

    Args:
        channels: of the frames.
        context_width: of the context's tokens.
        head_width: of one head.
        depth: number of blocks.
        actions, scene: as in ``TransformerBlock``.
    """

    def __init__(
        self,
        channels: int,
        context_width: int,
        head_width: int,
        depth: int,
        operations: Any,
        actions: int = 0,
        scene: bool = False,
    ) -> None:
        super().__init__()
        self.norm = operations.GroupNorm(_GROUPS, channels, eps=1e-6)
        self.proj_in = operations.Linear(channels, channels)
        heads = channels // head_width
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, context_width, heads, operations, actions, scene)
            for _ in range(depth)
        )
        self.proj_out = operations.Linear(channels, channels)

    def forward(
        self,
        x: Tensor,
        context: Tensor,
        attend: Attend,
        action: Tensor | None = None,
        scene: int | None = None,
    ) -> Tensor:
        """Frames [B·F, C, h, w], context of each clip [B, n, width], action [B·F, classes]; which
        of the F frames is the scene picture."""
        height, width = x.shape[-2:]
        tokens = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        for block in self.transformer_blocks:
            tokens = block(tokens, context, attend, action, scene)
        seen = self.proj_out(tokens).transpose(1, 2).unflatten(2, (height, width))
        return x + seen


class TemporalTransformer(nn.Module):
    """Attention of every cell to itself in the other frames; two self-attentions a block.

    Args:
        channels: of the frames.
        inner: width of the tokens.
        head_width: of one head.
        depth: number of blocks.
    """

    def __init__(
        self, channels: int, inner: int, head_width: int, depth: int, operations: Any
    ) -> None:
        super().__init__()
        self.norm = operations.GroupNorm(_GROUPS, channels, eps=1e-6)
        self.proj_in = operations.Linear(channels, inner)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(inner, None, inner // head_width, operations) for _ in range(depth)
        )
        self.proj_out = operations.Linear(inner, channels)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        """x: [B, C, F, h, w]."""
        clips, _, frames, height, width = x.shape
        tokens = self.norm(x).permute(0, 3, 4, 2, 1).flatten(0, 2)
        tokens = self.proj_in(tokens)
        for block in self.transformer_blocks:
            tokens = block(tokens, None, attend)
        seen = self.proj_out(tokens).view(clips, height, width, frames, -1)
        return x + seen.permute(0, 4, 3, 1, 2)
