"""Clips longer than memory allows: within every step the denoiser takes a few frames at a time.

Frames meet only in self-attention, and there only through reference frames. The slice that holds
these goes first; what it feeds into self-attention is kept for the slices after it, until the step
is done. So the sliced run gives what one pass over all frames would give (DirecT2V,
arXiv:2305.14330, section 4.1, keeps the references in the first section of the clip).
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from comfy.model_management import throw_exception_if_processing_interrupted
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP
from torch import Tensor

from .unet_blocks_patch import host_unet

KEY = "video_director.frame_slice"
FIRST_KEY = "video_director.frames_first"  # who needs some frames done first names them here
# What a patch needs of every frame: a dict of tensors with one row per frame and condition.
ROWS_KEY = "video_director.rows"


@dataclass
class FrameSlice:
    """Frames of the call that are in the batch now, and what earlier slices left for it."""

    frames: list[int]
    kept: dict[Hashable, dict[int, Tensor]] = field(default_factory=dict)


def frames_here(options: dict[str, Any], total: int) -> list[int]:
    """Frames in the batch of a block, of the ``total`` frames in the call."""
    here = options.get(KEY)
    return list(range(total)) if here is None else here.frames


def join_kept_frames(
    options: dict[str, Any],
    place: Hashable,
    x: Tensor,
    *,
    give: Collection[int],
    take: Sequence[int],
) -> Tensor:
    """Put frames of earlier slices behind those at hand, and keep some of these for later slices.

    Args:
        options: the block's options.
        place: which input of which block this is.
        x: of the frames at hand, [conds, frames, ...].
        give: frames that other slices will take here.
        take: frames of other slices wanted here.

    Returns:
        [conds, frames + len(take), ...]; ``x`` itself where nothing is taken.
    """
    here = options.get(KEY)
    if here is None:
        return x
    kept = here.kept.setdefault(place, {})
    for at, frame in enumerate(here.frames):
        if frame in give:
            kept[frame] = x[:, at].clone()  # a view would hold the whole slice in memory
    if not take:
        return x
    return torch.cat([x, *(kept[frame][:, None] for frame in take)], dim=1)


def patch_frames_per_pass(model: ModelPatcher, frames_per_pass: int) -> ModelPatcher:
    """Clone ``model`` so that it is called with at most ``frames_per_pass`` frames at a time.

    Raises:
        ValueError: fewer than one frame, or a model whose layers see several frames at once.
    """
    if frames_per_pass < 1:
        raise ValueError(
            f"Frames Per Pass: {frames_per_pass} frames per pass; it must be at least 1."
        )
    host_unet(model, "Frames Per Pass")
    patched = model.clone()
    patched.add_wrapper_with_key(
        WrappersMP.DIFFUSION_MODEL, KEY, _make_slicing_wrapper(frames_per_pass)
    )
    patched.add_wrapper_with_key(
        WrappersMP.PREPARE_SAMPLING, KEY, _make_memory_wrapper(frames_per_pass)
    )
    return patched


def slices_of(total: int, size: int, first: Collection[int] = ()) -> list[list[int]]:
    """Frames 0 … total − 1 in slices of ``size``; those that hold frames of ``first`` lead."""
    slices = [list(range(at, min(at + size, total))) for at in range(0, total, size)]
    return sorted(slices, key=lambda frames: not set(frames) & set(first))


def _make_slicing_wrapper(size: int):
    def wrapper(
        executor, x, timesteps=None, context=None, y=None, control=None, options=None, **kwargs
    ):
        options = {} if options is None else options
        conds = len(options.get("cond_or_uncond", (0,)))
        if x.ndim != 4 or x.shape[0] % conds or x.shape[0] // conds <= size:
            return executor(x, timesteps, context, y, control, options, **kwargs)
        total = x.shape[0] // conds
        out, kept = None, {}
        for frames in slices_of(total, size, options.get(FIRST_KEY, ())):
            throw_exception_if_processing_interrupted()
            rows = torch.tensor([cond * total + f for cond in range(conds) for f in frames])
            part = [_cut(value, rows, len(x)) for value in (x, timesteps, context, y, control)]
            more = {name: _cut(value, rows, len(x)) for name, value in kwargs.items()}
            per_row = _cut(options.get(ROWS_KEY, {}), rows, len(x))
            here = {**options, KEY: FrameSlice(frames, kept), ROWS_KEY: per_row}
            done = executor(*part, here, **more)
            out = done.new_empty(len(x), *done.shape[1:]) if out is None else out
            out[rows.to(out.device)] = done
        return out

    return wrapper


def _cut(value: Any, rows: Tensor, batch: int) -> Any:
    """Take rows of everything that has one per frame and condition, in lists and dicts too."""
    if isinstance(value, Tensor):
        sliced = value.ndim > 0 and value.shape[0] == batch
        return value[rows.to(value.device)] if sliced else value
    if isinstance(value, dict):
        return {name: _cut(part, rows, batch) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cut(part, rows, batch) for part in value)
    return value


def _make_memory_wrapper(size: int):
    """Tell the host that a sampling needs the memory of one slice only."""

    def wrapper(executor, model, noise_shape, *args, **kwargs):
        shape = [min(noise_shape[0], size), *noise_shape[1:]]
        return executor(model, shape, *args, **kwargs)

    return wrapper
