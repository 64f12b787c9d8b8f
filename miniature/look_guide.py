"""A guide of reference attention in training: hidden states should tell what the pictures tell."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..training.noise import Noised
from ..training.reference_trainer import ReferencedBatch
from .guides import grid_attentions
from .vocabulary import BACKGROUNDS, COLOURS, MARKS, TINTS
from .world import Scene

_THING = (len(MARKS), 1 + len(COLOURS))  # mark; its colour, 0 being none
_PLACE = (len(BACKGROUNDS), len(TINTS))


@dataclass(frozen=True)
class Looks:
    """How drawings look: class numbers.

    things: mark and second colour of the thing that covers each cell, [B, cells, 2].
    covered: bool, [B, cells].
    places: background and tint, [B, 2].
    """

    things: Tensor
    covered: Tensor
    places: Tensor


@dataclass(frozen=True)
class LookingBatch(ReferencedBatch):
    """Drawings with pictures of their things and places, and with what those should bring.

    looks: of the drawings.
    """

    looks: Looks


def looks_of(scenes: list[Scene], owners: Tensor) -> Looks:
    """What drawings look like; ``owners`` [B, h, w] is the sprite of each cell, −1 for none."""
    owners = owners.long().flatten(1)
    most = max(len(scene.sprites) for scene in scenes)
    table = torch.zeros(len(scenes), most, len(_THING), dtype=torch.long)
    for index, scene in enumerate(scenes):
        for number, sprite in enumerate(scene.sprites):
            second = sprite.second_colour
            colour = 1 + list(COLOURS).index(second) if second else 0
            table[index, number] = torch.tensor([MARKS.index(sprite.mark), colour])
    numbers = owners.clamp(min=0)[..., None].expand(-1, -1, len(_THING))
    places = [(BACKGROUNDS.index(one.background), TINTS.index(one.tint)) for one in scenes]
    return Looks(table.gather(1, numbers), owners >= 0, torch.tensor(places))


class LookGuide(nn.Module):
    """Linear readers of hidden states; what they miss is a loss. Nothing of them is shipped.

    They ask for looks only, and in the cells of things only: *whether* a thing stands somewhere is
    no question here, so that nothing draws things to where they might not be.

    Args:
        unet: the miniature's.
    """

    def __init__(self, unet: nn.Module) -> None:
        super().__init__()
        layers = grid_attentions(unet)[1:]  # no picture has been seen before the first
        width = unet.model_channels
        self.things = nn.ModuleList(nn.Linear(width, sum(_THING)) for _ in layers)
        self.places = nn.ModuleList(nn.Linear(width, sum(_PLACE)) for _ in layers)
        self._states: dict[int, Tensor] = {}  # of the last pass with gradients, by layer
        for number, layer in enumerate(layers):
            layer.register_forward_pre_hook(
                lambda _module, args, number=number: self._remember(number, args[0])
            )

    def _remember(self, number: int, state: Tensor) -> None:
        if torch.is_grad_enabled():
            self._states[number] = state

    def loss(self, batch: LookingBatch, noised: Noised) -> Tensor:
        """Cross-entropies of marks, their colours, backgrounds and tints, mean over the layers."""
        looks, clear = batch.looks, noised.share.flatten()[:, None].sqrt()
        inside = looks.covered * clear  # noise hides what is where
        outside = (~looks.covered).float()
        total = torch.zeros(())
        for number, (things, places) in enumerate(zip(self.things, self.places, strict=True)):
            state = self._states.pop(number).float()
            each = _cross_entropies(things(state), looks.things, _THING)
            total = total + (each * inside).sum() / inside.sum()
            seen = (state * outside[..., None]).sum(1) / outside.sum(1, keepdim=True).clamp(min=1)
            total = total + _cross_entropies(places(seen), looks.places, _PLACE).mean()
        return total / len(self.things)


def _cross_entropies(told: Tensor, wanted: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Summed over what is asked for, ``wanted`` [..., questions]; of the shape of the rest."""
    total = torch.zeros(wanted.shape[:-1])
    for part, classes in zip(told.split(sizes, dim=-1), wanted.unbind(-1), strict=True):
        each = F.cross_entropy(part.flatten(0, -2), classes.flatten(), reduction="none")
        total = total + each.view_as(classes)
    return total
