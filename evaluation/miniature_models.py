"""Runs the shipped miniature through the host, in this process and in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import comfy.model_management
import comfy.sample
import comfy.samplers
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..miniature.loader import load_miniature
from ..sampling.shared_noise_patch import adds_noise, step_noise

_BATCH = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Settings:
    """How pictures are sampled; the defaults are those of the shipped workflow."""

    steps: int = 25
    cfg: float = 3.0
    sampler: str = "euler_ancestral"
    scheduler: str = "normal"


@dataclass(frozen=True)
class Steering:
    """A patched model, and what the positive conditioning of some of the pictures carries."""

    model: Any
    extras: Callable[[slice], dict[str, Any]]


def to_bytes(pictures: Tensor) -> np.ndarray:
    """Pictures in 0–1 as uint8, rounded like the host saves them."""
    return (pictures.clamp(0, 1) * 255).round().byte().cpu().numpy()


class Miniature:
    """The host's four objects, used as its nodes use them."""

    def __init__(self) -> None:
        self.model, self.clip, self.vae, self.vision = load_miniature()

    @torch.no_grad()
    def encode(self, prompts: Sequence[str]) -> Tensor:
        """Text features of prompts, each [77, width], stacked."""
        return torch.cat(
            [self.clip.encode_from_tokens(self.clip.tokenize(prompt)) for prompt in prompts]
        )

    def sample(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        settings: Settings,
        progress: Progress,
        steering: Steering | None = None,
    ) -> np.ndarray:
        """Draw one picture for each prompt.

        Args:
            prompts: what is asked.
            seeds: of each picture's noise.
            settings: steps, guidance, sampler.
            progress: called with steps done and steps in all.
            steering: what else the pictures heed; None draws with the plain model.

        Returns:
            uint8 [n, 128, 128, 3].
        """
        batches = [
            range(at, min(at + _BATCH, len(prompts))) for at in range(0, len(prompts), _BATCH)
        ]
        pictures = []
        for number, batch in enumerate(batches):
            done = number * settings.steps

            def step(index: int, *_: Any, done: int = done) -> None:
                progress(done + index + 1, len(batches) * settings.steps)

            latents = self._sample_batch(
                [prompts[index] for index in batch],
                [seeds[index] for index in batch],
                settings,
                step,
                *(
                    ()
                    if steering is None
                    else (steering.model, steering.extras(slice(batch.start, batch.stop)))
                ),
            )
            pictures.append(to_bytes(self.vae.decode(latents)))
        return np.concatenate(pictures)

    def sample_clip(
        self, model: Any, prompts: Sequence[str], seed: int, settings: Settings
    ) -> np.ndarray:
        """Draw the frames of a clip together, all from one noise.

        Args:
            model: the miniature's MODEL, patched or not.
            prompts: of the frames.
            seed: of the noise.
            settings: steps, guidance, sampler.

        Returns:
            uint8 [frames, 128, 128, 3].
        """
        seeds = [seed] * len(prompts)
        latents = self._sample_batch(list(prompts), seeds, settings, lambda *_: None, model)
        return to_bytes(self.vae.decode(latents))

    def _sample_batch(
        self,
        prompts: list[str],
        seeds: list[int],
        settings: Settings,
        step: Callable[..., None],
        model: Any = None,
        extras: dict[str, Any] | None = None,
    ) -> Tensor:
        noise = torch.stack([self._noise(seed) for seed in seeds])
        sampling = self.model.get_model_object("model_sampling")
        sigmas = comfy.samplers.calculate_sigmas(sampling, settings.scheduler, settings.steps)
        sampler = comfy.samplers.sampler_object(settings.sampler)
        if adds_noise(sampler):  # a picture must not depend on those it is drawn with
            own = step_noise(noise, sigmas, seeds)
            sampler = comfy.samplers.ksampler(settings.sampler, {"noise_sampler": own})
        return comfy.sample.sample_custom(
            model or self.model,
            noise,
            settings.cfg,
            sampler,
            sigmas,
            [[self.encode(prompts), extras or {}]],
            [[self.encode([""]), {}]],
            torch.zeros_like(noise),
            callback=step,
            disable_pbar=True,
            seed=seeds[0],
        )

    def _noise(self, seed: int) -> Tensor:
        channels = self.model.model.latent_format.latent_channels
        return torch.randn(channels, 16, 16, generator=torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def encode_pictures(self, pictures: np.ndarray) -> Tensor:
        """Latents [n, channels, 16, 16] of pictures, uint8 [n, 128, 128, 3]."""
        values = torch.from_numpy(pictures).float() / 255
        return torch.cat([self.vae.encode(part) for part in values.split(_BATCH)])

    def reconstruct(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures, uint8 [n, 128, 128, 3], after the autoencoder."""
        parts = self.encode_pictures(pictures).split(_BATCH)
        return np.concatenate([to_bytes(self.vae.decode(part)) for part in parts])

    @torch.no_grad()
    def embed_pictures(self, pictures: np.ndarray) -> Tensor:
        """Unit image embeddings [n, width] of pictures, uint8 [n, 128, 128, 3]."""
        values = torch.from_numpy(pictures).float() / 255
        parts = [self.vision.encode_image(part)["image_embeds"] for part in values.split(_BATCH)]
        return F.normalize(torch.cat(parts).float().cpu(), dim=-1)

    @torch.no_grad()
    def embed_texts(self, prompts: Sequence[str]) -> Tensor:
        """Unit text embeddings [n, width] of prompts."""
        # The host hands on CLIP-L's pooled token unprojected; the projection is in the encoder.
        project = self.clip.cond_stage_model.clip_l.transformer.text_projection
        pooled = torch.cat(
            [
                self.clip.encode_from_tokens(self.clip.tokenize(prompt), return_pooled=True)[1]
                for prompt in prompts
            ]
        )
        return F.normalize(project(pooled.to(project.weight)).float().cpu(), dim=-1)
