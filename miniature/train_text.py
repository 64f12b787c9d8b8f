"""Train the text encoder on what captions say: ``director.py train text``.

Each noun phrase must tell, at its last word, the kind, colour, size, place, mark and relation it
spoke of; the end token must tell everything at once. These labels bind colours to nouns in
minutes, which the contrastive task of ``train_clip`` alone takes far longer to do.
"""

from __future__ import annotations

import argparse
import logging
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..training.precision import mixed_precision
from ..training.running import cosine_rate, load_checkpoint, save_checkpoint
from .captions import Caption, write_caption
from .text import CONFIG, WIDTH, build_text_model, caption_rows
from .training import RUNS, ship
from .vocabulary import BACKGROUNDS, COLOURS, KINDS, MARKS
from .world import Scene, sample_scene

log = logging.getLogger(__name__)
CHECKPOINT = RUNS / "text" / "last.pt"
_VALUES: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "colour": tuple(COLOURS),
    "size": ("small", "large"),
    "cell": tuple(str(cell) for cell in range(9)),
    "mark": MARKS[1:],
    "second": tuple(COLOURS),
    "relation": ("left", "right", "above", "below"),
    "count": ("1", "2", "3", "4"),
}
# What a noun's own token can know: CLIP's attention is causal.
_AT_NOUN = ("kind", "colour", "size", "count")


def _value(name: str, says: dict[str, str]) -> int:
    """Index of a said value; 0 is "not said"."""
    return 0 if name not in says else 1 + _VALUES[name].index(says[name])


class Heads(nn.Module):
    """Throw-away linear readers of the hidden states."""

    def __init__(self) -> None:
        super().__init__()
        self.phrase = nn.ModuleDict(
            {name: nn.Linear(WIDTH, 1 + len(values)) for name, values in _VALUES.items()}
        )
        self.pairs = nn.Linear(WIDTH, len(KINDS) * (1 + len(COLOURS)))
        self.cells = nn.Linear(WIDTH, len(KINDS) * 9)
        self.background = nn.Linear(WIDTH, 1 + len(BACKGROUNDS))


def phrase_labels(caption: Caption, places: list[int]) -> list[tuple[int, dict[str, int]]]:
    """Pairs of token place and the values that can be read there (-100: not to be asked)."""
    labels = []
    for mention in caption.mentions:
        says = {**mention.says, "count": str(len(mention.sprites))}
        values = {name: _value(name, says) for name in _VALUES}
        last = max(*mention.words, mention.noun)
        labels.append((places[last], values))
        if last != mention.noun:
            early = {n: values[n] if n in _AT_NOUN else -100 for n in _VALUES}
            labels.append((places[mention.noun], early))
    return labels


def _whole_labels(caption: Caption, scene: Scene) -> tuple[Tensor, Tensor, int]:
    pairs = torch.zeros(len(KINDS), 1 + len(COLOURS))
    cells = torch.zeros(len(KINDS), 9)
    for mention in caption.mentions:
        kind = KINDS.index(mention.says["kind"])
        pairs[kind, _value("colour", mention.says)] = 1
        if "cell" in mention.says:
            cells[kind, int(mention.says["cell"])] = 1
    background = 1 + BACKGROUNDS.index(scene.background) if caption.background else 0
    return pairs.flatten(), cells.flatten(), background


def _batch(rng: np.random.Generator, size: int) -> dict[str, Tensor]:
    rows, where, phrases, wholes = [], [], [], []
    for index in range(size):
        scene = sample_scene(rng)
        caption = write_caption(scene, rng)
        row, places = caption_rows(caption)
        rows.append(row)
        for place, values in phrase_labels(caption, places):
            where.append((index, place))
            phrases.append([values[name] for name in _VALUES])
        wholes.append(_whole_labels(caption, scene))
    # Padding is all alike: a dozen of it is enough to learn from and far quicker than all.
    longest = max(row.index(1) for row in rows) + 12
    return {
        "rows": torch.tensor(rows)[:, :longest],
        "where": torch.tensor(where),
        "phrases": torch.tensor(phrases),
        "pairs": torch.stack([whole[0] for whole in wholes]),
        "cells": torch.stack([whole[1] for whole in wholes]),
        "background": torch.tensor([whole[2] for whole in wholes]),
    }


def _loss(hidden: Tensor, batch: dict[str, Tensor], heads: Heads) -> tuple[Tensor, float]:
    """Sum of the label losses, and the share of phrases whose colour is read rightly."""
    at_phrase = hidden[batch["where"][:, 0], batch["where"][:, 1]]
    loss = hidden.new_zeros(())
    for column, name in enumerate(_VALUES):
        logits = heads.phrase[name](at_phrase)
        loss = loss + F.cross_entropy(logits, batch["phrases"][:, column], ignore_index=-100)
        if name == "colour":
            bound = (logits.argmax(1) == batch["phrases"][:, column]).float().mean()
    ends = (batch["rows"] == 1).int().argmax(1)
    # The end token and one of the padding behind it, which the denoiser reads as well.
    beyond = (ends + 1 + torch.randint(0, 10, ends.shape)).clamp(max=hidden.shape[1] - 1)
    for place in (ends, beyond):
        whole = hidden[torch.arange(len(ends)), place]
        loss = loss + 4 * F.binary_cross_entropy_with_logits(heads.pairs(whole), batch["pairs"])
        loss = loss + 4 * F.binary_cross_entropy_with_logits(heads.cells(whole), batch["cells"])
        loss = loss + F.cross_entropy(heads.background(whole), batch["background"])
    return loss, float(bound)


def main(argv: list[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and ship the encoder."""
    parser = argparse.ArgumentParser(prog="train text", description=__doc__)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    options = parser.parse_args(argv)
    torch.manual_seed(options.seed)
    model, heads = build_text_model(), Heads()
    parameters = [*model.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, weight_decay=0.01)
    step, began, recent = 0, time.monotonic(), []
    state = None if options.restart else load_checkpoint(CHECKPOINT)
    if state is not None:
        model.load_state_dict(state["model"])
        heads.load_state_dict(state["heads"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    while step < options.steps:
        batch = _batch(np.random.default_rng([options.seed, 10, step]), options.batch)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * cosine_rate(step, options.steps, flat=0.3)
        with mixed_precision():
            hidden = model(input_ids=batch["rows"]).last_hidden_state
        loss, bound = _loss(hidden.float(), batch, heads)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        recent.append((float(loss.detach()), bound))
        if step % 100 == 0 or step == options.steps:
            state = {
                "model": model.state_dict(),
                "heads": heads.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step,
            }
            save_checkpoint(CHECKPOINT, state)
            means = np.mean(recent[-100:], axis=0)
            log.info(
                "step %d/%d loss %.4f colour bound %.4f, %.0f s",
                step,
                options.steps,
                *means,
                time.monotonic() - began,
            )
    record = {
        "model": "CLIP-shaped text encoder, its projection not yet trained",
        "config": CONFIG,
        "seed": options.seed,
        "steps": step,
        "data": {"world": "miniature.world, written as it trains"},
    }
    ship("text_encoder", model.state_dict(), record)
    return 0
