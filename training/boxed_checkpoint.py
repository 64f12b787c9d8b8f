"""A real checkpoint, frozen, and boxed pictures as its fusers learn from them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comfy.clip_vision
import comfy.model_base
import comfy.sd
import numpy as np
import torch
from torch import Tensor

from ..attention_patches.grounding_checkpoints import JOINT, SLOTS
from ..attention_patches.grounding_features import unit_embedding
from ..attention_patches.grounding_modules import Entities, Slot
from ..attention_patches.unet_blocks_patch import host_unet, transformers
from .boxed_pictures import Box, BoxedPicture
from .fusing import Widths, told_by
from .grounding_trainer import BoxedBatch
from .noise import Prediction

_SLOTS = SLOTS[JOINT]  # of a picture with more boxes the largest are taken
_HEAD = 64  # width of one head of the fusers' attention
_DROP_CAPTION = 0.35  # so that a caption without an entity does not overrule its box
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


class BoxedCheckpoint:
    """A frozen denoiser with batches of encoded pictures.

    Args:
        parts: of the checkpoint.
        pictures: what the fusers learn from, without end.
        batch: pictures in one step.
        seed: of what is dropped.
        device: where the denoiser runs.

    Raises:
        ValueError: a model that predicts neither eps nor v.
    """

    def __init__(
        self,
        parts: Parts,
        pictures: Iterator[BoxedPicture],
        batch: int,
        seed: int,
        device: torch.device,
    ) -> None:
        kind = parts.model.model.model_type
        if kind not in _PREDICTIONS:
            raise ValueError(
                f"the checkpoint is a {kind.name} model; fusers are trained on eps and v models"
            )
        self.parts, self.pictures, self.batch, self.seed = parts, pictures, batch, seed
        self.device, self.prediction = device, _PREDICTIONS[kind]
        self.unet = host_unet(parts.model, "train grounding").to(device, torch.float32)
        sigmas = parts.model.get_model_object("model_sampling").sigmas.float().cpu()
        self.shares = 1 / (1 + sigmas**2)
        context, pooled = self._said("")
        text = pooled.shape[-1]
        blank = np.zeros((64, 64, 3), np.uint8)
        image = text if parts.vision is None else len(self._seen(blank))
        widths = [block.norm1.weight.shape[0] for block in transformers(self.unet).values()]
        self.widths = Widths(text, image, context.shape[-1], math.gcd(_HEAD, *widths))

    def _said(self, words: str) -> tuple[Tensor, Tensor]:
        """Text features [1, n, d] and their pooled form before projection [1, d]."""
        return self.parts.clip.encode_from_tokens(
            self.parts.clip.tokenize(words), return_pooled="unprojected"
        )[:2]

    def _seen(self, picture: np.ndarray) -> Tensor:
        values = torch.from_numpy(np.array(picture)).float()[None] / 255
        return unit_embedding(self.parts.vision, values)

    @torch.no_grad()
    def draw(self, step: int, *, drop_all: float) -> BoxedBatch:
        """The next pictures, encoded; what is dropped depends on the step alone."""
        rng = np.random.default_rng([self.seed, 50, step])
        shown = [next(self.pictures) for _ in range(self.batch)]
        pixels = torch.from_numpy(np.stack([one.picture for one in shown])).float() / 255
        latents = self.parts.model.model.process_latent_in(self.parts.vae.encode(pixels).float())
        captions = ["" if rng.random() < _DROP_CAPTION else one.caption for one in shown]
        context = torch.cat([self._said(caption)[0] for caption in captions])
        asked = self._entities(shown, rng, drop_all)
        return BoxedBatch(
            latents.to(self.device), context.float().to(self.device), asked.to(self.device)
        )

    def _entities(
        self, shown: list[BoxedPicture], rng: np.random.Generator, drop_all: float
    ) -> Entities:
        """Slots filled with each picture's boxes, told by text, by their cut-out, or by both."""
        rows = [
            [] if rng.random() < drop_all else [self._slot(one, *box, rng) for box in _largest(one)]
            for one in shown
        ]
        return Entities.of(rows, _SLOTS, self.widths.text, self.widths.image)

    def _slot(self, one: BoxedPicture, phrase: str, box: Box, rng: np.random.Generator) -> Slot:
        by_text, by_picture = (True, False) if self.parts.vision is None else told_by(rng)
        text = self._said(phrase)[1][0].float().cpu() if by_text else None
        x0, y0, x1, y1 = (round(value * len(one.picture)) for value in box)
        image = self._seen(one.picture[y0 : y1 + 1, x0 : x1 + 1]) if by_picture else None
        return Slot(box, text, image)

    def digests(self) -> dict[str, str]:
        """SHA-256 of the checkpoint file."""
        return {"checkpoint": self.parts.digest}


def _largest(one: BoxedPicture) -> list[tuple[str, Box]]:
    """The boxes that have a slot, the largest first."""
    by_area = sorted(one.boxes, key=lambda b: (b[1][0] - b[1][2]) * (b[1][3] - b[1][1]))
    return by_area[:_SLOTS]
