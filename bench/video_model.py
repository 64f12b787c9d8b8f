"""What computing over frames costs in VideoStudio-Vid: ``director.py bench video_model``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from ..evaluation.figures import Figure
from ..evaluation.report import command_parser, report
from ..host.console import Console
from ..video_models.convolutions import over_frames
from .measures import median_times

COMMAND = "bench video_model"
FRAMES = 16
SIZES = {"320x32": (320, 32), "640x16": (640, 16), "64x16": (64, 16)}  # channels, cells a side


def _drawing(layer: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return layer(x)


def _learning(layer: nn.Module, x: Tensor) -> None:
    layer(x).sum().backward()


def rows(rounds: int) -> list[Figure]:
    """A convolution over frames, over torch's own in three dimensions."""
    found = []
    for name, (channels, cells) in SIZES.items():
        x = torch.randn(1, channels, FRAMES, cells, cells)
        layers = {
            label: kind(channels, channels, (3, 1, 1), padding=(1, 0, 0))
            for label, kind in (("plain", nn.Conv3d), ("ours", over_frames(nn.Conv3d)))
        }
        for work in (_drawing, _learning):
            works = {label: partial(work, layer, x) for label, layer in layers.items()}
            seconds = median_times(works, rounds)
            told = f"time.convolution_over_frames.{work.__name__.strip('_')}.{name}"
            found.append(Figure(told, seconds["ours"] / seconds["plain"], "1", rounds))
    return found


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the file asked for."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--rounds", type=int, default=7, help="times each is timed")
    options = parser.parse_args(list(argv))
    console = Console()
    console.say("convolutions over frames, ours over torch's in three dimensions …")
    report(console, COMMAND, options, rows(options.rounds))
    return 0
