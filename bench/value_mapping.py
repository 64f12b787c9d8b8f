"""What value mapping and filtering cost: ``director.py bench value_mapping``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..evaluation.figures import Figure
from ..evaluation.in_process import load_host
from ..evaluation.report import command_parser, report
from ..host.console import Console
from .measures import median_times, peak_bytes
from .sd15_step import device, fill, sampling, sd15

COMMAND = "bench value_mapping"
FRAMES, CONDS, HEADS, WIDTH = 8, 2, 8, 40
SHARE = 0.5
BLOCK = ("output", 8)


class Layer:
    """One self-attention of the host, as its transformer block calls it."""

    def __init__(self, tokens: int, dtype: torch.dtype) -> None:
        import comfy.ops
        from comfy.ldm.modules.attention import CrossAttention

        attention = CrossAttention(
            HEADS * WIDTH, heads=HEADS, dim_head=WIDTH, operations=comfy.ops.disable_weight_init
        )
        self.attention = fill(attention).to(device(), dtype)
        generator = torch.Generator().manual_seed(1)
        states = torch.randn(CONDS * FRAMES, tokens, HEADS * WIDTH, generator=generator)
        self.states = states.to(device(), dtype)

    def plain(self) -> Tensor:
        return self.attention(self.states)

    def mapped(self, share: float) -> Tensor:
        from ..attention_patches.mapped_attention_patch import (
            KEY,
            MappingCall,
            choose_context,
            mapped_attention,
        )

        here = frozenset([BLOCK])
        options = {
            KEY: (MappingCall([(0,)] * FRAMES, here, here, share, "dual_softmax"),),
            "block": BLOCK,
            "cond_or_uncond": list(range(CONDS)),
            "n_heads": HEADS,
        }
        n, context, value = choose_context(self.states, self.states, self.states, options)
        attention = self.attention
        q, k, v = attention.to_q(n), attention.to_k(context), attention.to_v(value)
        return attention.to_out(mapped_attention(q, k, v, options))

    def materialised(self) -> Tensor:
        """Filtering as the paper writes it, with every map of tokens against tokens in memory."""
        from ..attention_patches.functional.filtering import mapped_tokens

        attention = self.attention
        q, k, v = (
            layer(self.states).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for layer in (attention.to_q, attention.to_k, attention.to_v)
        )
        own = ((q @ k.transpose(-1, -2)) * WIDTH**-0.5).softmax(-1) @ v
        leaders = [cond * FRAMES for cond in range(CONDS) for _ in range(FRAMES)]
        similarity = (q @ k[leaders].transpose(-1, -2)) * WIDTH**-0.5
        rows, columns = similarity.softmax(-1), similarity.softmax(-2)
        keep = mapped_tokens((rows * columns).mean(-1), SHARE)
        out = torch.where(keep[..., None], rows @ v[leaders], own)
        return attention.to_out(out.transpose(1, 2).flatten(2))


def layer_rows(dtype: torch.dtype, sizes: Sequence[int], rounds: int) -> list[Figure]:
    """Time of the layer at the first size; memory at the first over its materialised form, and at
    the second over the first."""
    layer = Layer(sizes[0], dtype)
    seconds = median_times(
        {
            "plain": layer.plain,
            "mapping": lambda: layer.mapped(0.0),
            "filtering": lambda: layer.mapped(SHARE),
        },
        rounds,
    )
    peaks = [peak_bytes(lambda: layer.mapped(SHARE)), peak_bytes(layer.materialised)]
    larger = Layer(sizes[1], dtype)
    growth = peak_bytes(lambda: larger.mapped(SHARE)) / peaks[0]
    named = "" if sizes[0] == 1024 else f".{sizes[0]}"
    return [
        Figure(
            f"time.mapping_over_sdpa{named}", seconds["mapping"] / seconds["plain"], "1", rounds
        ),
        Figure(
            f"time.filtering_over_sdpa{named}", seconds["filtering"] / seconds["plain"], "1", rounds
        ),
        Figure(f"memory.filtering_over_materialised{named}", peaks[0] / peaks[1], "1", 1),
        Figure(f"memory.filtering_growth_{sizes[1]}_over_{sizes[0]}", growth, "1", 1),
    ]


def step_rows(sizes: Sequence[int], rounds: int) -> list[Figure]:
    """A step of SD1.5 with mapping and filtering in the released scope over the plain model."""
    from ..attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

    model = sd15()
    forms = {
        "plain": model,
        "mapping": patch_value_mapping(model, ValueMapping(order="first")),
        "filtering": patch_value_mapping(model, ValueMapping(order="first", filter_share=SHARE)),
    }
    rows = []
    for size in sizes:
        named = "" if size == 32 else f".{size}x{size}"
        seconds = median_times(
            {name: sampling(form, 4, size) for name, form in forms.items()}, rounds
        )
        for name, figure in (
            ("filtering", "time.unet_step_over_plain"),
            ("mapping", "time.unet_step_mapping_alone_over_plain"),
        ):
            rows.append(Figure(figure + named, seconds[name] / seconds["plain"], "1", rounds))
    return rows


def slice_row() -> Figure:
    """Peak of a step of 64 frames in passes of 16, over that of 16 frames in one pass."""
    from ..attention_patches.frame_slices_patch import patch_frames_per_pass
    from ..attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
    from ..miniature.loader import load_miniature

    model = load_miniature()[0]
    mapped = patch_value_mapping(model, ValueMapping(order="first"))
    width = model.model.diffusion_model.middle_block[1].transformer_blocks[0].attn2.to_k.in_features
    whole = peak_bytes(sampling(mapped, 16, 32, width))
    sliced = peak_bytes(sampling(patch_frames_per_pass(mapped, 16), 64, 32, width))
    return Figure("memory.frames64_over_frames16_one_pass_size", sliced / whole, "1", 1)


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the file asked for."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--rounds", type=int, default=7, help="times each form is timed")
    parser.add_argument("--part", choices=("layer", "step", "slices"), help="only one part")
    options = parser.parse_args(list(argv))
    console = Console()
    load_host()
    rows: list[Figure] = []
    with torch.no_grad():
        if options.part in (None, "layer"):
            console.say("one self-attention …")
            rows += layer_rows(torch.float32, (1024, 4096), options.rounds)
            if torch.cuda.is_available():
                rows += layer_rows(torch.float16, (4096, 9216), options.rounds)
        if options.part in (None, "slices"):
            console.say("a clip in slices …")
            rows.append(slice_row())
        if options.part in (None, "step"):
            console.say("a step of SD1.5's UNet …")
            rows += step_rows((32,), max(5, options.rounds))
            rows += step_rows((64,), 3)
    report(console, COMMAND, options, rows)
    return 0
