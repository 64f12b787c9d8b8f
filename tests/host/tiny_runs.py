"""Sampling with the tiny UNet of conftest, as the tests of several patches do it."""

import comfy.context_windows as windows
import comfy.sample
import torch

FRAMES, STEPS = 4, 6
TOLERANCE = 1e-4


def conditioning(rows, seed):
    """Text features, with the pooled ones that only SDXL reads."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(rows, 77, 64, generator=generator)
    return [[tokens, {"pooled_output": torch.randn(rows, 1280, generator=generator)}]]


def sample(
    model,
    *,
    frames=FRAMES,
    cfg=4.0,
    sampler="euler",
    positive=None,
    negative=None,
    size=(8, 8),
    steps=STEPS,
    seed=5,
    same_noise=False,
):
    latent = torch.zeros(frames, 4, *size)
    shape = (1 if same_noise else frames, *latent.shape[1:])
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    return comfy.sample.sample(
        model,
        noise.expand_as(latent).contiguous(),
        steps,
        cfg,
        sampler,
        "normal",
        positive or conditioning(frames, 2),
        negative or conditioning(1, 3),
        latent,
        disable_pbar=True,
        seed=seed,
    )


def use_windows(model, **more):
    """Sample in the host's context windows of four frames."""
    model.model_options["context_handler"] = windows.IndexListContextHandler(
        context_schedule=windows.get_matching_context_schedule(
            windows.ContextSchedules.STATIC_STANDARD
        ),
        fuse_method=windows.get_matching_fuse_method(windows.ContextFuseMethods.PYRAMID),
        context_length=4,
        context_overlap=1,
        dim=0,
        **more,
    )


def assert_same(got, wanted):
    torch.testing.assert_close(got, wanted, rtol=0, atol=TOLERANCE * float(wanted.abs().max()))


def assert_differs(got, wanted):
    assert float((got - wanted).abs().max()) > 100 * TOLERANCE * float(wanted.abs().max())


def split_conditions(monkeypatch, model):
    """Make the host believe that memory holds one condition at a time."""
    monkeypatch.setattr(type(model.model), "memory_required", lambda *a, **k: 1e30)
