"""Plots of a measure against a setting."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_LINES = {
    "spatial": ("relation right (spatial)", "tab:blue"),
    "count": ("number right (count)", "tab:green"),
    "direction": ("movement right (direction)", "tab:purple"),
    "mean_iou": ("overlap with the boxes (IoU)", "tab:orange"),
    "object": ("objects there, quality (object)", "tab:red"),
}


def write_plot(path: Path, found: Mapping[float, Mapping[str, float]], samples: int) -> None:
    """Write control and quality against alpha as a PNG.

    Args:
        path: replaced only when the new one is complete.
        found: alpha to figure to value, 0–1.
        samples: prompts of each skill at each alpha.
    """

    def draw(axes: Any) -> None:
        for name, (label, colour) in _LINES.items():
            points = [(alpha, values[name]) for alpha, values in found.items() if name in values]
            axes.plot(*zip(*points, strict=True), marker="o", label=label, color=colour)
        axes.set_xlabel("alpha: share of the steps that heed the boxes")
        axes.set_ylabel("share of prompts, or IoU")
        axes.set_ylim(0, 1.02)
        axes.set_title(f"The miniature, boxes drawn with the prompt, {samples} prompts a skill")
        axes.legend(fontsize=8, loc="lower right")

    _write(path, draw)


def write_camera_plot(path: Path, found: Mapping[str, Mapping[float, float]], clips: int) -> None:
    """Write the error of the camera's way against T_m as a PNG.

    Args:
        path: replaced only when the new one is complete.
        found: mode to share of the steps to error over what was asked.
        clips: at each point.
    """

    def draw(axes: Any) -> None:
        for mode, points in found.items():
            axes.plot(list(points), list(points.values()), marker="o", label=mode)
        axes.set_xlabel("T_m: share of the steps after which the camera moves the clip")
        axes.set_ylabel("error of the flow over the flow asked for")
        axes.set_ylim(bottom=0)
        axes.set_title(f"The miniature, {clips} clips at each point")
        axes.legend(fontsize=8)

    _write(path, draw)


def _write(path: Path, draw: Callable[[Any], None]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2), dpi=110)
    draw(axes)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(unfinished, format="png")
    pyplot.close(figure)
    os.replace(unfinished, path)
