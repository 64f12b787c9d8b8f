"""Train layout fusers, the miniature's or a real checkpoint's: ``director.py train grounding``.

With nothing else said, the miniature's own, on drawings. With ``--checkpoint`` those of any model
whose denoiser is one of the host's UNets, on a folder or webdataset of boxed pictures; on several
GPUs start the command with ``accelerate launch``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from ..attention_patches.grounding_checkpoints import grounding_state, read_grounding
from ..training.fusing import Widths, build_grounding
from ..training.grounding_trainer import BoxedBatch, Settings, Trainer
from ..training.noise import signal_shares
from ..training.running import save_halves
from .batches import Sampler, frozen_text_model
from .entities import Features, draw_entities, frozen_vision_model
from .guides import Attention
from .pool import load_pool
from .text import WIDTH
from .training import RUNS, WEIGHTS, load_shipped, ship, shipped
from .unet import CONFIG, PositionedUNet

log = logging.getLogger(__name__)
CHECKPOINT = RUNS / "grounding" / "last.pt"
_DROP_CAPTION = 0.35  # so that a caption without an entity does not overrule its box


class Drawings:
    """The miniature's frozen denoiser and drawings with exact boxes."""

    prediction = "v"

    def __init__(self, options: argparse.Namespace) -> None:
        import comfy.ops

        self.seed, self.shares = options.seed, signal_shares()
        self.unet = PositionedUNet(**CONFIG, operations=comfy.ops.disable_weight_init)
        load_shipped(self.unet, "unet", "unet")
        text_model = frozen_text_model()
        self.features = Features(text_model, frozen_vision_model())
        pool = load_pool(shipped("autoencoder", "autoencoder"), options.seed, options.shards)
        # The denoiser knows latents in the scale it was trained on.
        config = json.loads((WEIGHTS / "unet.json").read_text())["config"]
        scale = [torch.tensor(config[name]) for name in ("latent_mean", "latent_std")]
        self.sampler = Sampler(pool, text_model, options.batch, options.seed, _DROP_CAPTION, scale)

    def draw(self, step: int, *, drop_all: float) -> BoxedBatch:
        """Drawings with captions written anew and with boxes of their sprites."""
        batch = self.sampler.draw(step)
        rng = np.random.default_rng([self.seed, 50, step])
        asked = draw_entities(batch.scenes, self.features, rng, drop_all=drop_all)
        return BoxedBatch(batch.latents, batch.context, asked)

    def digests(self) -> dict[str, str]:
        """SHA-256 of the weights that the fusers are trained on, from their records."""
        return {
            name: json.loads((WEIGHTS / f"{name}.json").read_text())["sha256"]
            for name in ("unet", "text_encoder", "vision_encoder", "autoencoder")
        }


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="train grounding", description=__doc__)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--warm-up", type=int, default=200, help="steps of attention only")
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
        "--pictures", help="a folder, or the tar shards of a webdataset, of boxed pictures"
    )
    real.add_argument("--clip-vision", type=Path, help="image encoder, for image features")
    real.add_argument("--size", type=int, default=512, help="of the square training pictures")
    real.add_argument("--output", type=Path, help="safetensors file for the trained fusers")
    options = parser.parse_args(argv)
    if options.from_shipped:
        options.warm_up = 0  # they know where to look
    needed = (options.checkpoint, options.pictures, options.output)
    if any(needed) and not all(needed):
        parser.error("--checkpoint, --pictures and --output belong together; give all three")
    return options


def _share(trainer: Trainer) -> dict[str, float]:
    """How many parameters the fusers have, and what part of the whole model that is."""
    own = sum(p.numel() for p in trainer.model.parameters())
    whole = own + sum(p.numel() for p in trainer.base.unet.parameters())
    return {"parameters": own, "share_of_all_parameters": round(own / whole, 4)}


def _train_miniature(options: argparse.Namespace, accelerator: Accelerator) -> None:
    base = Drawings(options)
    if options.from_shipped:
        weights = shipped("grounding", "grounding")
        model = read_grounding({key: value.float() for key, value in weights.items()}, "shipped")
    else:
        model = build_grounding(base.unet, Widths(WIDTH, WIDTH, WIDTH, CONFIG["num_head_channels"]))
    settings = Settings(options.steps, options.warm_up, options.rate, options.seed, Attention)
    trainer = Trainer(base, model, settings, accelerator)
    if not options.restart:
        trainer.resume(CHECKPOINT)
    log.info("fusers: %s", _share(trainer))
    trainer.run(CHECKPOINT)
    record = {
        "model": "joint grounding tokens and gated self-attention for every transformer block",
        **_share(trainer),
        "seed": options.seed,
        "steps": trainer.step,
        "made_with": base.digests(),
    }
    ship("grounding", grounding_state(trainer.averaged()), record)


def _train_checkpoint(options: argparse.Namespace, accelerator: Accelerator) -> None:
    from ..training.boxed_checkpoint import BoxedCheckpoint, read_parts
    from ..training.boxed_pictures import boxed_pictures

    pictures = boxed_pictures(
        options.pictures,
        options.size,
        options.seed,
        accelerator.process_index,
        accelerator.num_processes,
    )
    parts = read_parts(options.checkpoint, options.clip_vision)
    base = BoxedCheckpoint(parts, pictures, options.batch, options.seed, accelerator.device)
    model = build_grounding(base.unet, base.widths)
    settings = Settings(options.steps, options.warm_up, options.rate, options.seed)
    trainer = Trainer(base, model, settings, accelerator)
    checkpoint = options.output.with_suffix(".checkpoint.pt")
    if not options.restart:
        trainer.resume(checkpoint)
    log.info("fusers: %s", _share(trainer))
    trainer.run(checkpoint)
    if accelerator.is_main_process:
        made_with = {"made_with": json.dumps(base.digests())}
        save_halves(options.output, grounding_state(trainer.averaged()), made_with)
        log.info("wrote %s; put it into models/grounding", options.output.name)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, resuming from the last checkpoint, and write the averaged weights."""
    options = _options(argv)
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    if options.checkpoint:
        _train_checkpoint(options, accelerator)
    else:
        _train_miniature(options, accelerator)
    return 0
