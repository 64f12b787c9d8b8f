"""Noise of stochastic samplers: the same for all frames of a clip.

Ancestral and SDE samplers add fresh noise at every step, drawn for the whole batch: frames that
started from one noise drift apart. With one path of noise for all of them they do not.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Sequence

from comfy.k_diffusion.sampling import BrownianTreeNoiseSampler
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP
from comfy.samplers import KSAMPLER
from torch import Tensor

KEY = "video_director.shared_noise"
_ARGUMENT = "noise_sampler"  # of those of the host's sampler functions that add noise
log = logging.getLogger(__name__)


def step_noise(
    x: Tensor, sigmas: Tensor, seeds: int | Sequence[int]
) -> Callable[[Tensor, Tensor], Tensor]:
    """Make what the host's samplers call for the noise of a step.

    The noise are increments of Brownian motion over sigma, as in the host's SDE samplers: steps
    that overlap, as dpmpp_sde's do, get noise that belongs together.

    Args:
        x: the latents, [F, ...].
        sigmas: the schedule, descending.
        seeds: one, whose noise all rows of ``x`` share, or one for each row.

    Returns:
        A function of two sigmas that gives noise of unit variance in the shape of ``x``.

    Raises:
        ValueError: the number of seeds is not that of rows.
    """
    own = not isinstance(seeds, int)
    if own and len(seeds) != len(x):
        raise ValueError(
            f"step_noise: {len(seeds)} seeds came for {len(x)} latents; give one each, or a single "
            "number for all"
        )
    tree = BrownianTreeNoiseSampler(
        x if own else x[:1],
        sigmas[sigmas > 0].min() * 0.999,  # some samplers round a sigma past the ends
        sigmas.max() * 1.001,
        seed=list(seeds) if own else seeds,
        cpu=True,
    )
    return lambda sigma, sigma_next: tree(sigma, sigma_next).to(x).expand_as(x)


def adds_noise(sampler: object) -> bool:
    """Whether a SAMPLER of the host is one that can add noise while it samples."""
    function = getattr(sampler, "sampler_function", None)
    return function is not None and _ARGUMENT in inspect.signature(function).parameters


def patch_shared_noise(model: ModelPatcher) -> ModelPatcher:
    """Clone ``model`` so that samplers add the same noise to all latents of a batch.

    Samplers that add none, schedules of one step, and latents of video models ([B, C, F, h, w],
    whose frames want noise of their own) are left as they are.
    """
    patched = model.clone()
    patched.add_wrapper_with_key(WrappersMP.SAMPLER_SAMPLE, KEY, _share_noise)
    return patched


def _share_noise(executor, guider, sigmas, extra_args, callback, noise, *args, **kwargs):
    """Around one run of a sampler: lend it our noise for as long as it runs."""
    sampler = executor.class_obj
    if not isinstance(sampler, KSAMPLER):
        log.warning(
            "Shared Noise: %s is no sampler of the host's own kind; if it adds noise, every frame "
            "gets its own.",
            type(sampler).__name__,
        )
    if not adds_noise(sampler) or noise.ndim != 4 or len(noise) < 2 or int((sigmas > 0).sum()) < 2:
        return executor(guider, sigmas, extra_args, callback, noise, *args, **kwargs)
    before = sampler.extra_options
    shared = step_noise(noise, sigmas, extra_args.get("seed") or 0)
    sampler.extra_options = {_ARGUMENT: shared, **before}
    try:
        return executor(guider, sigmas, extra_args, callback, noise, *args, **kwargs)
    finally:
        sampler.extra_options = before
