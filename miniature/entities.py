"""What grounding tokens are made of in the miniature: boxes and features of a scene's things."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..attention_patches.grounding_checkpoints import JOINT
from ..attention_patches.grounding_checkpoints import SLOTS as slots_of
from ..attention_patches.grounding_modules import WHOLE, Entities
from ..training.fusing import told_by
from .captions import Caption, said_mark
from .text import caption_rows
from .training import load_shipped
from .vision import build_vision_model, normalise
from .vocabulary import PLACES
from .world import Scene, Sprite, draw_cutout

SLOTS = slots_of[JOINT]
_LENGTHS = (64, 88, 112)  # sizes in which a reference picture may show a sprite


class Features:
    """Text and image features of sprites; those of pictures are kept, there are few."""

    def __init__(self, text_model: nn.Module, vision: nn.Module) -> None:
        self.text_model, self.vision = text_model, vision
        self._seen: dict[Any, Tensor] = {}

    @torch.no_grad()
    def of_texts(self, phrases: list[str]) -> Tensor:
        """Pooled text features before projection, [n, width]."""
        rows = [caption_rows(Caption(words=phrase.split()))[0] for phrase in phrases]
        return self.text_model.text_model(input_ids=torch.tensor(rows)).pooler_output.float()

    @torch.no_grad()
    def of_picture(self, sprite: Sprite, longest: int) -> Tensor:
        """Unit image embedding of a sprite's reference picture, [width]."""
        look = (
            sprite.kind,
            sprite.colour,
            sprite.mark,
            sprite.second_colour,
            sprite.mirrored,
            longest,
        )
        if look not in self._seen:
            picture = torch.from_numpy(draw_cutout(sprite, longest)).permute(2, 0, 1)[None]
            embedded = self.vision(normalise(picture.float() / 255)).image_embeds
            self._seen[look] = F.normalize(embedded.float(), dim=-1)[0]
        return self._seen[look]


def frozen_vision_model() -> nn.Module:
    """The shipped image encoder, in full precision and frozen."""
    model = build_vision_model()
    load_shipped(model, "vision_encoder", "clip")
    return model.eval().requires_grad_(False)


def phrase_of(sprite: Sprite, rng: np.random.Generator) -> str:
    """A name for a sprite, as plans have them: "red ball", "a red ball with a blue dot"."""
    words = f"{sprite.colour} {sprite.kind}"
    if sprite.second_colour and rng.random() < 0.5:
        words += f" {said_mark(sprite)}"
    return f"a {words}" if rng.random() < 0.3 else words


def place_word(place: str) -> str:
    """A place as an entity is called: "meadow"."""
    return PLACES[place][0].split()[-1]


def draw_entities(
    scenes: list[Scene],
    features: Features,
    rng: np.random.Generator,
    *,
    drop_all: float = 0.12,
    background: float = 0.3,
) -> Entities:
    """Fill slots with the things of each scene, each with text, a picture or both.

    Args:
        scenes: one per picture of the batch.
        features: what makes features.
        rng: the only source of chance.
        drop_all: share of pictures without any box, for guidance.
        background: share of the others in which the place is an entity of the whole frame.
    """
    boxes = torch.zeros(len(scenes), SLOTS, 4)
    has_text, has_image = (torch.zeros(len(scenes), SLOTS, dtype=torch.bool) for _ in range(2))
    image = torch.zeros(len(scenes), SLOTS, features.vision.config.projection_dim)
    phrases: list[str] = []
    for index, scene in enumerate(scenes):
        if rng.random() < drop_all:
            continue
        for slot, sprite in enumerate(scene.sprites):
            boxes[index, slot] = torch.tensor(sprite.box)
            has_text[index, slot], has_image[index, slot] = told_by(rng)
            if has_text[index, slot]:
                phrases.append(phrase_of(sprite, rng))
            if has_image[index, slot]:
                longest = _LENGTHS[int(rng.integers(len(_LENGTHS)))]
                image[index, slot] = features.of_picture(sprite, longest)
        if rng.random() < background:
            slot = len(scene.sprites)
            boxes[index, slot], has_text[index, slot] = torch.tensor(WHOLE), True
            phrases.append(place_word(scene.background))
    text = torch.zeros(len(scenes), SLOTS, features.text_model.config.hidden_size)
    if phrases:
        text[has_text] = features.of_texts(phrases)  # in order of picture, then of slot
    return Entities(boxes, text, image, has_text, has_image)
