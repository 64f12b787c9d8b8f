"""A guide of the video model in training: where in the scene's picture each cell has its look from.

Things stay themselves when what the picture shows of them travels with them. Drawn clips know
which spot of the first frame every cell shows. At first one head of the attention to the picture
is held there, so that what it brings is worth using; meanwhile it learns to find the spot itself,
and is let go. Nothing of it is shipped.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..training.attention_with_gradients import attention_with_gradients
from ..video_models.videostudio_unet import VideoStudioUNet
from .clip_truth import ClipTruth, cells
from .pool import CELLS

_PLACES = 0.25  # how much cells of the place count beside those of things


@dataclass
class Held:
    """Where the first head is held: its attention [B, (1 + F) · 256, 256], and how firmly, 0–1,
    [B, (1 + F) · 256, 1]."""

    shares: Tensor
    firmly: Tensor


class GuidedAttention:
    """The attention of training. On the full grid its first head's attention to the scene picture's
    cells can be held, and leaves its logits behind.

    Args:
        width: of the queries on the full grid.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.held: Held | None = None
        self.maps: list[Tensor] = []  # logits [B, frames · 256, 256], with gradients, in order

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        """Attention by plain products, as ``attention_with_gradients``."""
        # Those of a clip's frames together are the only ones to ask as many keys as a frame has.
        asks_the_scene = q.shape[1] > k.shape[1] == CELLS**2
        if not (torch.is_grad_enabled() and q.shape[-1] == self.width and asks_the_scene):
            return attention_with_gradients(q, k, v, heads)
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        shares = logits.float().softmax(-1)
        # On the way down it is too early to know.
        if self.held is not None and self.maps:
            first = shares[:, 0].lerp(self.held.shares, self.held.firmly)
            shares = torch.cat([first[:, None], shares[:, 1:]], dim=1)
        self.maps.append(logits[:, 0])
        return (shares.to(v) @ v).transpose(1, 2).flatten(2)


class TransportGuide:
    """Holds an attention, and tells how far it is from where it is held.

    Args:
        unet: on the way up of which it is held.
        attention: of that model.
    """

    def __init__(self, unet: VideoStudioUNet, attention: GuidedAttention) -> None:
        last: nn.Module = unet.up_blocks[-1]
        self.attention, self.layers = attention, len(last.attentions)

    def hold(self, truth: ClipTruth, clear: Tensor) -> None:
        """Hold the next call's attention.

        Args:
            truth: of its clips.
            clear: how firmly, of each clip, 0–1, [B].
        """
        firmly = truth.traced * clear[:, None, None]
        own = cells(truth.sources.device).expand(len(firmly), 1, -1, -1)
        sources = torch.cat([own, truth.sources], dim=1)
        firmly = torch.cat([clear[:, None, None].expand_as(firmly[:, :1]), firmly], dim=1)
        shares = sources.new_zeros(*sources.shape[:-1], CELLS**2)
        for cell, near in around(sources):
            shares.scatter_add_(-1, cell[..., None], near[..., None])
        self.attention.held = Held(shares.flatten(1, 2), firmly.flatten(1, 2)[..., None])

    def loss(self, truth: ClipTruth, clear: Tensor) -> Tensor:
        """−log of the last call's attention to where cells have their look from, mean over layers.

        Args:
            truth: of its clips, whose frames came after the scene picture's latent.
            clear: how much each noisy clip shows of where things are, 0–1, [B].
        """
        counted = truth.traced * (truth.owned + _PLACES * ~truth.owned) * clear[:, None, None]
        maps = self.attention.maps[-self.layers :]
        pointed = torch.stack([(log_shares(one, truth.sources) * counted).sum() for one in maps])
        self.attention.maps.clear()
        self.attention.held = None
        return -pointed.mean() / counted.sum().clamp(min=1e-3)


def around(sources: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The four cells around each source, and how near they are (they add up to 1).

    Args:
        sources: x and y in cells, [..., 2]; what lies outside counts as the border.
    """
    sources = sources.clamp(0, CELLS - 1)
    low = sources.floor().clamp(max=CELLS - 2)
    x, y = (sources - low).unbind(-1)
    found = []
    for right in (0, 1):
        for down in (0, 1):
            near = (x if right else 1 - x) * (y if down else 1 - y)
            cell = low[..., 0] + right + CELLS * (low[..., 1] + down)
            found.append((cell.long(), near))
    return found


def log_shares(logits: Tensor, sources: Tensor) -> Tensor:
    """Mean of log attention to the four cells around each source, as near as they are.

    Args:
        logits: of the attention of each cell, the scene picture's own cells first,
            [B, (1 + F) · 256, 256].
        sources: x and y in cells, [B, F, 256, 2].

    Returns:
        [B, F, 256].
    """
    logs = logits.float().log_softmax(-1).unflatten(1, (-1, CELLS**2))[:, 1:]
    total = logs.new_zeros(logs.shape[:-1])
    for cell, near in around(sources):
        total = total + near * logs.gather(-1, cell[..., None])[..., 0]
    return total
