"""Modules of reference attention under the names that IP-Adapter's checkpoints give their weights.

Image projection and resampler: IP-Adapter (arXiv:2308.06721), section 3.2, and its Plus models;
keys and values of the background besides: VideoStudio's released ``ct_adapter``; local tokens
without resampler: VideoStudio (arXiv:2401.01256), section 3.3. ``operations`` holds the layers'
classes, torch's or the host's.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HEAD = 64  # channels of one head of the resampler, in every public checkpoint


class GlobalTokens(nn.Module):
    """A few tokens of one pooled image embedding (IP-Adapter).

    Args:
        embedding: width of the embedding.
        tokens, width: of what is made.
    """

    def __init__(self, embedding: int, tokens: int, width: int, operations: Any = nn) -> None:
        super().__init__()
        self.proj = operations.Linear(embedding, tokens * width)
        self.norm = operations.LayerNorm(width)
        self.tokens = tokens

    def forward(self, embedding: Tensor) -> Tensor:
        """[b, embedding] to [b, tokens, width]."""
        return self.norm(self.proj(embedding).unflatten(-1, (self.tokens, -1)))


class LocalTokens(nn.Module):
    """The image encoder's own tokens of the picture's patches, brought to one scale (VideoStudio,
    section 3.3: local tokens, no resampler).

    States of zeros are no picture. They stay zeros, and keys and values have no bias: what is told
    of no picture, as the negative is, draws exactly as without the adapter.
    """

    def __init__(self, width: int, operations: Any = nn) -> None:
        super().__init__()
        self.norm = operations.LayerNorm(width)

    def forward(self, states: Tensor) -> Tensor:
        """Hidden states [b, 1 + patches, width] to [b, patches, width]; the class token is left."""
        patches = states[:, 1:]
        return self.norm(patches) * (patches != 0).any(-1, keepdim=True)


class _PerceiverAttention(nn.Module):
    def __init__(self, width: int, inner: int, operations: Any) -> None:
        super().__init__()
        self.heads = inner // HEAD
        self.norm1 = operations.LayerNorm(width)
        self.norm2 = operations.LayerNorm(width)
        self.to_q = operations.Linear(width, inner, bias=False)
        self.to_kv = operations.Linear(width, 2 * inner, bias=False)
        self.to_out = operations.Linear(inner, width, bias=False)

    def forward(self, states: Tensor, queries: Tensor) -> Tensor:
        """Queries [b, m, width] look at states [b, n, width] and at themselves."""
        states, queries = self.norm1(states), self.norm2(queries)
        keys, values = self.to_kv(torch.cat([states, queries], dim=1)).chunk(2, dim=-1)
        parted = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in (self.to_q(queries), keys, values)
        )
        seen = F.scaled_dot_product_attention(*parted)
        return self.to_out(seen.transpose(1, 2).flatten(2))


def _feed_forward(width: int, inner: int, operations: Any) -> nn.Sequential:
    return nn.Sequential(
        operations.LayerNorm(width),
        operations.Linear(width, inner, bias=False),
        nn.GELU(),
        operations.Linear(inner, width, bias=False),
    )


class Resampler(nn.Module):
    """Learned queries that gather the encoder's tokens into a few (IP-Adapter Plus).

    Args:
        states: width of the encoder's hidden states.
        queries, width: number of the queries and their width.
        inner, hidden: width of the attention and of the feed-forward layer.
        depth: layers.
        outer: width of the tokens made.
    """

    def __init__(
        self,
        states: int,
        queries: int,
        width: int,
        inner: int,
        hidden: int,
        depth: int,
        outer: int,
        operations: Any = nn,
    ) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.randn(1, queries, width) / width**0.5)
        self.proj_in = operations.Linear(states, width)
        self.layers = nn.ModuleList(
            nn.ModuleList(
                [
                    _PerceiverAttention(width, inner, operations),
                    _feed_forward(width, hidden, operations),
                ]
            )
            for _ in range(depth)
        )
        self.proj_out = operations.Linear(width, outer)
        self.norm_out = operations.LayerNorm(outer)

    def forward(self, states: Tensor) -> Tensor:
        """Hidden states [b, n, states] to [b, queries, outer]."""
        states = self.proj_in(states)
        queries = self.latents.to(states).expand(len(states), -1, -1)
        for attention, feed_forward in self.layers:
            queries = queries + attention(states, queries)
            queries = queries + feed_forward(queries)
        return self.norm_out(self.proj_out(queries))


class KeysValues(nn.Module):
    """What one cross-attention projects picture tokens with; the query stays the text's.

    Args:
        tokens: width of the picture tokens.
        width: of the attention.
        background: with a second pair for backgrounds.
    """

    def __init__(self, tokens: int, width: int, background: bool, operations: Any = nn) -> None:
        super().__init__()
        self.to_k_ip = operations.Linear(tokens, width, bias=False)
        self.to_v_ip = operations.Linear(tokens, width, bias=False)
        if background:
            self.to_k_ip_bg = operations.Linear(tokens, width, bias=False)
            self.to_v_ip_bg = operations.Linear(tokens, width, bias=False)

    def foreground(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of foreground tokens [..., width of tokens]."""
        return self.to_k_ip(tokens), self.to_v_ip(tokens)

    def background(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of background tokens; the foreground's pair where there is no other."""
        if not hasattr(self, "to_k_ip_bg"):
            return self.foreground(tokens)
        return self.to_k_ip_bg(tokens), self.to_v_ip_bg(tokens)
