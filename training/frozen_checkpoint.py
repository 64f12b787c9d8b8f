"""A real checkpoint, frozen, as modules beside its denoiser are trained on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comfy.clip_vision
import comfy.model_base
import comfy.sd
import numpy as np
import torch
from torch import Tensor

from ..attention_patches.unet_blocks_patch import host_unet
from .boxed_pictures import BoxedPicture
from .noise import Prediction

_PREDICTIONS: dict[comfy.model_base.ModelType, Prediction] = {
    comfy.model_base.ModelType.EPS: "eps",
    comfy.model_base.ModelType.V_PREDICTION: "v",
}


@dataclass(frozen=True)
class Parts:
    """The host's objects of one checkpoint; ``digest`` is the SHA-256 of its file."""

    model: Any
    clip: Any
    vae: Any
    vision: Any
    digest: str


def read_parts(checkpoint: Path, clip_vision: Path | None) -> Parts:
    """Load a checkpoint file and, where it is given, an image encoder.

    Raises:
        ValueError: a checkpoint without UNet, CLIP or VAE.
    """
    model, clip, vae = comfy.sd.load_checkpoint_guess_config(str(checkpoint))[:3]
    if model is None or clip is None or vae is None:
        raise ValueError(f"{checkpoint.name} must hold a UNet, a CLIP and a VAE; it lacks one")
    vision = comfy.clip_vision.load(str(clip_vision)) if clip_vision else None
    made = hashlib.sha256()
    with checkpoint.open("rb") as file:
        while block := file.read(1 << 24):
            made.update(block)
    return Parts(model, clip, vae, vision, made.hexdigest())


class FrozenCheckpoint:
    """A frozen denoiser, and pictures encoded for it.

    Args:
        parts: of the checkpoint.
        pictures: what is learnt from, without end.
        batch: pictures in one step.
        seed: of what is dropped.
        device: where the denoiser runs.
        node: who asks, for errors.

    Raises:
        ValueError: a model that predicts neither eps nor v, or whose denoiser is no UNet.
    """

    def __init__(
        self,
        parts: Parts,
        pictures: Iterator[BoxedPicture],
        batch: int,
        seed: int,
        device: torch.device,
        node: str,
    ) -> None:
        kind = parts.model.model.model_type
        if kind not in _PREDICTIONS:
            raise ValueError(
                f"{node}: the checkpoint is a {kind.name} model; training knows eps and v models"
            )
        self.parts, self.pictures, self.batch, self.seed = parts, pictures, batch, seed
        self.device, self.prediction = device, _PREDICTIONS[kind]
        self.unet = host_unet(parts.model, node).to(device, torch.float32)
        sigmas = parts.model.get_model_object("model_sampling").sigmas.float().cpu()
        self.shares = 1 / (1 + sigmas**2)

    def digests(self) -> dict[str, str]:
        """SHA-256 of the checkpoint file."""
        return {"checkpoint": self.parts.digest}

    def said(self, words: str) -> tuple[Tensor, Tensor]:
        """Text features [1, n, d] and their pooled form before projection [1, d]."""
        return self.parts.clip.encode_from_tokens(
            self.parts.clip.tokenize(words), return_pooled="unprojected"
        )[:2]

    @torch.no_grad()
    def encoded(
        self, shown: Sequence[BoxedPicture], rng: np.random.Generator, drop_caption: float
    ) -> tuple[Tensor, Tensor]:
        """Latents and text features of pictures, some of them without their caption."""
        pixels = torch.from_numpy(np.stack([one.picture for one in shown])).float() / 255
        latents = self.parts.model.model.process_latent_in(self.parts.vae.encode(pixels).float())
        captions = ["" if rng.random() < drop_caption else one.caption for one in shown]
        context = torch.cat([self.said(caption)[0] for caption in captions])
        return latents.to(self.device), context.float().to(self.device)
