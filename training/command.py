"""What the commands that train modules beside a frozen denoiser have in common."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from torch import Tensor

from .adapter_trainer import AdapterTrainer, Guide, Settings
from .boxed_pictures import BoxedPicture, boxed_pictures
from .running import save_halves

log = logging.getLogger(__name__)


def add_options(parser: argparse.ArgumentParser, *, steps: int, warm_up: int) -> None:
    """Options of every such training, and those that name a real checkpoint."""
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument(
        "--warm-up",
        type=int,
        help="steps that need no backward pass through the denoiser "
        f"(default: {warm_up}, with --from-shipped 0)",
    )
    parser.set_defaults(known_warm_up=warm_up)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--shards", type=int, default=16, help="of 2,000 drawings each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart", action="store_true", help="forget the checkpoint")
    parser.add_argument(
        "--from-shipped", action="store_true", help="without a checkpoint, go on from the weights"
    )
    real = parser.add_argument_group("a real checkpoint instead of the miniature")
    real.add_argument("--checkpoint", type=Path, help="a checkpoint file with UNet, CLIP and VAE")
    real.add_argument(
        "--pictures", help="a folder, or the tar shards of a webdataset, of pictures with captions"
    )
    real.add_argument("--clip-vision", type=Path, help="image encoder")
    real.add_argument("--size", type=int, default=512, help="of the square training pictures")
    real.add_argument("--output", type=Path, help="safetensors file for the trained weights")


def parsed(parser: argparse.ArgumentParser, argv: Any) -> argparse.Namespace:
    """Options that belong together."""
    options = parser.parse_args(argv)
    if options.warm_up is None:  # weights that are there know where to look
        options.warm_up = 0 if options.from_shipped else options.known_warm_up
    needed = (options.checkpoint, options.pictures, options.output)
    if any(needed) and not all(needed):
        parser.error("--checkpoint, --pictures and --output belong together; give all three")
    return options


def settings_of(
    options: argparse.Namespace, attention: Any = None, guide: Guide | None = None
) -> Settings:
    """How long and how fast, as the options say."""
    return Settings(options.steps, options.warm_up, options.rate, options.seed, attention, guide)


def pictures_of(
    options: argparse.Namespace, accelerator: Accelerator, *, boxes: bool
) -> Iterator[BoxedPicture]:
    """The pictures that the options name, each process its own part of them."""
    return boxed_pictures(
        options.pictures,
        options.size,
        options.seed,
        accelerator.process_index,
        accelerator.num_processes,
        boxes=boxes,
    )


def train_checkpoint(
    trainer: AdapterTrainer,
    options: argparse.Namespace,
    state: Callable[[Any], Mapping[str, Tensor]],
    folder: str,
) -> None:
    """Train beside a real checkpoint, resuming, and write the averaged weights.

    Args:
        trainer: made for the checkpoint.
        options: as ``parsed`` gave them.
        state: the weights of a model under their upstream names.
        folder: the model folder the file belongs in.
    """
    checkpoint = options.output.with_suffix(".checkpoint.pt")
    if not options.restart:
        trainer.resume(checkpoint)
    trainer.run(checkpoint)
    if trainer.accelerator.is_main_process:
        made_with = {"made_with": json.dumps(trainer.base.digests())}
        save_halves(options.output, state(trainer.averaged()), made_with)
        log.info("wrote %s; put it into models/%s", options.output.name, folder)
