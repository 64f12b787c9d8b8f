"""Draws clips from pictures of scenes: the miniature's video model, as its nodes use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import comfy.sample
import numpy as np
import torch

from ..miniature.video_loader import load_video
from ..video_models.video_conditioning_model import video_conditioning
from ..video_models.videostudio_config import AESTHETIC, FIRST
from .miniature_models import Miniature, Settings, to_bytes


class VideoRoute:
    """A scene's picture and an action become a clip.

    Args:
        miniature: the host's objects of the miniature.
        frames: of a clip.
        settings: steps, guidance, sampler.
    """

    def __init__(self, miniature: Miniature, frames: int, settings: Settings) -> None:
        self.miniature, self.frames, self.settings = miniature, frames, settings
        self.model = load_video(FIRST)

    @torch.no_grad()
    def draw(
        self,
        picture: np.ndarray,
        prompt: str,
        action: Mapping[str, float],
        seed: int,
        model: Any = None,
    ) -> np.ndarray:
        """Draw a clip, uint8 [frames, 128, 128, 3].

        Args:
            picture: of the scene, uint8 [128, 128, 3].
            prompt: of the scene.
            action: Kinetics labels with weights; none leaves it to the model.
            seed: of the noise.
            model: ``self.model`` with patches; None is without.
        """
        own, settings = self.miniature, self.settings
        pooled = own.clip.encode_from_tokens(own.clip.tokenize(prompt), return_pooled=True)[1]
        image = torch.from_numpy(picture).float()[None] / 255
        height, width = picture.shape[:2]
        positive, negative, empty = video_conditioning(
            [[None, {"pooled_output": pooled}]],
            own.vae,
            own.vision,
            image,
            (width, height),
            self.frames,
            AESTHETIC,
            action,
        )
        sampled = comfy.sample.sample(
            self.model if model is None else model,
            torch.randn(empty.shape, generator=torch.Generator().manual_seed(seed)),
            settings.steps,
            settings.cfg,
            settings.sampler,
            settings.scheduler,
            positive,
            negative,
            empty,
            disable_pbar=True,
            seed=seed,
        )
        return to_bytes(own.vae.decode(sampled[0].transpose(0, 1)))
