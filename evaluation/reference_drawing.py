"""Draws prompts with pictures of things and places: the miniature with its reference attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..attention_patches.grounding_modules import WHOLE
from ..attention_patches.reference_features import empty_tokens, picture_tokens
from ..attention_patches.reference_patch import (
    PICTURES,
    Strengths,
    patch_references,
)
from ..attention_patches.reference_run import FrameReferences
from ..miniature.loader import load_references
from .layout_drawing import Boxed, LayoutMiniature
from .miniature_models import Miniature, Progress, Settings, Steering

_NOWHERE = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Way:
    """One way of drawing.

    foreground, background: weights of the pictures of things and of places.
    regional: things' pictures act in their boxes only, the place's outside them.
    alpha: share of the steps that heed the boxes; 0 leaves layout grounding out.
    told_by: what tells the grounding which entity a box is for: "text" or "text_image".
    adapter: name of the shipped weights.
    """

    foreground: float = 0.0
    background: float = 0.0
    regional: bool = False
    alpha: float = 0.0
    told_by: str = "text"
    adapter: str = "reference"


@dataclass(frozen=True)
class Asked:
    """One picture to draw: its prompt and noise, its things, and a picture of its place.

    things: phrase, box and picture (uint8 [128, 128, 3]) of each.
    """

    prompt: str
    seed: int
    things: Sequence[Boxed]
    place: np.ndarray | None


class ReferenceMiniature:
    """The miniature, its fusers and its reference attention; tokens are made once a picture."""

    def __init__(self, miniature: Miniature) -> None:
        self.miniature = miniature
        self.layout = LayoutMiniature(miniature)
        self._adapters: dict[str, Any] = {}
        self._seen: dict[tuple[str, bytes], Tensor] = {}

    @torch.no_grad()
    def draw(
        self, asked: Sequence[Asked], way: Way, settings: Settings, progress: Progress
    ) -> np.ndarray:
        """Draw one picture for each, uint8 [n, 128, 128, 3].

        Args:
            asked: what is to be drawn, all with a picture of the place or none.
            way: how.
            settings: steps, guidance, sampler.
            progress: called with steps done and steps in all.
        """
        model, extras = self.miniature.model, []
        if way.alpha > 0:
            steering = self.layout.steering(model, [_boxes(one, way) for one in asked], way.alpha)
            model = steering.model
            extras.append(steering.extras)
        if way.foreground or way.background:
            strengths = Strengths(way.foreground, way.background)
            model = patch_references(model, self._adapter(way.adapter), strengths)
            told = self._told(asked, way)
            extras.append(lambda part: {PICTURES: _part(told, part)})
        steering = None
        if extras:
            steering = Steering(
                model, lambda part: {key: v for one in extras for key, v in one(part).items()}
            )
        return self.miniature.sample(
            [one.prompt for one in asked],
            [one.seed for one in asked],
            settings,
            progress,
            steering,
        )

    def _adapter(self, name: str) -> Any:
        if name not in self._adapters:
            self._adapters[name] = load_references(name)
        return self._adapters[name]

    def _told(self, asked: Sequence[Asked], way: Way) -> FrameReferences:
        empty = empty_tokens(self._adapter(way.adapter).model, self.miniature.vision)
        most = max(len(one.things) for one in asked)
        tokens = empty.repeat(len(asked), most, 1, 1)
        boxes = torch.tensor(_NOWHERE).repeat(len(asked), most, 1)
        for index, one in enumerate(asked):
            for number, thing in enumerate(one.things):
                tokens[index, number] = self._tokens(way.adapter, thing.picture)
                boxes[index, number] = torch.tensor(thing.box if way.regional else WHOLE)
        places = [one.place for one in asked]
        background = None
        if way.background and all(place is not None for place in places):
            background = torch.stack([self._tokens(way.adapter, place) for place in places])
        return FrameReferences(
            tokens, torch.ones(most), boxes, background, 1.0, empty, way.regional
        )

    def _tokens(self, adapter: str, picture: np.ndarray) -> Tensor:
        key = adapter, picture.tobytes()
        if key not in self._seen:
            shown = torch.from_numpy(picture).float()[None] / 255
            model = self._adapter(adapter).model
            self._seen[key] = picture_tokens(model, shown, self.miniature.vision)[0]
        return self._seen[key]


def _boxes(one: Asked, way: Way) -> list[Boxed]:
    if way.told_by == "text_image":
        return list(one.things)
    return [Boxed(thing.phrase, thing.box) for thing in one.things]


def _part(told: FrameReferences, part: slice) -> FrameReferences:
    """Those of some of the pictures."""
    return replace(
        told,
        tokens=told.tokens[part],
        boxes=told.boxes[part],
        background=None if told.background is None else told.background[part],
    )
