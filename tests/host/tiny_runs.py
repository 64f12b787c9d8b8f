"""Sampling with the tiny UNet of conftest, as the tests of several patches do it."""

import comfy.sample
import torch

FRAMES, STEPS = 4, 6
TOLERANCE = 1e-4


def conditioning(rows, seed):
    generator = torch.Generator().manual_seed(seed)
    return [[torch.randn(rows, 77, 64, generator=generator), {}]]


def sample(
    model, *, frames=FRAMES, cfg=4.0, sampler="euler", positive=None, size=(8, 8), steps=STEPS
):
    latent = torch.zeros(frames, 4, *size)
    noise = torch.randn(latent.shape, generator=torch.Generator().manual_seed(1))
    return comfy.sample.sample(
        model,
        noise,
        steps,
        cfg,
        sampler,
        "normal",
        positive or conditioning(frames, 2),
        conditioning(1, 3),
        latent,
        disable_pbar=True,
        seed=5,
    )


def assert_same(got, wanted):
    torch.testing.assert_close(got, wanted, rtol=0, atol=TOLERANCE * float(wanted.abs().max()))


def assert_differs(got, wanted):
    assert float((got - wanted).abs().max()) > 100 * TOLERANCE * float(wanted.abs().max())


def split_conditions(monkeypatch, model):
    """Make the host believe that memory holds one condition at a time."""
    monkeypatch.setattr(type(model.model), "memory_required", lambda *a, **k: 1e30)
