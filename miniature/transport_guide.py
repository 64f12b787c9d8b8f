"""A guide of the video model in training: where in the scene's picture each cell has its look from.

Things stay themselves when what the picture shows of them travels with them. Drawn clips know
which spot of the first frame every cell shows, so the attention to the picture's tokens can be
pointed at it, and throw-away readers ask hidden states for the looks of things. Nothing of it is
shipped.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..video_models.videostudio_unet import VideoStudioUNet
from .clip_truth import LOOKS, ClipTruth
from .look_guide import cross_entropies
from .pool import CELLS

TOKENS = 1 + CELLS**2  # of the picture: its class token, then patches as large as cells
_PLACES = 0.25  # how much cells of the place count beside those of things


class TracedAttention:
    """The attention of training, which keeps the first head's logits for a picture's tokens.

    Args:
        width: of queries in those layers that are to be traced.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.maps: list[Tensor] = []  # logits [B, frames · 256, TOKENS], with gradients, in order

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        """Attention by plain products, as ``attention_with_gradients``."""
        traced = torch.is_grad_enabled() and q.shape[-1] == self.width and k.shape[1] == TOKENS
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))
        logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        if traced:
            self.maps.append(logits[:, 0])
        return (logits.softmax(-1).to(v) @ v).transpose(1, 2).flatten(2)


class TransportGuide(nn.Module):
    """Losses of traced attention and of what readers tell of looks.

    Args:
        unet: whose calls are watched from now on; it attends with ``attention``.
        attention: which keeps its maps.
    """

    def __init__(self, unet: VideoStudioUNet, attention: TracedAttention) -> None:
        super().__init__()
        self.attention = attention
        width = unet.config.channels[0]
        last: nn.Module = unet.up_blocks[-1]
        watched = list(last.attentions)
        self.readers = nn.ModuleList(nn.Linear(width, sum(LOOKS)) for _ in watched)
        self._states: list[Tensor] = []
        for layer in watched:
            layer.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, given: object, out: Tensor) -> None:
        if torch.is_grad_enabled():
            self._states.append(out)

    def losses(self, truth: ClipTruth, clear: Tensor) -> tuple[Tensor, Tensor]:
        """Of the last call with gradients.

        Args:
            truth: of its clips, whose frames came after the scene picture's latent.
            clear: how much each noisy clip shows of where things are, 0–1, [B].

        Returns:
            −log of the attention to where a cell has its look from, mean over the layers on the
            way up; cross-entropies of looks, mean over the readers.
        """
        clear = clear[:, None, None]
        counted = truth.traced * (truth.owned + _PLACES * ~truth.owned) * clear
        maps = self.attention.maps[-len(self.readers) :]  # on the way down it is too early to know
        pointed = torch.stack([-(log_shares(one, truth.sources) * counted).sum() for one in maps])
        inside = truth.owned * clear
        missed = []
        for state, reader in zip(self._states, self.readers, strict=True):
            told = reader(state.float().flatten(2).transpose(1, 2))
            told = told.unflatten(0, (len(truth.owned), -1))[:, 1:]
            missed.append((cross_entropies(told, truth.looks, LOOKS) * inside).sum())
        self.attention.maps.clear()
        self._states.clear()
        return (
            pointed.mean() / counted.sum().clamp(min=1e-3),
            torch.stack(missed).mean() / inside.sum().clamp(min=1e-3),
        )


def log_shares(logits: Tensor, sources: Tensor) -> Tensor:
    """Mean of log attention to the four patches around each source, as near as they are.

    Args:
        logits: of the attention of each cell, the scene picture's own cells first,
            [B, (1 + F) · 256, TOKENS].
        sources: x and y in cells, [B, F, 256, 2]; what lies outside counts as the border.

    Returns:
        [B, F, 256].
    """
    logs = logits.float().log_softmax(-1).unflatten(1, (-1, CELLS**2))[:, 1:, :, 1:]
    sources = sources.clamp(0, CELLS - 1)
    low = sources.floor().clamp(max=CELLS - 2)
    part = sources - low
    total = torch.zeros(logs.shape[:-1])
    for right in (0, 1):
        for down in (0, 1):
            x, y = part[..., 0], part[..., 1]
            near = (x if right else 1 - x) * (y if down else 1 - y)
            token = (low[..., 0] + right + CELLS * (low[..., 1] + down)).long()
            total = total + near * logs.gather(-1, token[..., None])[..., 0]
    return total
