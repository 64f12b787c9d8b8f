"""Convolutions over the cells of a frame and over frames, under diffusers' names."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

_GROUPS = 32


class ResnetBlock(nn.Module):
    """Two convolutions of a frame, with an embedding added between them.

    Args:
        channels_in, channels: before and after.
        embedding: width of the embedding.
    """

    def __init__(self, channels_in: int, channels: int, embedding: int, operations: Any) -> None:
        super().__init__()
        self.norm1 = operations.GroupNorm(_GROUPS, channels_in, eps=1e-5)
        self.conv1 = operations.Conv2d(channels_in, channels, 3, padding=1)
        self.time_emb_proj = operations.Linear(embedding, channels)
        self.norm2 = operations.GroupNorm(_GROUPS, channels, eps=1e-5)
        self.conv2 = operations.Conv2d(channels, channels, 3, padding=1)
        self.conv_shortcut = None
        if channels_in != channels:
            self.conv_shortcut = operations.Conv2d(channels_in, channels, 1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """x: [n, C, h, w]; embedding: [n, width]."""
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(F.silu(embedding))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (x if self.conv_shortcut is None else self.conv_shortcut(x))


@cache
def over_frames(kind: type[nn.Conv3d]) -> type[nn.Conv3d]:
    """A class of Conv3d for kernels of one cell, computed in two dimensions: frames by cells.

    The same sums, but CPUs take them several times faster (``director.py bench video_model``).

    Args:
        kind: torch's class, or one of the host's, which casts weights.
    """

    class ConvolutionOverFrames(kind):
        def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None, **_: Any) -> Tensor:
            padding = (self.padding[0], 0)
            return F.conv2d(x.flatten(3), weight[..., 0], bias, padding=padding).unflatten(
                3, x.shape[3:]
            )

    return ConvolutionOverFrames


class TemporalConvolution(nn.Module):
    """Four convolutions over three frames each (five in some checkpoints), added to the clip.

    Silent as long as the weights of the last one are zero.
    """

    def __init__(self, channels: int, operations: Any, convolutions: int = 4) -> None:
        super().__init__()
        self.names = [f"conv{number}" for number in range(1, convolutions + 1)]
        for number, name in enumerate(self.names):
            conv = operations.Conv3d(channels, channels, (3, 1, 1), padding=(1, 0, 0))
            norm = operations.GroupNorm(_GROUPS, channels, eps=1e-5)
            # The place that dropout had in all but the first.
            between = [nn.Identity()] if number else []
            self.add_module(name, nn.Sequential(norm, nn.SiLU(), *between, conv))

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, F, h, w]."""
        h = x
        for name in self.names:
            h = getattr(self, name)(h)
        return x + h


class Downsampler(nn.Module):
    """Half the height and width."""

    def __init__(self, channels: int, operations: Any) -> None:
        super().__init__()
        self.conv = operations.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Upsampler(nn.Module):
    """Grown to the size of what is joined next."""

    def __init__(self, channels: int, operations: Any) -> None:
        super().__init__()
        self.conv = operations.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        return self.conv(F.interpolate(x, size=size, mode="nearest"))
