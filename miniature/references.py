"""What reference attention is trained on in the miniature: drawings told by their own cut-outs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..attention_patches.grounding_modules import WHOLE
from ..attention_patches.reference_checkpoints import GLOBAL
from ..training.referring import Told
from .backgrounds import draw_background
from .vision import CONFIG, IMAGE_SIZE, normalise
from .world import Scene, Sprite, draw_cutout, sample_scene, sprite_mask

_GREY = 127
_LENGTHS = (72, 90, 108)  # sizes in which a reference picture may show a sprite
# What a drawing is told by: things and place, things alone, the place alone.
_PARTS = ((True, True), (True, False), (False, True))
_PART_SHARES = (0.7, 0.18, 0.12)
_REGIONAL = 0.5
_MOST_HOLES = 2
_HOLES = 7  # of ten places whose things were cut away, as a reference picture's are


class Encoder:
    """Pictures as one form of tokens takes them; all are kept, since every one comes often."""

    def __init__(self, vision: nn.Module, form: str) -> None:
        self.vision, self.form = vision, form
        self._kept: dict[Any, Tensor] = {}  # of a local token's 66 kB a picture
        # No picture is told as adapters are told of none: see reference_features.empty_tokens.
        self.none = torch.zeros_like(
            self._encode(torch.zeros(1, 3, IMAGE_SIZE, IMAGE_SIZE))[0]
        ).half()

    @torch.no_grad()
    def _encode(self, normalised: Tensor) -> Tensor:
        seen = self.vision(normalised, output_hidden_states=True)
        return seen.image_embeds if self.form == GLOBAL else seen.hidden_states[-2]

    def of_pictures(self, pictures: np.ndarray) -> Tensor:
        """What the encoder gives for uint8 [n, 128, 128, 3]."""
        values = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
        return self._encode(normalise(values)).half()

    def of_sprites(self, asked: list[tuple[Sprite, int]]) -> list[Tensor]:
        """What it gives for cut-outs of sprites, each of the longer side asked for."""
        keys = [
            (s.kind, s.colour, s.mark, s.second_colour, s.mirrored, longest) for s, longest in asked
        ]
        new = {key: one for key, one in zip(keys, asked, strict=True) if key not in self._kept}
        if new:
            drawn = np.stack([draw_cutout(*one) for one in new.values()])
            self._kept |= dict(zip(new, self.of_pictures(drawn), strict=True))
        return [self._kept[key] for key in keys]

    def of_places(self, scenes: list[Scene]) -> list[Tensor]:
        """What it gives for the places of drawings; from most of them things were cut away."""
        keys = [scene.texture_seed for scene in scenes]
        new = {key: one for key, one in zip(keys, scenes, strict=True) if key not in self._kept}
        if new:
            drawn = [draw_place(one, cut=key % 10 < _HOLES) for key, one in new.items()]
            self._kept |= dict(zip(new, self.of_pictures(np.stack(drawn)), strict=True))
        return [self._kept[key] for key in keys]


def image_width(form: str) -> int:
    """Width of what the encoder gives."""
    return CONFIG["projection_dim"] if form == GLOBAL else CONFIG["hidden_size"]


def draw_place(scene: Scene, *, cut: bool) -> np.ndarray:
    """A scene's place as a reference picture shows it, uint8 [128, 128, 3].

    ``cut`` leaves grey where things were taken out: other things than the scene's own, since the
    reference picture is another picture than what is to be drawn. Holes where the own things
    stand would tell where to draw them, and that is what would be learnt.
    """
    rng = np.random.default_rng(scene.texture_seed)
    picture = draw_background(scene.background, scene.tint, scene.horizon, rng)
    if cut:
        for sprite in sample_scene(rng).sprites[:_MOST_HOLES]:
            share = sprite_mask(sprite)[..., None]
            picture = picture * (1 - share) + _GREY * share
    return picture.clip(0, 255).astype(np.uint8)


def draw_told(
    scenes: list[Scene], encoder: Encoder, rng: np.random.Generator, *, drop_all: float
) -> tuple[Told, Tensor]:
    """Tell drawings by their own things and places, cut out.

    Args:
        scenes: one per drawing of the batch.
        encoder: what makes features.
        rng: the only source of chance.
        drop_all: share of drawings told of no pictures, for guidance.

    Returns:
        What is told, and the boxes of the things themselves, [B, p, 4], p being the most there are
        in one drawing.
    """
    batch, most = len(scenes), max(len(scene.sprites) for scene in scenes)
    own = torch.zeros(batch, most, 4)
    boxes = torch.zeros(batch, most, 4)
    filled = torch.zeros(batch, most, dtype=torch.bool)
    regional = torch.zeros(batch, dtype=torch.bool)
    behind_weight = torch.zeros(batch)
    pictures = encoder.none.repeat(batch, most, *(1 for _ in encoder.none.shape))
    behind = encoder.none.repeat(batch, *(1 for _ in encoder.none.shape))
    asked: list[tuple[tuple[int, int], Sprite, int]] = []
    places: list[int] = []
    for index, scene in enumerate(scenes):
        things, place = _PARTS[int(rng.choice(len(_PARTS), p=_PART_SHARES))]
        dropped = bool(rng.random() < drop_all)
        regional[index] = bool(rng.random() < _REGIONAL)
        for number, sprite in enumerate(scene.sprites):
            longest = _LENGTHS[int(rng.integers(len(_LENGTHS)))]
            if things:
                own[index, number] = torch.tensor(sprite.box)
                boxes[index, number] = torch.tensor(sprite.box if regional[index] else WHOLE)
                filled[index, number] = True
                if not dropped:
                    asked.append(((index, number), sprite, longest))
        if place:
            behind_weight[index] = 1.0
            if not dropped:
                places.append(index)
    for (where, _, _), seen in zip(
        asked, encoder.of_sprites([(sprite, longest) for _, sprite, longest in asked]), strict=True
    ):
        pictures[where] = seen
    if places:
        behind[places] = torch.stack(encoder.of_places([scenes[at] for at in places]))
    told = Told(pictures.float(), filled, boxes, behind.float(), behind_weight, regional)
    return told, own
