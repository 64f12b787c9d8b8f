"""What every measuring command takes and tells in the same way: its figures, its pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..host.console import Console
from .contact_sheet import write_sheet
from .figures import Figure, table, write_figures

Sheet = list[tuple[str, np.ndarray]]


def command_parser(
    command: str, told: str | None, *, sheet: bool = False
) -> argparse.ArgumentParser:
    """A command's parser, with ``--json`` and, of one that draws, ``--sheet``.

    Args:
        command: as typed after ``director.py``.
        told: what its help says.
        sheet: whether it has pictures to show.
    """
    parser = argparse.ArgumentParser(prog=f"director.py {command}", description=told)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    if sheet:
        parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="picture of the rows")
    return parser


def add_cases_options(parser: argparse.ArgumentParser) -> None:
    """Which cases a command with a validation set of its own asks."""
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--validation", action="store_true", help="cases to choose settings on")
    parser.add_argument("--quick", action="store_true", help="a small subset, for CI")


def row_of(told: str, pictures: np.ndarray) -> Sheet:
    """A clip's pictures for a sheet, the first with a caption."""
    return [(told if at == 0 else "", picture) for at, picture in enumerate(pictures)]


def write_pictures(console: Console, options: argparse.Namespace, sheet: Sheet) -> None:
    """Write the picture of the rows, where it was asked for: captions and pictures in order."""
    if options.sheet:
        write_sheet(options.sheet, [p for _, p in sheet], [told for told, _ in sheet])
        console.say(f"picture of the rows: {options.sheet}")


def report(
    console: Console, command: str, options: argparse.Namespace, rows: Sequence[Figure]
) -> None:
    """Print the figures, and write them where that was asked for.

    A run on validation cases says so in its file, since its figures are none to report.
    """
    console.say(table(rows))
    if options.json:
        name = f"{command} --validation" if getattr(options, "validation", False) else command
        write_figures(options.json, name, getattr(options, "seed", 0), rows)
        console.say(f"figures: {options.json}")
