"""Layout grounding in the host's UNets: gated self-attention between attn1 and attn2.

Tokens travel in the conditioning, a row per frame. When a sampling starts, equal tokens of all
conditions and frames become one table, and what travels on is where each is in it. The host slices
and batches that like any other conditioning, and a table's keys and values are projected once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import comfy.conds
import torch
from comfy.ldm.modules.attention import optimized_attention
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP
from torch import Tensor

from .frame_slices_patch import ROWS_KEY
from .functional.frames import one_per_frame
from .functional.grounding import Triple, grounding_scale
from .functional.schedule import step_index
from .grounding_checkpoints import SLOTS, TEXT_IMAGE, GroundingModel, Place
from .grounding_modules import Entities
from .unet_blocks_patch import host_unet, transformers

TOKENS = "video_director_grounding"  # key in a conditioning, and of the rows in its model_conds
_RUN, _SCALE = "video_director.grounding_run", "video_director.grounding_scale"
_BYPASS = -1
_CACHED = 1024  # visual tokens at once on a CPU
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FrameTokens:
    """Grounding tokens of a clip.

    tokens: [frames, tokens, token_width].
    filled: bool, [frames]; a frame without any entity is left to the plain model.
    """

    tokens: Tensor
    filled: Tensor


def frame_tokens(patcher: ModelPatcher, asked: Entities) -> FrameTokens:
    """Make the tokens of every frame of a clip, filled up with empty slots as in training.

    Args:
        patcher: the grounding model's.
        asked: entities of every frame, [frames, slots].
    """
    model: GroundingModel = patcher.model
    usual, slots = SLOTS[model.layout], asked.boxes.shape[1]
    if slots > usual:
        log.warning(
            "Grounding: %d entities in one frame, but these weights were trained with at most %d; "
            "some may be drawn wrongly.",
            slots,
            usual,
        )
    with torch.no_grad():
        tokens = model.position_net(asked).float().cpu()
        if slots < usual:
            spare = model.empty_tokens(usual - slots).float().cpu()
            tokens = torch.cat([tokens, spare.expand(len(tokens), -1, -1)], dim=1)
    return FrameTokens(tokens, asked.filled.any(1).cpu())


def patch_grounding(
    model: ModelPatcher, grounding: ModelPatcher, strength: float, schedule: Triple
) -> ModelPatcher:
    """Clone ``model`` so that it heeds grounding tokens in its conditioning.

    Conditions without tokens, the negative usually, get empty ones: the difference that guidance
    enlarges is then that of the layout too.

    Args:
        model: any model whose denoiser is one of the host's UNets.
        grounding: the patcher of a GroundingModel made for such a UNet.
        strength: on the fusers' gates, 0–1.
        schedule: shares of the steps: on, falling, off.

    Raises:
        ValueError: no such UNet, fusers that do not fit it, strength or schedule out of range.
    """
    unet = host_unet(model, "Apply Grounding")
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"Apply Grounding: strength is {strength}; it goes from 0 to 1.")
    grounding_scale(0, 1, schedule)
    _check_fit(unet, grounding.model)
    patched = model.clone()
    patched.set_additional_models(_RUN, [grounding])
    settings = _Settings(grounding, strength, schedule)
    for kind, wrapper in (
        (WrappersMP.OUTER_SAMPLE, settings.around_sampling),
        (WrappersMP.APPLY_MODEL, settings.around_call),
    ):
        patched.remove_wrappers_with_key(kind, _RUN)
        patched.add_wrapper_with_key(kind, _RUN, wrapper)
    patches = patched.model_options["transformer_options"].get("patches", {})
    if fuse not in patches.get("middle_patch", []):
        patched.set_model_patch(fuse, "middle_patch")
    return patched


def _check_fit(unet: Any, grounding: GroundingModel) -> None:
    """Raise where a fuser has no transformer block of its width in this UNet."""
    there = transformers(unet)
    for place in grounding.places:
        name, number, depth = place
        width = grounding.fuser_at((name, number), depth).norm1.weight.shape[0]
        found = there[place].norm1.weight.shape[0] if place in there else None
        if found != width:
            told = "no transformer there" if found is None else f"{found} channels there"
            raise ValueError(
                f"Apply Grounding: the grounding model has a fuser of {width} channels for {name} "
                f"block {number}, but this model has {told}. Grounding weights fit only the kind "
                "of model they were trained on (GLIGEN's: Stable Diffusion 1.x)."
            )


@dataclass
class _Run:
    """One sampling: the table of all tokens in it, and keys and values made from it."""

    model: GroundingModel
    table: Tensor
    projected: dict[Place, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def keys_values(self, place: Place, like: Tensor) -> tuple[Tensor, Tensor]:
        """Of every token in the table, for one fuser."""
        if place not in self.projected:
            fuser = self.model.fuser_at(place[:2], place[2])
            self.projected[place] = fuser.keys_values(self.table.to(like))
        return self.projected[place]


@dataclass(frozen=True)
class _Settings:
    grounding: ModelPatcher
    strength: float
    schedule: Triple

    def around_sampling(self, executor, noise, *args, **kwargs):
        """Turn the conditions' tokens into rows of one table."""
        guider = executor.class_obj
        conds = [cond for group in guider.conds.values() for cond in group or ()]
        found = [cond.get(TOKENS) for cond in conds]
        if not any(found):
            return executor(noise, *args, **kwargs)
        model: GroundingModel = self.grounding.model
        run, rows = _tabulate(model, found, noise.shape[0])
        for cond, row in zip(conds, rows, strict=True):
            cond["model_conds"] = {**cond["model_conds"], TOKENS: comfy.conds.CONDRegular(row)}
        guider.model_options["transformer_options"][_RUN] = run
        return executor(noise, *args, **kwargs)

    def around_call(
        self, executor, x, t, c_concat, c_crossattn, control, transformer_options, **kwargs
    ):
        """Hand the rows of this call, and the strength of this step, to the blocks."""
        rows = kwargs.pop(TOKENS, None)
        scale = 0.0
        if rows is not None:
            sigmas = transformer_options["sample_sigmas"].tolist()
            steps = max(len(sigmas) - 1, 1)
            step = step_index(float(t.max()), sigmas)
            scale = self.strength * grounding_scale(step, steps, self.schedule)
        if scale > 0:
            every = {**transformer_options.get(ROWS_KEY, {}), TOKENS: rows}
            transformer_options = {**transformer_options, ROWS_KEY: every, _SCALE: scale}
        return executor(x, t, c_concat, c_crossattn, control, transformer_options, **kwargs)


def _tabulate(
    model: GroundingModel, found: Sequence[FrameTokens | None], frames: int
) -> tuple[_Run, list[Tensor]]:
    """The distinct tokens of a sampling, and of each condition the rows of its tokens in them."""
    given = [tokens for tokens in found if tokens is not None]
    slots = max(tokens.tokens.shape[1] for tokens in given)
    per_slot = 2 if model.layout == TEXT_IMAGE else 1

    def filled_up(tokens: Tensor) -> Tensor:
        with torch.no_grad():
            spare = model.empty_tokens((slots - tokens.shape[1]) // per_slot).float().cpu()
        return torch.cat([tokens, spare.expand(frames, -1, -1)], dim=1)

    none = torch.empty(frames, 0, model.token_width)

    def per_frame(values: Tensor) -> Tensor:
        return one_per_frame(values, frames, "grounding tokens", "Apply Grounding")

    whole = [filled_up(none if one is None else per_frame(one.tokens)) for one in found]
    filled = torch.stack([per_frame(one.filled) for one in given]).any(0)
    table, places = torch.unique(torch.cat(whole).flatten(0, 1), dim=0, return_inverse=True)
    rows = places.view(len(found), frames, slots).clone()
    rows[:, ~filled] = _BYPASS
    return _Run(model, table), list(rows)


def fuse(x: Tensor, options: dict[str, Any]) -> Tensor:
    """middle_patch: x [conds·frames, tokens, channels] after a block's self-attention."""
    run, scale, block = options.get(_RUN), options.get(_SCALE), options.get("block")
    if run is None or scale is None or block is None:
        return x
    place = (*block, options.get("block_index", 0))
    fuser, rows = run.model.fuser_at(block, place[2]), options[ROWS_KEY][TOKENS]
    if fuser is None or len(rows) != len(x):  # or attention over time
        return x
    keys, values = run.keys_values(place, x)

    def attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        precision = options.get("attn_precision")
        return optimized_attention(
            q, k, v, heads, attn_precision=precision, transformer_options=options
        )

    used = torch.nonzero(rows[:, 0] != _BYPASS).flatten()
    if not len(used):
        return x
    at_once = _rows_at_once(x)
    if len(used) == len(x) <= at_once:
        return fuser(x, keys[rows], values[rows], attend, scale)
    out = torch.empty_like(x) if len(used) == len(x) else x.clone()
    for part in used.split(at_once):
        told = rows[part]
        out[part] = fuser(x[part], keys[told], values[told], attend, scale)
    return out


def _rows_at_once(x: Tensor) -> int:
    """On a CPU as many as stay in its caches, which is a third faster; on a GPU all."""
    return len(x) if x.device.type != "cpu" else max(1, _CACHED // x.shape[1])
