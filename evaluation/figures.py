"""The one form in which every command of ``director.py`` writes down what it measured."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..host.provenance import commit, machine
from .intervals import ratio_interval


@dataclass(frozen=True)
class Figure:
    """One measured number: dotted name, value, unit, and over how many samples.

    Shares are in 0-1 with unit "share"; a figure that ends in ``_low95`` is the lower end of a
    95 % bootstrap interval. ``low95`` and ``high95`` are the figure's own interval, where known.
    """

    figure: str
    value: float
    unit: str
    n: int
    low95: float | None = None
    high95: float | None = None


def measured(
    name: str,
    parts: Sequence[float],
    wholes: Sequence[float] | None = None,
    unit: str = "share",
) -> Figure:
    """A figure with its interval: the sum of the parts over the sum of the wholes.

    Args:
        name: of the figure.
        parts: one number per sample.
        wholes: what each part is of; ones when None (a mean).
        unit: of the value.
    """
    value, low, high = ratio_interval(parts, wholes)
    return Figure(name, value, unit, len(parts), low, high)


def write_figures(path: Path, command: str, seed: int, rows: Sequence[Figure]) -> None:
    """Write the figures of one run as JSON: command, commit, machine, seed, rows.

    Args:
        path: file to write; replaced only when the new content is complete.
        command: as typed after ``director.py``, without options ("evaluate miniature").
        seed: the seed of the evaluation's samples.
        rows: the figures; each name once.

    Raises:
        ValueError: a figure's name is given twice.
    """
    names = [row.figure for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"figures given twice: {', '.join(twice)}; give each name once")
    content = {
        "command": command,
        "commit": commit(),
        "machine": machine(),
        "seed": seed,
        "rows": [
            {key: value for key, value in asdict(row).items() if value is not None} for row in rows
        ],
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(unfinished, path)


def table(rows: Sequence[Figure]) -> str:
    """The figures as aligned lines for the terminal."""
    width = max((len(row.figure) for row in rows), default=0)
    return "\n".join(_line(row, width) for row in rows)


def _line(row: Figure, width: int) -> str:
    interval = ""
    if row.low95 is not None and row.high95 is not None:
        interval = f", 95 %: {row.low95:.3f} to {row.high95:.3f}"
    return f"{row.figure:<{width}}  {row.value:10.4f} {row.unit} (n = {row.n}{interval})"
