"""Train the image encoder and both projections contrastively: ``director.py train clip``.

The text encoder is the one of ``train_text`` and stays as it is (the denoiser was trained on its
words); its projection, the image encoder and the temperature learn. Beside the batch's other
captions each picture is held against its own caption with the colours of two sprites swapped.
Readers of the local tokens keep marks and colours in them, which reference attention needs.
"""

from __future__ import annotations

import argparse
import logging
import time
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..training.precision import mixed_precision
from ..training.running import Average, cosine_rate, load_checkpoint, save_checkpoint
from .captions import write_caption
from .guides import Truth, content_loss, truth_of
from .pool import cell_owners
from .text import CONFIG as TEXT_CONFIG
from .text import build_text_model, caption_rows
from .training import RUNS, load_shipped, ship
from .vision import CONFIG, build_vision_model, normalise
from .vocabulary import BACKGROUNDS, COLOURS, KINDS, MARKS
from .world import Scene, draw_scene, sample_scene

log = logging.getLogger(__name__)
CHECKPOINT = RUNS / "clip" / "last.pt"
_SIZES = (1 + len(KINDS), 1 + len(COLOURS), 1 + len(MARKS), 1 + len(COLOURS))


@dataclass
class Batch:
    """Pictures, token rows of right captions and of swapped ones, and what they show."""

    pictures: Tensor
    rows: Tensor
    swapped_rows: Tensor
    swapped: Tensor
    truth: Truth
    seconds: Tensor
    backgrounds: Tensor


def _swap_words(words: list[str], scene: Scene, mentions: list) -> list[str] | None:
    """Exchange the colour words of two mentions of different kind and colour."""
    coloured = [m for m in mentions if "colour" in m.says]
    for number, first in enumerate(coloured):
        for second in coloured[number + 1 :]:
            kinds = first.says["kind"], second.says["kind"]
            colours = first.says["colour"], second.says["colour"]
            if kinds[0] == kinds[1] or colours[0] == colours[1]:
                continue
            swapped = list(words)
            swapped[_colour_word(words, first)] = colours[1]
            swapped[_colour_word(words, second)] = colours[0]
            return swapped
    return None


def _colour_word(words: list[str], mention) -> int:
    """Index of a mention's own colour: the nearest one before its noun."""
    place = mention.noun
    while words[place] != mention.says["colour"]:
        place -= 1
    return place


def draw_batch(rng: np.random.Generator, size: int) -> Batch:
    """Draw pictures with captions, their swapped twins and their truth."""
    scenes = [sample_scene(rng) for _ in range(size)]
    rows, swapped_rows, swapped, captions = [], [], [], []
    for scene in scenes:
        caption = write_caption(scene, rng)
        row, places = caption_rows(caption)
        captions.append((caption, places))
        rows.append(row)
        words = _swap_words(caption.words, scene, caption.mentions)
        swapped.append(words is not None)
        caption.words = words or caption.words
        swapped_rows.append(caption_rows(caption)[0])
    pictures = torch.from_numpy(np.stack([draw_scene(scene) for scene in scenes]))
    owners = torch.from_numpy(np.stack([cell_owners(scene) for scene in scenes]))
    truth = truth_of(scenes, owners, captions)
    table = torch.zeros(size, 5, dtype=torch.long)
    for index, scene in enumerate(scenes):
        for number, sprite in enumerate(scene.sprites):
            if sprite.second_colour:
                table[index, number] = 1 + list(COLOURS).index(sprite.second_colour)
    flat = torch.where(truth.owners < 0, 4, truth.owners).flatten(1)
    return Batch(
        pictures.permute(0, 3, 1, 2).float() / 255,
        torch.tensor(rows),
        torch.tensor(swapped_rows),
        torch.tensor(swapped),
        truth,
        table.gather(1, flat).view_as(truth.owners),
        torch.tensor([BACKGROUNDS.index(scene.background) for scene in scenes]),
    )


class Pair(nn.Module):
    """Frozen text encoder with a learning projection, learning image encoder, readers."""

    def __init__(self) -> None:
        super().__init__()
        self.text = build_text_model()
        self.vision = build_vision_model()
        self.scale = nn.Parameter(torch.tensor(2.6))
        self.content = nn.Linear(CONFIG["hidden_size"], sum(_SIZES))
        self.background = nn.Linear(CONFIG["hidden_size"], len(BACKGROUNDS))

    def learning(self) -> list[nn.Parameter]:
        return [
            *self.text.text_projection.parameters(),
            *self.vision.parameters(),
            *self.content.parameters(),
            *self.background.parameters(),
            self.scale,
        ]

    def embed_texts(self, rows: Tensor) -> Tensor:
        """Unit vectors of captions."""
        with torch.no_grad():
            pooled = self.text.text_model(input_ids=rows).pooler_output
        return F.normalize(self.text.text_projection(pooled).float(), dim=-1)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        with mixed_precision():
            seen = self.vision(normalise(batch.pictures), output_hidden_states=True)
            right, wrong = self.embed_texts(batch.rows), self.embed_texts(batch.swapped_rows)
        images = F.normalize(seen.image_embeds.float(), dim=-1)
        scale = self.scale.clamp(max=4.6).exp()
        against = scale * images @ right.T
        hard = scale * (images * wrong).sum(-1, keepdim=True)
        hard = hard.masked_fill(~batch.swapped[:, None], -1e4)
        own = torch.arange(len(images))
        contrast = F.cross_entropy(torch.cat([against, hard], 1), own)
        contrast = contrast + F.cross_entropy(against.T, own)
        local = seen.hidden_states[-2].float()
        truth = batch.truth
        asked = (truth.kinds, truth.colours, truth.marks, batch.seconds)
        content = content_loss(self.content(local[:, 1:]), asked, _SIZES)
        return {
            "contrast": contrast / 2,
            "content": content,
            "background": F.cross_entropy(self.background(local[:, 0]), batch.backgrounds),
            "swapped_right": _share_right(against.diagonal(), hard[:, 0], batch.swapped),
        }


def _share_right(own: Tensor, hard: Tensor, swapped: Tensor) -> Tensor:
    return (own > hard)[swapped].float().mean().detach()


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train clip", description=__doc__)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and ship both encoders."""
    options = _options(argv)
    torch.manual_seed(options.seed)
    pair = Pair()
    load_shipped(pair.text, "text_encoder", "text")
    pair.text.text_model.requires_grad_(False)
    optimizer = torch.optim.AdamW(pair.learning(), lr=options.rate, weight_decay=0.02)
    average = Average(pair, 0.995)
    step, began, recent = 0, time.monotonic(), []
    state = None if options.restart else load_checkpoint(CHECKPOINT)
    if state is not None:
        pair.load_state_dict(state["pair"])
        optimizer.load_state_dict(state["optimizer"])
        average.load(state["average"])
        step = state["step"]
    while step < options.steps:
        batch = draw_batch(np.random.default_rng([options.seed, 40, step]), options.batch)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * cosine_rate(step, options.steps, flat=0.4)
        losses = pair.losses(batch)
        loss = losses["contrast"] + 0.3 * losses["content"] + 0.3 * losses["background"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(pair.learning(), 1.0)
        optimizer.step()
        average.update(pair, step)
        step += 1
        recent.append({name: float(value.detach()) for name, value in losses.items()})
        if step % 100 == 0 or step == options.steps:
            save_checkpoint(
                CHECKPOINT,
                {
                    "pair": pair.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "average": average.values,
                    "step": step,
                },
            )
            means = {name: np.mean([row[name] for row in recent]) for name in recent[0]}
            told = " ".join(f"{name} {value:.4f}" for name, value in means.items())
            seconds = time.monotonic() - began
            log.info("step %d/%d %s, %.0f s", step, options.steps, told, seconds)
            recent = []
    _ship(pair, average, options, step)
    return 0


def _ship(pair: Pair, average: Average, options: argparse.Namespace, steps: int) -> None:
    values = {**pair.state_dict(), **average.values}
    common = {"seed": options.seed, "data": {"world": "miniature.world, drawn as it trains"}}
    for name, prefix, config in (
        ("text_encoder", "text.", TEXT_CONFIG),
        ("vision_encoder", "vision.", CONFIG),
    ):
        tensors = {
            key.removeprefix(prefix): value
            for key, value in values.items()
            if key.startswith(prefix) and not key.endswith("position_ids")
        }
        record = {"model": f"CLIP-shaped {name}", "config": config, "steps": steps, **common}
        ship(name, tensors, record)
