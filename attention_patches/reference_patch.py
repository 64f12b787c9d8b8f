"""Reference attention in the host's UNets: attn2 also looks at pictures of entities.

Tokens of the pictures travel in the conditioning. When a sampling starts they become one table,
and what travels on is a number per frame and condition, which the host slices and batches like any
other conditioning. What replaces attn2 is put in for each call, around whatever replaces it then:
so the node gets on with other packs that replace attn2, whichever comes first in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import comfy.conds
import torch
from comfy.ldm.modules.attention import optimized_attention
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP
from torch import Tensor

from .frame_slices_patch import ROWS_KEY
from .functional.reference_attention import attend_to_pictures, outside_share
from .grounding_checkpoints import Place
from .reference_checkpoints import ReferenceAdapter
from .reference_run import NODE, ReferenceRun
from .unet_blocks_patch import host_unet, transformers

PICTURES = "video_director_references"  # key in a conditioning, and of the rows in its model_conds
STANDARD, CROSS_FIRST = "standard", "cross_attention_first"
_RUN = "video_director.reference_run"
_CONTEXT = "video_director.reference_context"


@dataclass(frozen=True)
class Strengths:
    """How strongly pictures act, and when.

    foreground, background: weights w of the two attentions.
    start_percent, end_percent: part of the sampling in which they act, 0–1.
    layers: factors of transformer blocks ("output 3") that differ from 1.
    order: ``STANDARD`` or ``CROSS_FIRST``.
    """

    foreground: float
    background: float
    start_percent: float = 0.0
    end_percent: float = 1.0
    layers: Mapping[str, float] = field(default_factory=dict)
    order: str = STANDARD


def patch_references(
    model: ModelPatcher, adapter: ModelPatcher, strengths: Strengths
) -> ModelPatcher:
    """Clone ``model`` so that it heeds pictures of entities in its conditioning.

    VideoStudio (arXiv:2401.01256), eq. 2, as its released code has it: the three cross-attentions
    are summed before to_out, q and to_out are the text's. With ``CROSS_FIRST`` their sum goes into
    the self-attention, z = x + SA(CA1 + CA2 + CA3), as eq. 2 is printed.

    Args:
        model: any model whose denoiser is one of the host's UNets.
        adapter: the patcher of a ReferenceAdapter made for such a UNet.
        strengths: how strongly and when.

    Raises:
        ValueError: no such UNet, an adapter that does not fit it, a second adapter, or layers that
            the model does not have.
    """
    unet = host_unet(model, NODE)
    _check_fit(unet, adapter.model)
    _check_layers(unet, strengths.layers)
    patched = model.clone()
    if patched.get_wrappers(WrappersMP.OUTER_SAMPLE, _RUN):
        raise ValueError(
            f"{NODE}: this model already goes through {NODE}; give all pictures to one node "
            "(Entity Picture and Entity References can be chained)."
        )
    patched.set_additional_models(_RUN, [adapter])
    settings = _Settings(adapter, strengths)
    for kind, wrapper in (
        (WrappersMP.OUTER_SAMPLE, settings.around_sampling),
        (WrappersMP.APPLY_MODEL, settings.around_call),
    ):
        patched.add_wrapper_with_key(kind, _RUN, wrapper)
    return patched


def _check_fit(unet: Any, adapter: ReferenceAdapter) -> None:
    wanted = [layer.to_k_ip.weight.shape[0] for layer in adapter.layers]
    there = [block.norm1.weight.shape[0] for block in transformers(unet).values()]
    if wanted != there:
        raise ValueError(
            f"{NODE}: the adapter is made for a model with {len(wanted)} cross-attentions of "
            f"{min(wanted)} to {max(wanted)} channels, but this model has {len(there)} of "
            f"{min(there)} to {max(there)}; load the adapter of this kind of model (SD1.5 or SDXL)."
        )


def _check_layers(unet: Any, layers: Mapping[str, float]) -> None:
    known = dict.fromkeys(f"{name} {number}" for name, number, _ in transformers(unet))
    wrong = [name for name in layers if name not in known]
    if wrong:
        raise ValueError(
            f"{NODE}: layer_weights names {', '.join(wrong)}, but the blocks of this model are: "
            f"{', '.join(known)}."
        )


@dataclass(frozen=True)
class _Settings:
    adapter: ModelPatcher
    strengths: Strengths

    def around_sampling(self, executor, noise, *args, **kwargs):
        """Turn the conditions' pictures into rows of one table."""
        guider = executor.class_obj
        conds = [cond for group in guider.conds.values() for cond in group or ()]
        found = [cond.get(PICTURES) for cond in conds]
        if not any(found):
            return executor(noise, *args, **kwargs)
        frames = noise.shape[0]
        unet = guider.model_patcher.get_model_object("diffusion_model")
        run = ReferenceRun(self.adapter.model, found, frames, unet)
        for number, cond in enumerate(conds):
            rows = torch.arange(number * frames, (number + 1) * frames)
            cond["model_conds"] = {**cond["model_conds"], PICTURES: comfy.conds.CONDRegular(rows)}
        guider.model_options["transformer_options"][_RUN] = run
        return executor(noise, *args, **kwargs)

    def around_call(
        self, executor, x, t, c_concat, c_crossattn, control, transformer_options, **kwargs
    ):
        """Put what looks at pictures into the blocks, for the steps that do."""
        rows = kwargs.pop(PICTURES, None)
        if rows is not None and self._acts(executor.class_obj.model_sampling, float(t.max())):
            every = {**transformer_options.get(ROWS_KEY, {}), PICTURES: rows}
            every[_CONTEXT] = c_crossattn
            transformer_options = self._with_pictures({**transformer_options, ROWS_KEY: every})
        return executor(x, t, c_concat, c_crossattn, control, transformer_options, **kwargs)

    def _acts(self, sampling: Any, sigma: float) -> bool:
        now = self.strengths
        if not (now.foreground or now.background):
            return False
        start, end = (
            float(sampling.percent_to_sigma(share))
            for share in (now.start_percent, now.end_percent)
        )
        return start >= sigma > end

    def _with_pictures(self, options: dict[str, Any]) -> dict[str, Any]:
        run: ReferenceRun = options[_RUN]
        replaced = options.get("patches_replace", {})
        earlier = replaced.get("attn2", {})
        ours = {
            place: _Looking(
                run, place, self._factor(place), earlier.get(place, earlier.get(place[:2]))
            )
            for place in run.blocks
        }
        if self.strengths.order == STANDARD:
            return {**options, "patches_replace": {**replaced, "attn2": {**earlier, **ours}}}
        patches = options.get("patches", {})
        first = _CrossFirst(run, ours)
        crossed = {
            "attn1_patch": [first.into_self_attention, *patches.get("attn1_patch", ())],
            "attn2_output_patch": [first.nothing_more, *patches.get("attn2_output_patch", ())],
        }
        return {**options, "patches": {**patches, **crossed}}

    def _factor(self, place: Place) -> tuple[float, float]:
        """Weights of foreground and background in one block."""
        factor = self.strengths.layers.get(f"{place[0]} {place[1]}", 1.0)
        return factor * self.strengths.foreground, factor * self.strengths.background


@dataclass(frozen=True)
class _Looking:
    """Replaces attn2 in one block: the text's attention, and the pictures' besides."""

    run: ReferenceRun
    place: Place
    factors: tuple[float, float]
    earlier: Any  # what would have replaced attn2 without us

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, options: dict[str, Any]) -> Tensor:
        def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
            return optimized_attention(
                q,
                k,
                v,
                options["n_heads"],
                mask=mask,
                attn_precision=options.get("attn_precision"),
                transformer_options=options,
            )

        text = attend(q, k, v) if self.earlier is None else self.earlier(q, k, v, options)
        rows = options[ROWS_KEY][PICTURES]
        if len(rows) != len(q):  # attention over time
            return text
        return text + self._pictures(q, rows.to(q.device), options, attend)

    def _pictures(self, q: Tensor, rows: Tensor, options: dict[str, Any], attend: Any) -> Tensor:
        run, (foreground, background) = self.run, self.factors
        told = run.set_of.to(q.device)[rows]
        shares = None
        if not run.whole:
            height, width = _grid(q, options)
            shares = run.shares_of(height, width, q)[rows]
        seen = torch.zeros_like(q)
        if foreground and run.tokens.shape[1]:
            keys, values = run.foreground(self.place, q)
            seen = foreground * attend_to_pictures(
                q,
                keys[told],
                values[told],
                shares,
                run.owners.to(q.device),
                attend,
            )
        if background and run.background_weights.any():
            keys, values = run.behind(self.place, q)
            behind = attend(q, keys[told], values[told])
            there = run.background_weights.to(q)[rows].view(-1, 1, 1)
            if shares is not None:
                outside = outside_share(shares).to(q)
                regional = run.regional.to(q.device)[rows].view(-1, 1, 1)
                there = there * torch.where(regional, outside, torch.ones_like(outside))
            seen = seen + background * there * behind
        return seen


def _grid(q: Tensor, options: dict[str, Any]) -> tuple[int, int]:
    """Height and width of the cells that a block's queries are."""
    height, width = options["activations_shape"][-2:]
    if height * width != q.shape[1]:
        raise RuntimeError(f"{NODE}: {q.shape[1]} queries, but {height} × {width} cells")
    return height, width


@dataclass(frozen=True)
class _CrossFirst:
    """Eq. 2 as it is printed: self-attention works on the sum of the cross-attentions."""

    run: ReferenceRun
    looking: Mapping[Place, _Looking]

    def into_self_attention(
        self, n: Tensor, context: Tensor, value: Tensor, options: dict[str, Any]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """attn1_patch: what the self-attention is made of becomes the cross-attentions' sum."""
        if self._leaves(n, options):
            return n, context, value
        place = (*options["block"], options.get("block_index", 0))
        attention = self.run.blocks[place].attn2
        text = options[ROWS_KEY][_CONTEXT].to(n)
        q, k, v = attention.to_q(n), attention.to_k(text), attention.to_v(text)
        crossed = attention.to_out(self.looking[place](q, k, v, options))
        return crossed, crossed, crossed

    def nothing_more(self, n: Tensor, options: dict[str, Any]) -> Tensor:
        """attn2_output_patch: the cross-attentions have had their say already."""
        return n if self._leaves(n, options) else torch.zeros_like(n)

    def _leaves(self, n: Tensor, options: dict[str, Any]) -> bool:
        """Whether this is no attention over the cells of frames."""
        return options.get("block") is None or len(options[ROWS_KEY][PICTURES]) != len(n)
