"""Camera motion in the host's samplers: as a SAMPLER of its own, or as a patch of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP
from comfy.samplers import KSAMPLER
from torch import Tensor

from .camera_motion import (
    DEFAULT_AMOUNT,
    DEFAULT_MODE,
    DEFAULT_PERCENT,
    DEFAULT_TIMES,
    EVERY_STEP,
    OWN,
    REFLECTION,
    blend_with_camera,
    part_of_path,
)
from .segmented_sampler import in_segments

KEY = "video_director.camera_motion"
# Draws block after block of frames, with a schedule of its own for each.
_INDIVISIBLE = ("sample_ar_video",)
_SHARPENED = 0.1  # share of the steps that a model has at the end for what was moved
_MANY = 10_000  # frames: a camera that has not moved by then does not move


@dataclass(frozen=True)
class CameraMotion:
    """How a camera moves, and where in a sampling.

    path: of a number of frames, [frames, 4] as ``camera_path`` gives it.
    mode, padding, amount: as in ``blend_with_camera``.
    percent: share of the steps after which the clip is moved; T_m of the paper.
    times: steps in a row after which it is; ``EVERY_STEP`` for all that follow but the last tenth.
    """

    path: Callable[[int], Tensor]
    mode: str = DEFAULT_MODE
    padding: str = REFLECTION
    amount: float = DEFAULT_AMOUNT
    percent: float = DEFAULT_PERCENT
    times: int = DEFAULT_TIMES

    def stops(self, steps: int) -> Sequence[int]:
        """After how many steps of a schedule the clip is moved; none where it has but one."""
        first = max(1, round(self.percent * steps))
        if self.times == EVERY_STEP:
            return range(first, steps - ceil(_SHARPENED * steps) + 1)
        return range(first, min(first + self.times, steps))

    def blend(self, clean: Tensor, node: str, times: int = 1) -> Tensor:
        """Blend predicted clean latents with what the camera makes of them.

        Args:
            clean: the latents.
            node: who asks, for messages.
            times: how often it is done in this sampling. Frames that move by their ``own`` way
                then take one of as many parts of it, or they would go it as many times.

        Raises:
            ValueError: latents that are no clip, or of other frames than the path has.
        """
        if clean.ndim not in (4, 5):
            raise ValueError(
                f"{node}: latents of shape {tuple(clean.shape)} came; it takes images [frames, "
                "channels, height, width] or videos [clips, channels, frames, height, width]."
            )
        frames = clean.shape[0 if clean.ndim == 4 else 2]
        try:
            path = self.path(frames)
            if self.mode == OWN:
                path = part_of_path(path, 1 / times)
            return blend_with_camera(clean, path, self.mode, self.padding, self.amount)
        except ValueError as error:
            raise ValueError(f"{node}: {error}.") from error

    @property
    def moves(self) -> bool:
        """Whether the camera moves at all."""
        path = self.path(_MANY)
        return bool((path != path[:1]).any()) and self.amount > 0


def moved_sampler(sampler: object, motion: CameraMotion, node: str) -> object:
    """A SAMPLER that samples as another one does, with a camera that moves.

    Raises:
        ValueError: a sampler that cannot be stopped between steps.
    """
    _check(sampler, node)
    if not motion.moves:
        return sampler
    function = _moved(sampler.sampler_function, motion, node)
    return KSAMPLER(function, sampler.extra_options, sampler.inpaint_options)


def patch_camera_motion(model: ModelPatcher, motion: CameraMotion, node: str) -> ModelPatcher:
    """Clone ``model`` so that whatever samples it moves the camera; a later node replaces this.

    Raises:
        ValueError: at sampling, for a sampler that cannot be stopped between steps.
    """
    patched = model.clone()
    patched.remove_wrappers_with_key(WrappersMP.SAMPLER_SAMPLE, KEY)
    if not motion.moves:
        return patched

    def around_sampler(executor, *args, **kwargs):
        sampler = executor.class_obj
        _check(sampler, node)
        own = sampler.sampler_function
        sampler.sampler_function = _moved(own, motion, node)
        try:
            return executor(*args, **kwargs)
        finally:
            sampler.sampler_function = own

    patched.add_wrapper_with_key(WrappersMP.SAMPLER_SAMPLE, KEY, around_sampler)
    return patched


def _moved(function, motion: CameraMotion, node: str):
    return in_segments(
        function, motion.stops, lambda clean, times: motion.blend(clean, node, times)
    )


def _check(sampler: object, node: str) -> None:
    function = getattr(sampler, "sampler_function", None)
    name = getattr(function, "__name__", type(sampler).__name__)
    if not isinstance(sampler, KSAMPLER) or name in _INDIVISIBLE:
        raise ValueError(
            f"{node}: the sampler {name.removeprefix('sample_')} cannot be stopped between its "
            "steps; take one of KSampler's, such as euler or ddim."
        )
