"""What reference attention costs on SD1.5: ``director.py bench references``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..evaluation.figures import Figure
from ..evaluation.in_process import load_host
from ..evaluation.report import command_parser, report
from ..host.console import Console
from .measures import median_times, peak_bytes
from .sd15_step import device, fill, sampling, sd15

COMMAND = "bench references"
FRAMES, SIZE, THINGS, WIDTH = 4, 32, 2, 768
TOKENS = {"plus": 16, "local": 256}  # of one picture: the released form, and the paper's
_BOXES = ((0.0, 0.2, 0.5, 0.9), (0.5, 0.1, 1.0, 0.8))


def _adapter(unet: Any) -> Any:
    """Random weights with a pair of their own for backgrounds, as VideoStudio's."""
    import comfy.model_patcher

    from ..attention_patches.reference_checkpoints import LOCAL
    from ..training.referring import build_adapter

    model = fill(build_adapter(unet, LOCAL, WIDTH, WIDTH))
    return comfy.model_patcher.ModelPatcher(
        model.to(next(unet.parameters()).dtype), device(), torch.device("cpu")
    )


def _told(tokens: int, *, regions: bool) -> Any:
    from ..attention_patches.grounding_modules import WHOLE
    from ..attention_patches.reference_run import FrameReferences

    generator = torch.Generator().manual_seed(3)
    boxes = _BOXES if regions else (WHOLE,) * THINGS
    return FrameReferences(
        torch.randn(1, THINGS, tokens, WIDTH, generator=generator),
        torch.ones(THINGS),
        torch.tensor(boxes).expand(FRAMES, -1, -1),
        torch.randn(1, tokens, WIDTH, generator=generator),
        1.0,
        torch.zeros(tokens, WIDTH),
        regions,
    )


def rows(rounds: int) -> list[Figure]:
    """A step with two things and a place told by pictures, over the plain model's."""
    from ..attention_patches.reference_patch import PICTURES, Strengths, patch_references

    plain = sd15()
    patched = patch_references(plain, _adapter(plain.model.diffusion_model), Strengths(0.5, 0.33))
    works = {"plain": sampling(plain, FRAMES, SIZE)}
    for form, tokens in TOKENS.items():
        for regions in (False, True):
            extra = ({PICTURES: _told(tokens, regions=regions)}, {})
            name = f"{form}_regional" if regions else form
            works[name] = sampling(patched, FRAMES, SIZE, extra=extra)
    seconds = median_times(works, rounds)
    over = {name: seconds[name] / seconds["plain"] for name in works if name != "plain"}
    peak = {name: peak_bytes(works[name]) for name in ("plain", "plus", "local")}
    return [
        Figure("time.unet_step_over_plain", over["plus"], "1", rounds),
        Figure("time.regional_over_plain", over["plus_regional"], "1", rounds),
        Figure("time.local_tokens_over_plain", over["local"], "1", rounds),
        Figure("time.local_tokens_regional_over_plain", over["local_regional"], "1", rounds),
        *(
            Figure(f"memory.{name}_extra_mib", (peak[name] - peak["plain"]) / 2**20, "MiB", 1)
            for name in ("plus", "local")
        ),
    ]


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the file asked for."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--rounds", type=int, default=7, help="times each step is timed")
    options = parser.parse_args(list(argv))
    console = Console()
    load_host()
    console.say(f"steps of SD1.5's UNet with {THINGS} things and a place told by pictures …")
    with torch.no_grad():
        found = rows(options.rounds)
    report(console, COMMAND, options, found)
    return 0
