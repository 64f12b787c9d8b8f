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


_CAMERA_PANELS = {
    "flow_error_over_asked": "error of the flow over the flow asked for",
    "direction_right": "direction right",
    "object_read": "objects read in clips with the camera moving",
}


def write_camera_plot(
    path: Path, found: Mapping[str, Mapping[float, Mapping[str, float]]], clips: int
) -> None:
    """Write how far and how well the camera goes, against T_m, as a PNG.

    Args:
        path: replaced only when the new one is complete.
        found: mode to share of the steps to figure to value.
        clips: at each point.
    """

    def draw(*panels: Any) -> None:
        for axes, (name, label) in zip(panels, _CAMERA_PANELS.items(), strict=True):
            for mode, points in found.items():
                drawn = [(percent, values[name]) for percent, values in points.items()]
                axes.plot(*zip(*drawn, strict=True), marker="o", label=mode)
            axes.set_xlabel("T_m: share of the steps before the camera moves the clip")
            axes.set_title(label, fontsize=10)
            axes.set_ylim(bottom=0)
        panels[0].legend(fontsize=8, title=f"the miniature, {clips} clips a point")

    _write(path, draw, len(_CAMERA_PANELS))


def _write(path: Path, draw: Callable[..., None], panels: int = 1) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    width = 7 if panels == 1 else 5 * panels
    figure, axes = pyplot.subplots(1, panels, figsize=(width, 4.2), dpi=110, squeeze=False)
    draw(*axes[0])
    for panel in axes[0]:
        panel.grid(alpha=0.3)
    figure.tight_layout()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(unfinished, format="png")
    pyplot.close(figure)
    os.replace(unfinished, path)
