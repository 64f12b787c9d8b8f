"""Batches of encoded clips, and what the video model is told of them in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..video_models.action_matching import indicator
from ..video_models.videostudio_config import AESTHETIC
from ..video_models.videostudio_unet import sinusoids
from .batches import frozen_text_model
from .captions import Caption, Style, write_caption
from .clip_pool import ClipPool
from .clip_truth import ClipTruth, truth_of_clips
from .clips import Clip
from .entities import frozen_vision_model
from .text import caption_rows
from .training import latent_scale
from .video import SIZE_WIDTH
from .vision import IMAGE_SIZE, normalise

_DROP, _DROP_CAPTION = 0.1, 0.3
_STILL = 0.25  # share of clips in which nothing is done; half of them for the camera that moves
_TWO = 0.5  # share of clips with two things: what looks how is harder to keep apart than to keep
_STYLE = Style(place=0.0, verb=0.0)  # neither where things are nor what they do


@dataclass(frozen=True)
class Chosen:
    """What chance chose for one step.

    clips: numbers of clips in all pools after one another, [B].
    captions: rows of the text encoder's table, [B, 77].
    actions: indicator vectors, [B, 400].
    kept: 0 for clips told of the picture's latent alone, else 1, [B, 1].
    camera: whether a clip's camera moves, bool, [B].
    truth: what is where in them.
    """

    clips: Tensor
    captions: Tensor
    actions: Tensor
    kept: Tensor
    camera: Tensor
    truth: ClipTruth


@dataclass(frozen=True)
class VideoBatch:
    """What one step learns from, on the device that trains but for ``camera``.

    latents: standardised, [B, C, F, 16, 16].
    truth: what is where in them.
    camera: whether a clip's camera moves, bool, [B], on the CPU.
    told: keyword arguments of the model.
    """

    latents: Tensor
    truth: ClipTruth
    camera: Tensor
    told: dict[str, Tensor]


class ClipChoices(Dataset[Chosen]):
    """Choices by number of step, made on the CPU and by processes beside the training.

    Args:
        moving: clips with an action.
        still: the same without, by kinds that come equally often.
        batch: clips in one.
        seed: of everything random.
    """

    def __init__(
        self, moving: Sequence[Clip], still: Sequence[Sequence[Clip]], batch: int, seed: int
    ) -> None:
        self.pools, self.batch, self.seed = (moving, *still), batch, seed
        self.starts = np.cumsum([0, *(len(pool) for pool in self.pools)])
        self.alike = [_by_count(pool) for pool in self.pools]

    def __getitem__(self, step: int) -> Chosen:
        return self.choose(step)

    def choose(
        self, step: int, *, batch: int | None = None, drop: float = _DROP, still: float = _STILL
    ) -> Chosen:
        """Clips, captions written anew.

        Args:
            step: of the training.
            batch: clips, where not as many as ever.
            drop: share told of the picture's latent alone.
            still: share of clips in which nothing is done.
        """
        batch = batch or self.batch
        rng = np.random.default_rng([self.seed, 71, step])
        stand = 1 + rng.integers(len(self.pools) - 1, size=batch)
        pools = np.where(rng.random(batch) < still, stand, 0)
        chosen = [(int(number), self._one_of(number, rng)) for number in pools]
        clips = [self.pools[number][index] for number, index in chosen]
        rows, actions = [], []
        for clip in clips:
            silent = rng.random() < _DROP_CAPTION
            caption = Caption() if silent else write_caption(clip.frames[0], rng, _STYLE)
            rows.append(caption_rows(caption)[0])
            actions.append(indicator({clip.label: 1.0} if clip.label else {}))
        kept = (rng.random(batch) >= drop).astype(np.float32)
        return Chosen(
            torch.tensor([self.starts[number] + index for number, index in chosen]),
            torch.tensor(rows),
            torch.from_numpy(np.stack(actions)).float(),
            torch.from_numpy(kept)[:, None],
            torch.tensor([clip.moving_camera for clip in clips]),
            truth_of_clips(clips),
        )

    def _one_of(self, number: int, rng: np.random.Generator) -> int:
        alike = self.alike[number][int(rng.random() < _TWO)]
        return int(rng.choice(alike if len(alike) else len(self.pools[number])))


def _by_count(pool: Sequence[Clip]) -> tuple[np.ndarray, np.ndarray]:
    """Which clips show one thing, and which more."""
    counts = np.array([len(clip.frames[0].sprites) for clip in pool])
    return np.flatnonzero(counts <= 1), np.flatnonzero(counts > 1)


class Clips:
    """Batches of clips with what the model is told of them.

    Args:
        moving, still, batch, seed: as of ``ClipChoices``.
        device: where batches are wanted.
    """

    def __init__(
        self,
        moving: ClipPool,
        still: Sequence[ClipPool],
        batch: int,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        pools = (moving, *still)
        self.choices = ClipChoices(moving.clips, [pool.clips for pool in still], batch, seed)
        self.latents = torch.cat([pool.latents for pool in pools]).to(device)
        self.pictures = torch.cat([pool.pictures for pool in pools]).to(device)
        self.text_model = frozen_text_model().to(device)
        self.vision = frozen_vision_model().to(device)
        self.mean, self.std = (part[:, None, None, None].to(device) for part in latent_scale())
        sizes = torch.tensor([IMAGE_SIZE, IMAGE_SIZE, 0, 0, IMAGE_SIZE, IMAGE_SIZE])
        self.sizes = sinusoids(sizes, SIZE_WIDTH).flatten().to(device)
        self.device = device

    def draw(self, step: int, **how: Any) -> VideoBatch:
        """Choose (see ``ClipChoices.choose``) and tell."""
        return self.tell(self.choices.choose(step, **how))

    @torch.no_grad()
    def tell(self, chosen: Chosen) -> VideoBatch:
        """Gather what was chosen, and encode what the model is told of it."""
        clips, captions, actions, kept = (
            part.to(self.device)
            for part in (chosen.clips, chosen.captions, chosen.actions, chosen.kept)
        )
        pooled = self.text_model.text_model(input_ids=captions).pooler_output.float()
        pictures = self.pictures[clips].permute(0, 3, 1, 2).float() / 255
        seen = self.vision.vision_model(normalise(pictures))
        latents = (self.latents[clips].float() - self.mean) / self.std
        told = {
            "context": seen.last_hidden_state * kept[:, :, None],
            "y": torch.cat([pooled * kept, self.sizes.expand(len(kept), -1)], dim=-1),
            "image_pooled": seen.pooler_output,
            "action": actions * kept,
            "aesthetic": torch.full((len(kept),), AESTHETIC, device=self.device),
            "reference": latents[:, :, :1],
        }
        return VideoBatch(latents, chosen.truth.to(self.device), chosen.camera, told)
