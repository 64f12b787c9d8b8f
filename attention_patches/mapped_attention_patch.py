"""Self-attention under value mapping: the hooks that the host calls in every transformer block.

What they do in one call of the model stands in its MappingCalls, which ``value_mapping_patch`` puts
into the call's transformer options; without any they change nothing. They keep no state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from comfy.ldm.modules.attention import optimized_attention
from torch import Tensor

from .frame_slices_patch import frames_here, join_kept_frames
from .functional.filtering import AS_PUBLISHED, filtered_attention
from .functional.value_mapping import ReferenceTable, gather_frames
from .unet_blocks_patch import Block

KEY = "video_director.value_mapping"


@dataclass(frozen=True)
class MappingCall:
    """Value mapping in one call of the model.

    table: reference frames of every frame of the call.
    blocks: where it applies.
    ours: those of them whose attention ``mapped_attention`` computes; in the others another pack's
        replacement, or a patch that follows, is given keys and values in their usual shape.
    share, form: of dual-softmax filtering; a share of 0 filters nothing.
    """

    table: ReferenceTable
    blocks: frozenset[Block]
    ours: frozenset[Block]
    share: float
    form: str

    @property
    def one_leader(self) -> bool:
        """Whether all frames attend to the same frames."""
        return all(row == self.table[0] for row in self.table)


def _call_here(options: dict[str, Any], batch: int) -> tuple[MappingCall, list[int]] | None:
    """The mapping of this block and the frames in its batch; None where nothing is mapped."""
    call = next((c for c in options.get(KEY, ()) if options.get("block") in c.blocks), None)
    if call is None:
        return None
    frames = frames_here(options, len(call.table))
    if batch != len(frames) * len(options["cond_or_uncond"]):
        return None  # attention over time, not over the pixels of a frame
    return call, frames


def choose_context(
    n: Tensor, context: Tensor, value: Tensor, options: dict[str, Any]
) -> tuple[Tensor, Tensor, Tensor]:
    """attn1_patch: from which frames keys and values are projected.

    n, context, value: [conds·frames, tokens, channels]. With filtering the frames' own come first,
    then the references that are not among them. Where the attention is ours and all frames share
    their references, these alone are projected, once: [conds, references·tokens, channels].
    """
    found = _call_here(options, n.shape[0])
    if found is None:
        return n, context, value
    chosen = _from_frames(context, "context", *found, options)
    if value is context:
        return n, chosen, chosen
    return n, chosen, _from_frames(value, "value", *found, options)


def _from_frames(
    x: Tensor, name: str, call: MappingCall, frames: list[int], options: dict[str, Any]
) -> Tensor:
    place = name, options["block"], options.get("transformer_index"), options.get("block_index")
    others = set(range(len(call.table))) - set(frames)
    every = join_kept_frames(
        options,
        place,
        x.unflatten(0, (len(options["cond_or_uncond"]), -1)),
        give={reference for frame in others for reference in call.table[frame]},
        take=_references_elsewhere(call, frames),
    )
    if call.share > 0:
        return every.flatten(0, 1)
    rows = _rows(call, frames)
    if call.one_leader and options["block"] in call.ours:
        return every[:, list(rows[0])].flatten(1, 2)
    return gather_frames(every, rows).flatten(0, 1)


def _references_elsewhere(call: MappingCall, frames: Sequence[int]) -> list[int]:
    return sorted({other for frame in frames for other in call.table[frame]} - set(frames))


def _rows(call: MappingCall, frames: list[int]) -> ReferenceTable:
    """The table of the frames at hand, in positions among them and the references after them."""
    order = frames + _references_elsewhere(call, frames)
    return [tuple(order.index(reference) for reference in call.table[frame]) for frame in frames]


def mapped_attention(q: Tensor, k: Tensor, v: Tensor, options: dict[str, Any]) -> Tensor:
    """attn1_replace: attention with the keys and values that ``choose_context`` chose.

    q: [conds·frames, tokens, channels]; returns the same shape.
    """
    found = _call_here(options, q.shape[0])
    if found is None:
        return _attend(q, k, v, options)
    call, frames = found
    conds = len(options["cond_or_uncond"])
    if call.share > 0:
        return _filtered(q, k, v, call, frames, options)
    if k.shape[0] == q.shape[0]:
        return _attend(q, k, v, options)
    # All frames ask the same keys: to attention they are one long picture.
    return _attend(q.reshape(conds, -1, q.shape[-1]), k, v, options).view_as(q)


def _attend(q: Tensor, k: Tensor, v: Tensor, options: dict[str, Any], **shape: bool) -> Tensor:
    return optimized_attention(
        q,
        k,
        v,
        options["n_heads"],
        attn_precision=options.get("attn_precision"),
        transformer_options=options,
        **shape,
    )


def _filtered(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    call: MappingCall,
    frames: list[int],
    options: dict[str, Any],
) -> Tensor:
    conds, heads = len(options["cond_or_uncond"]), options["n_heads"]
    rows = _rows(call, frames)
    q, k, v = (
        part.unflatten(-1, (heads, -1)).transpose(1, 2).unflatten(0, (conds, -1))
        for part in (q, k, v)
    )  # [conds, frames, h, n, d]
    mine = (part[:, : len(frames)].flatten(0, 1) for part in (k, v))
    out = _attend(q.flatten(0, 1), *mine, options, skip_reshape=True, skip_output_reshape=True)
    out = out.unflatten(0, (conds, -1))
    # A frame that leads itself has nothing to filter; the published quantile counts it as well.
    led = [at for at, row in enumerate(rows) if call.form == AS_PUBLISHED or row != (at,)]
    references = [
        tuple(torch.cat([part[cond, other] for other in rows[at]], dim=1) for part in (k, v))
        for cond in range(conds)
        for at in led
    ]
    if led:
        found = filtered_attention(
            q[:, led].flatten(0, 1), out[:, led].flatten(0, 1), references, call.share, call.form
        )
        out[:, led] = found.unflatten(0, (conds, -1))
    return out.flatten(0, 1).transpose(1, 2).flatten(2)
