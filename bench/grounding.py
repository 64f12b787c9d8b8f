"""What layout grounding costs on SD1.5: ``director.py bench grounding``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..evaluation.figures import Figure
from ..evaluation.in_process import load_host
from ..evaluation.report import command_parser, report
from ..host.console import Console
from .measures import median_times
from .sd15_step import device, fill, sampling, sd15

COMMAND = "bench grounding"
FRAMES, BOXES, SIZE, STEPS, WIDTH, HEADS = 4, 8, 32, 20, 768, 8
ALPHA = 0.3


def _weights(unet: Any) -> Any:
    """Random text-box weights of GLIGEN's shapes for every transformer of a UNet."""
    from ..attention_patches.grounding_checkpoints import TEXT, GroundingModel
    from ..attention_patches.grounding_modules import GatedSelfAttention, TextTokens
    from ..attention_patches.unet_blocks_patch import transformers

    fusers = {
        place: GatedSelfAttention(transformer.norm1.weight.shape[0], WIDTH, HEADS)
        for place, transformer in transformers(unet).items()
    }
    return GroundingModel(TEXT, TextTokens(WIDTH, WIDTH), fusers)


class Forms:
    """The plain model, ours, and the host's own GLIGEN, with the same weights and boxes."""

    def __init__(self) -> None:
        import comfy.gligen
        import comfy.model_patcher

        from ..attention_patches.grounding_checkpoints import grounding_state

        self.plain = sd15()
        weights = _weights(self.plain.model.diffusion_model)
        fill(weights)
        dtype = self.plain.model.get_dtype()
        ours, theirs = weights.to(dtype), comfy.gligen.load_gligen(grounding_state(weights))
        self.ours, self.theirs = (
            comfy.model_patcher.ModelPatcher(part, device(), torch.device("cpu"))
            for part in (ours, theirs.to(dtype))
        )
        generator = torch.Generator().manual_seed(3)
        self.names = torch.randn(BOXES, WIDTH, generator=generator)
        corners = torch.rand(BOXES, 2, 2, generator=generator).sort(dim=1).values
        self.boxes = corners.flatten(1)

    def grounded(self, alpha: float, steps: int) -> Any:
        """Our form: the same boxes in every frame."""
        from ..attention_patches.grounding_modules import Entities
        from ..attention_patches.grounding_patch import TOKENS, frame_tokens, patch_grounding

        there = torch.ones(FRAMES, BOXES, dtype=torch.bool)
        text = self.names.expand(FRAMES, -1, -1)
        asked = Entities(self.boxes.expand(FRAMES, -1, -1), text, text, there, there & False)
        model = patch_grounding(self.plain, self.ours, 1.0, (alpha, 0.0, 1.0 - alpha))
        extra = ({TOKENS: frame_tokens(self.ours, asked)}, {})
        return sampling(model, FRAMES, SIZE, steps=steps, extra=extra)

    def host(self) -> Any:
        """The host's GLIGEN node: positive and negative with the same boxes, as it does it."""
        placed = []
        for name, (x0, y0, x1, y1) in zip(self.names, (self.boxes * SIZE).tolist(), strict=True):
            placed.append((name[None], y1 - y0, x1 - x0, y0, x0))
        extra = ({"gligen": ("position", self.theirs, placed)}, {})
        return sampling(self.plain, FRAMES, SIZE, extra=extra)


def rows(rounds: int, run_rounds: int) -> list[Figure]:
    """A step with grounding on, and a whole run, over the plain model's and the host's."""
    forms = Forms()
    step = median_times(
        {
            "plain": sampling(forms.plain, FRAMES, SIZE),
            "ours": forms.grounded(1.0, 1),
            "host": forms.host(),
        },
        rounds,
    )
    found = [
        Figure("time.unet_step_over_plain", step["ours"] / step["plain"], "1", rounds),
        Figure("time.over_host_gligen_static", step["ours"] / step["host"], "1", rounds),
    ]
    if not run_rounds:
        return found
    run = median_times(
        {
            "plain": sampling(forms.plain, FRAMES, SIZE, steps=STEPS),
            "ours": forms.grounded(ALPHA, STEPS),
        },
        run_rounds,
    )
    ratio = run["ours"] / run["plain"]
    return [*found, Figure("time.run_over_plain_at_alpha_0_3", ratio, "1", run_rounds)]


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the file asked for."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--rounds", type=int, default=7, help="times each step is timed")
    parser.add_argument(
        "--run-rounds", type=int, default=1, help="times each run of 20 steps is timed; 0 for none"
    )
    options = parser.parse_args(list(argv))
    console = Console()
    load_host()
    console.say(f"steps of SD1.5's UNet with {BOXES} boxes in each of {FRAMES} frames …")
    with torch.no_grad():
        found = rows(options.rounds, options.run_rounds)
    report(console, COMMAND, options, found)
    return 0
