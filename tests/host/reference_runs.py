"""Trainings of reference attention on the miniature, as the tests of several parts do them."""

import numpy as np
import torch
from accelerate import Accelerator
from video_director.miniature.loader import load_unet
from video_director.miniature.references import (
    Encoder,
    draw_told,
    image_width,
)
from video_director.miniature.world import sample_scene
from video_director.training.adapter_trainer import Settings
from video_director.training.noise import signal_shares
from video_director.training.reference_trainer import (
    ReferencedBatch,
    ReferenceTrainer,
)
from video_director.training.referring import build_adapter


def scenes(count, seed=5):
    rng = np.random.default_rng(seed)
    return [sample_scene(rng) for _ in range(count)]


class Scenes:
    """The miniature's denoiser and drawings, without latents of their own."""

    prediction = "v"

    def __init__(self, vision, form):
        self.unet = load_unet().model.diffusion_model.float()
        self.shares = signal_shares()
        self.encoder = Encoder(vision, form)

    def draw(self, step, *, drop_all):
        rng = np.random.default_rng([step, 1])
        generator = torch.Generator().manual_seed(step)
        told, own = draw_told(scenes(6, step % 1000), self.encoder, rng, drop_all=drop_all)
        latents = torch.randn(6, 8, 16, 16, generator=generator)
        context = torch.randn(6, 77, 128, generator=generator)
        return ReferencedBatch(latents, context, told, own)

    def digests(self):
        return {"unet": "0" * 64}


def trainer_on(vision, form, steps=3):
    torch.manual_seed(0)
    base = Scenes(vision, form)
    model = build_adapter(base.unet, form, image_width(form), 128)
    return ReferenceTrainer(base, model, Settings(steps, 1, 1e-2, 0), Accelerator(cpu=True))
