"""A sampler of the host's that is stopped at some steps, so that what it predicts can be edited.

A blend returned from a post_cfg function is not the same: samplers take the noise anew from what
comes back, and only a part of the edit survives the step. Here the sampler runs to the boundary of
two steps, the difference that the edit makes is added to the latents in the share that the clean
signal has in them at that noise level, and the predicted noise is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import torch
from torch import Tensor

Edit = Callable[[Tensor, int], Tensor]


def in_segments(
    function: Callable[..., Tensor], stops: Callable[[int], Sequence[int]], edit: Edit
) -> Callable[..., Tensor]:
    """A sampler function that edits its predicted clean latents between steps.

    Multistep samplers begin anew after each stop: what they remember is of latents that are no
    more.

    Args:
        function: the host's, as a KSAMPLER has it.
        stops: after how many steps to edit, for a number of steps; ascending, each at least 1 and
            less than that number.
        edit: makes other clean latents of the predicted ones; its second argument is the number of
            times that it is called in a sampling.

    Returns:
        The function to sample with, of the same signature.
    """

    @wraps(function)
    def sample(
        model: Any,
        x: Tensor,
        sigmas: Tensor,
        extra_args: dict[str, Any] | None = None,
        callback: Callable[[dict[str, Any]], None] | None = None,
        disable: bool | None = None,
        **options: Any,
    ) -> Tensor:
        scaling = model.inner_model.inner_model.model_sampling.noise_scaling
        begin, seed = 0, (extra_args or {}).get("seed")
        places = stops(len(sigmas) - 1)
        for number, stop in enumerate([*places, len(sigmas) - 1]):
            own = dict(extra_args or {})
            if seed is not None:
                own["seed"] = seed + number  # or stochastic samplers would repeat their noise
            last = _Last(callback, begin)
            # uni_pc writes into the sigmas that it is given.
            part = sigmas[begin : stop + 1].clone()
            x = function(model, x, part, extra_args=own, callback=last, disable=disable, **options)
            begin = stop
            if stop < len(sigmas) - 1 and sigmas[stop] > 0:
                change = edit(last.denoised, len(places)) - last.denoised
                x = x + scaling(sigmas[stop], torch.zeros_like(x), change)
        return x

    return sample


class _Last:
    """A callback that counts on over segments and keeps what was predicted last."""

    def __init__(self, callback: Callable[[dict[str, Any]], None] | None, begin: int) -> None:
        self.callback, self.begin = callback, begin
        self.denoised: Tensor | None = None

    def __call__(self, state: dict[str, Any]) -> None:
        self.denoised = state["denoised"]
        if self.callback is not None:
            self.callback({**state, "i": state["i"] + self.begin})
