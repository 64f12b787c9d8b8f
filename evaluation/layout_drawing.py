"""Draws prompts with boxes: the miniature with its layout fusers, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..attention_patches.grounding_features import picture_feature, text_feature
from ..attention_patches.grounding_modules import Entities, Slot
from ..attention_patches.grounding_patch import (
    TOKENS,
    FrameTokens,
    frame_tokens,
    patch_grounding,
)
from ..miniature.loader import load_grounding
from .miniature_models import Miniature, Progress, Settings, Steering
from .oracle_score import Box


@dataclass(frozen=True)
class Boxed:
    """An entity in its box: told by a phrase, a picture (uint8 [128, 128, 3]) or both."""

    phrase: str | None
    box: Box
    picture: np.ndarray | None = None


class LayoutMiniature:
    """The miniature and its fusers; features of equal phrases and pictures are made once."""

    def __init__(self, miniature: Miniature) -> None:
        self.miniature = miniature
        self.grounding = load_grounding()
        self._said: dict[str, Tensor] = {}
        self._seen: dict[bytes, Tensor] = {}

    @torch.no_grad()
    def draw(
        self,
        prompts: Sequence[str],
        boxes: Sequence[Sequence[Boxed]],
        seeds: Sequence[int],
        alpha: float,
        settings: Settings,
        progress: Progress,
    ) -> np.ndarray:
        """Draw one picture for each prompt, uint8 [n, 128, 128, 3].

        Args:
            prompts: what is asked.
            boxes: of each picture; none for the plain model.
            seeds: of each picture's noise.
            alpha: share of the steps that heed the boxes.
            settings: steps, guidance, sampler.
            progress: called with steps done and steps in all.
        """
        steering = None
        if alpha > 0 and any(boxes):
            steering = self.steering(self.miniature.model, boxes, alpha)
        return self.miniature.sample(prompts, seeds, settings, progress, steering)

    @torch.no_grad()
    def steering(self, model: Any, boxes: Sequence[Sequence[Boxed]], alpha: float) -> Steering:
        """A model patched to heed boxes, and their tokens."""
        patched = patch_grounding(model, self.grounding, 1.0, (alpha, 0.0, 1.0 - alpha))
        told = frame_tokens(self.grounding, self._entities(boxes))
        return Steering(
            patched, lambda part: {TOKENS: FrameTokens(told.tokens[part], told.filled[part])}
        )

    def _entities(self, boxes: Sequence[Sequence[Boxed]]) -> Entities:
        model: Any = self.grounding.model
        rows = [[self._slot(entity) for entity in entities] for entities in boxes]
        return Entities.of(rows, max(map(len, boxes)), model.text_width, model.image_width)

    def _slot(self, entity: Boxed) -> Slot:
        text = None if entity.phrase is None else self._of_phrase(entity.phrase)
        image = None if entity.picture is None else self._of_picture(entity.picture)
        return Slot(entity.box, text, image)

    def _of_phrase(self, phrase: str) -> Tensor:
        if phrase not in self._said:
            self._said[phrase] = text_feature(self.grounding.model, phrase, self.miniature.clip)
        return self._said[phrase]

    def _of_picture(self, picture: np.ndarray) -> Tensor:
        key = picture.tobytes()
        if key not in self._seen:
            shown = torch.from_numpy(picture).float()[None] / 255
            vision, clip = self.miniature.vision, self.miniature.clip
            self._seen[key] = picture_feature(self.grounding.model, shown, vision, clip)
        return self._seen[key]
