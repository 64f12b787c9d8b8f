"""The plot of control and quality against alpha."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_LINES = {
    "spatial": ("relation right (spatial)", "tab:blue"),
    "count": ("number right (count)", "tab:green"),
    "direction": ("movement right (direction)", "tab:purple"),
    "mean_iou": ("overlap with the boxes (IoU)", "tab:orange"),
    "object": ("objects there, quality (object)", "tab:red"),
}


def write_plot(path: Path, found: Mapping[float, Mapping[str, float]], samples: int) -> None:
    """Write the sweep as a PNG.

    Args:
        path: replaced only when the new one is complete.
        found: alpha to figure to value, 0–1.
        samples: prompts of each skill at each alpha.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2), dpi=110)
    for name, (label, colour) in _LINES.items():
        points = [(alpha, values[name]) for alpha, values in found.items() if name in values]
        axes.plot(*zip(*points, strict=True), marker="o", label=label, color=colour)
    axes.set_xlabel("alpha: share of the steps that heed the boxes")
    axes.set_ylabel("share of prompts, or IoU")
    axes.set_ylim(0, 1.02)
    axes.set_title(f"The miniature, boxes drawn with the prompt, {samples} prompts a skill")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
    figure.tight_layout()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(unfinished, format="png")
    pyplot.close(figure)
    os.replace(unfinished, path)
