"""Figure 1 of VideoStudio's supplement on the miniature: ``director.py evaluate camera``.

Clips are drawn with the camera asked to move, and dense optical flow (OpenCV's DIS) tells how it
moved. All rows of a clip start from the same noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..host.console import Console, bar
from ..sampling.camera_motion import (
    DEFAULT_AMOUNT,
    DEFAULT_MODE,
    DEFAULT_PERCENT,
    DEFAULT_TIMES,
    MODES,
)
from .camera_cases import EVALUATION, STATIC, VALIDATION, camera_cases, objects_read
from .figures import Figure, measured
from .in_process import load_host
from .report import (
    Sheet,
    add_cases_options,
    command_parser,
    report,
    row_of,
    write_pictures,
)

COMMAND = "evaluate camera"
FRAMES = 8
_SHOWN = 6
_PERCENTS = (0.04, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


class _Run:
    """One evaluation: its route, its settings, and what it says meanwhile."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        from .camera_drawing import ImageRoute
        from .miniature_models import Settings

        self.options, self.console = options, console
        self.stream = VALIDATION if options.validation else EVALUATION
        self.route = ImageRoute(FRAMES, Settings(sampler=options.sampler))
        self.way = {name: getattr(options, name) for name in ("mode", "percent", "times", "amount")}
        self.sheet: Sheet = []

    def moved(self) -> list[Figure]:
        """Directions, errors and objects of clips with a camera that moves and with one at rest."""
        from ..miniature.oracle import read_picture
        from .optical_flow import flow_error, read_camera

        options = self.options
        cases = camera_cases(options.clips, options.still, options.seed, self.stream)
        right: list[float] = []
        errors: list[float] = []
        still: list[float] = []
        read: list[tuple[float, float]] = []
        for number, case in enumerate(cases):
            clip = self.route.draw(case, self.way)
            found = read_camera(clip)
            if case.direction == STATIC:
                still.append(100 * found.flow)
            else:
                right.append(float(found.direction == case.direction))
                errors.append(flow_error(clip, case.direction, case.speed))
                rest = self.route.draw(case, None)
                readings = ([read_picture(one) for one in frames] for frames in (rest, clip))
                read += objects_read(case, *readings)
            if number < _SHOWN:
                told = f"{case.direction}, {100 * case.speed:g} %: {case.prompt}"
                self.sheet += row_of(told, clip)
            self.console.draw([bar("clips", number + 1, len(cases))])
        rows = [measured("direction_right.image_route", right)] if right else []
        rows += [measured("flow_error_over_asked", errors, unit="1")] if errors else []
        if still:
            unit = "% of the width per frame"
            rows.append(measured("static_flow_percent_per_frame", still, unit=unit))
        if read:
            rows.append(measured("object_read.camera", [one for one, _ in read]))
            rows.append(measured("object_read.none", [one for _, one in read]))
            rows.append(measured("object_read.camera_minus_none", [a - b for a, b in read]))
        return rows

    def sweep(self) -> list[Figure]:
        """Error of the flow over T_m, in every mode; on validation clips."""
        from .optical_flow import flow_error
        from .sweep_plot import write_camera_plot

        cases = camera_cases(self.options.sweep_clips, 0, self.options.seed, VALIDATION)
        points = [(mode, percent) for mode in MODES for percent in _PERCENTS]
        rows: list[Figure] = []
        found: dict[str, dict[float, float]] = {mode: {} for mode in MODES}
        for number, (mode, percent) in enumerate(points):
            way = {**self.way, "mode": mode, "percent": percent}
            errors = [
                flow_error(self.route.draw(case, way), case.direction, case.speed) for case in cases
            ]
            name = f"sweep.flow_error_over_asked.{mode}.{percent:g}"
            rows.append(measured(name, errors, unit="1"))
            found[mode][percent] = rows[-1].value
            self.console.draw([bar("modes and T_m", number + 1, len(points))])
        write_camera_plot(self.options.plot, found, len(cases))
        return rows


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--clips", type=int, default=108, help="with a camera that moves")
    parser.add_argument("--still", type=int, default=12, help="with one that rests")
    parser.add_argument("--mode", choices=MODES, default=DEFAULT_MODE)
    parser.add_argument("--percent", type=float, default=DEFAULT_PERCENT, help="T_m over T")
    parser.add_argument("--times", type=int, default=DEFAULT_TIMES)
    parser.add_argument("--amount", type=float, default=DEFAULT_AMOUNT)
    parser.add_argument("--sampler", default="euler_ancestral")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="sweep T_m in every mode")
    parser.add_argument("--sweep-clips", type=int, default=18, help="of each point of the plot")
    add_cases_options(parser)
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the files asked for."""
    options = _parser().parse_args(list(argv))
    if options.quick:
        options.clips, options.still, options.plot = 2, 1, None
    console = Console()
    load_host()
    run = _Run(options, console)
    console.say(f"drawing {options.clips + options.still} clips, flow by OpenCV's DIS …")
    rows = run.moved()
    rows += run.sweep() if options.plot else []
    report(console, COMMAND, options, rows)
    write_pictures(console, options, run.sheet)
    return 0
