"""What one sampling knows of the pictures of entities: one table, and keys and values from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from .functional.boxes import cell_coverage
from .functional.frames import one_per_frame
from .functional.reference_attention import weighted
from .grounding_checkpoints import Place
from .grounding_modules import WHOLE
from .reference_checkpoints import ReferenceAdapter
from .unet_blocks_patch import transformers

NODE = "Apply Reference Attention"


@dataclass(frozen=True)
class FrameReferences:
    """Pictures of a clip's entities as tokens; sets are one for all frames, or one for each.

    tokens: of the foreground's pictures, [sets, pictures, tokens, width].
    weights: of the pictures, [pictures].
    boxes: where each picture's tokens act, xyxy in 0–1, [frames, pictures, 4]; one without area
        acts nowhere in that frame.
    background: tokens of the background's picture, [sets, tokens, width], or None.
    background_weight: of that picture.
    empty: tokens of no picture, [tokens, width].
    regional: whether the background is left to what lies outside all boxes.
    """

    tokens: Tensor
    weights: Tensor
    boxes: Tensor
    background: Tensor | None
    background_weight: float
    empty: Tensor
    regional: bool


class ReferenceRun:
    """One sampling: the pictures of all its conditions, and keys and values made from them.

    Row ``i`` stands for frame ``i % frames`` of condition ``i // frames``; ``set_of`` says which
    set of pictures it is told of.
    """

    def __init__(
        self,
        adapter: ReferenceAdapter,
        found: Sequence[FrameReferences | None],
        frames: int,
        unet: Any,
    ) -> None:
        self.adapter = adapter
        self.blocks = transformers(unet)
        self.numbers = {place: number for number, place in enumerate(self.blocks)}
        first = next(one for one in found if one is not None)
        most = max(one.tokens.shape[1] for one in found if one is not None)
        # The negative is told of no picture, in the very places where the positive is told of one.
        told = [_without_pictures(first) if one is None else one for one in found]
        told = [_filled_up(one, most) for one in told]
        self.tokens = torch.cat([one.tokens.flatten(1, 2) for one in told])
        self.background = torch.cat([_behind(one) for one in told])
        self.weights = torch.cat([one.weights.expand(len(one.tokens), -1) for one in told])
        self.owners = torch.arange(most).repeat_interleave(first.tokens.shape[2])
        self.set_of = _sets_of(told, frames)
        self.boxes = torch.cat(
            [one_per_frame(one.boxes, frames, "references", NODE) for one in told]
        )
        self.whole = bool((self.boxes == torch.tensor(WHOLE)).all())
        self.background_weights = torch.tensor(
            [0.0 if one.background is None else one.background_weight for one in told]
        ).repeat_interleave(frames)
        self.regional = torch.tensor([one.regional for one in told]).repeat_interleave(frames)
        self.projected: dict[tuple[Place, str], tuple[Tensor, Tensor]] = {}
        self.shares: dict[tuple[int, int], Tensor] = {}

    def foreground(self, place: Place, like: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of all sets' foreground pictures, [sets, m, d]."""
        key = place, "foreground"
        if key not in self.projected:
            layer = self.adapter.layers[self.numbers[place]]
            keys, values = layer.foreground(self.tokens.to(like))
            scaled = [
                weighted(of_set, weights, self.owners.to(like.device))
                for of_set, weights in zip(values, self.weights, strict=True)
            ]
            self.projected[key] = keys, torch.stack(scaled)
        return self.projected[key]

    def behind(self, place: Place, like: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of all sets' backgrounds, [sets, m, d]."""
        key = place, "background"
        if key not in self.projected:
            layer = self.adapter.layers[self.numbers[place]]
            self.projected[key] = layer.background(self.background.to(like))
        return self.projected[key]

    def shares_of(self, height: int, width: int, like: Tensor) -> Tensor:
        """What share of each cell is each picture's, [rows, cells, pictures]."""
        key = height, width
        if key not in self.shares:
            self.shares[key] = cell_coverage(self.boxes, height, width).to(like.device)
        return self.shares[key]


def _without_pictures(like: FrameReferences) -> FrameReferences:
    """The same with tokens of no picture."""
    return replace(
        like,
        tokens=like.empty.expand(1, *like.tokens.shape[1:]),
        background=None if like.background is None else like.empty[None],
    )


def _filled_up(one: FrameReferences, pictures: int) -> FrameReferences:
    """The same with pictures that act nowhere, up to a number."""
    missing = pictures - one.tokens.shape[1]
    if not missing:
        return one
    spare = one.empty.expand(len(one.tokens), missing, -1, -1)
    return replace(
        one,
        tokens=torch.cat([one.tokens, spare], dim=1),
        weights=torch.cat([one.weights, torch.zeros(missing)]),
        boxes=torch.cat([one.boxes, torch.zeros(len(one.boxes), missing, 4)], dim=1),
    )


def _behind(one: FrameReferences) -> Tensor:
    """Tokens of the background of every set, those of no picture where there is none."""
    behind = one.empty[None] if one.background is None else one.background
    return behind.expand(len(one.tokens), -1, -1)


def _sets_of(told: Sequence[FrameReferences], frames: int) -> Tensor:
    """Number of the set of pictures of every row."""
    rows, before = [], 0
    for one in told:
        own = torch.zeros(frames, dtype=torch.long)
        if len(one.tokens) > 1:
            own = torch.arange(frames)
        rows.append(before + own)
        before += len(one.tokens)
    return torch.cat(rows)
