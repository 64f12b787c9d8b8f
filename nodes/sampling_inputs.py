"""Inputs that several nodes have, with the ranges of the host's own samplers."""

from typing import Any

import comfy.samplers
from comfy_api.latest import io


def seed_input(
    name: str, tooltip: str, *, changes: bool = True, advanced: bool = False
) -> io.Input:
    """A seed of 64 bits; ``changes`` gives it the host's control_after_generate."""
    return io.Int.Input(
        name,
        default=0,
        min=0,
        max=0xFFFFFFFFFFFFFFFF,
        control_after_generate=changes,
        tooltip=tooltip,
        advanced=advanced or None,
    )


def cfg_input(tooltip: str, name: str = "cfg", **changes: Any) -> io.Input:
    """Strength of classifier-free guidance; ``changes`` are of the input's own options."""
    options = {"default": 7.5, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01, **changes}
    return io.Float.Input(name, tooltip=tooltip, **options)


def steps_input(tooltip: str, name: str = "steps", **changes: Any) -> io.Input:
    """Number of sampling steps; ``changes`` are of the input's own options."""
    options = {"default": 20, "min": 1, "max": 10000, **changes}
    return io.Int.Input(name, tooltip=tooltip, **options)


def sampler_inputs(
    prefix: str = "",
    defaults: tuple[str, str] = ("euler", "normal"),
    *,
    extra: bool = False,
) -> list[io.Input]:
    """The host's samplers and schedulers, as KSampler has them.

    Args:
        prefix: of the inputs' names, where a node samples in more than one way.
        defaults: sampler and scheduler.
        extra: whether a graph may leave them out, and a page hides them at first.
    """
    return [
        io.Combo.Input(
            f"{prefix}sampler_name",
            options=comfy.samplers.KSampler.SAMPLERS,
            default=defaults[0],
            optional=extra,
            advanced=extra or None,
            tooltip="The sampling algorithm.",
        ),
        io.Combo.Input(
            f"{prefix}scheduler",
            options=comfy.samplers.KSampler.SCHEDULERS,
            default=defaults[1],
            optional=extra,
            advanced=extra or None,
            tooltip="How the noise is removed over the steps.",
        ),
    ]


def whole_sampling(steps: int, cfg: float, sampler_name: str, scheduler: str) -> dict[str, Any]:
    """Inputs of the host's KSampler for a picture from noise alone."""
    return {
        "steps": steps,
        "cfg": cfg,
        "sampler_name": sampler_name,
        "scheduler": scheduler,
        "denoise": 1.0,
    }
