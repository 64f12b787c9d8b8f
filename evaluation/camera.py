"""Figure 1 of VideoStudio's supplement on the miniature: ``director.py evaluate camera``.

Clips are drawn with the camera asked to move, and dense optical flow (OpenCV's DIS) tells how it
moved. All rows of a clip start from the same noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..host.console import Console, bar
from ..sampling.camera_motion import (
    DEFAULT_AMOUNT,
    DEFAULT_MODE,
    DEFAULT_PERCENT,
    DEFAULT_TIMES,
    MODES,
)
from .camera_cases import (
    EVALUATION,
    IMAGE,
    LATENTS,
    ROUTES,
    STATIC,
    VALIDATION,
    VIDEO,
    Case,
    camera_cases,
    objects_read,
)
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


class _Readings:
    """What the clips of one route showed."""

    def __init__(self) -> None:
        self.right: list[float] = []
        self.errors: list[float] = []
        self.still: list[float] = []
        self.objects: list[tuple[float, float]] = []

    def add(self, case: Case, clip: np.ndarray, rest: np.ndarray | None) -> None:
        """Read a clip; ``rest`` is the same one with a camera that rests, None where it does."""
        from ..miniature.oracle import read_picture
        from .optical_flow import flow_error, read_camera

        camera = read_camera(clip)
        if rest is None:
            self.still.append(100 * camera.flow)
            return
        self.right.append(float(camera.direction == case.direction))
        self.errors.append(flow_error(clip, case.direction, case.speed))
        readings = ([read_picture(one) for one in frames] for frames in (rest, clip))
        self.objects += objects_read(case, *readings)

    def rows(self, route: str = "") -> list[Figure]:
        """Figures of a route, or without a name those of all together."""
        dot, under = (f".{route}", f".{route}_route") if route else ("", "")
        rows = [measured(f"direction_right{under}", self.right)] if self.right else []
        if self.errors:
            rows.append(measured(f"flow_error_over_asked{dot}", self.errors, unit="1"))
        if self.still:
            unit = "% of the width per frame"
            rows.append(measured(f"static_flow_percent_per_frame{dot}", self.still, unit=unit))
        if self.objects:
            moved, still = zip(*self.objects, strict=True)
            rows.append(measured(f"object_read{dot}.camera", moved))
            rows.append(measured(f"object_read{dot}.none", still))
            difference = [a - b for a, b in self.objects]
            rows.append(measured(f"object_read{dot}.camera_minus_none", difference))
        return rows


class _Run:
    """One evaluation: its routes, its settings, and what it says meanwhile."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        from .camera_drawing import CameraVideoRoute, ImageRoute, LatentRoute
        from .miniature_models import Miniature, Settings

        self.options, self.console = options, console
        self.stream = VALIDATION if options.validation else EVALUATION
        settings, miniature = Settings(options.steps, sampler=options.sampler), Miniature()
        kinds = {IMAGE: ImageRoute, VIDEO: CameraVideoRoute}
        self.routes = {name: kinds[name](miniature, FRAMES, settings) for name in options.routes}
        self.way = {name: getattr(options, name) for name in ("mode", "percent", "times", "amount")}
        self.latents = LatentRoute(miniature, FRAMES)
        self.sheet: Sheet = []

    def moved(self) -> list[Figure]:
        """Directions, errors and objects of clips with a camera that moves and with one at rest."""
        options = self.options
        cases = camera_cases(options.clips, options.still, options.seed, self.stream)
        read = {name: _Readings() for name in self.routes}
        bare = _Readings()
        for number, case in enumerate(cases):
            if case.direction != STATIC:
                drawn = (self.latents.draw(case, way) for way in (self.way, None))
                bare.add(case, *drawn)
            for name, route in self.routes.items():
                clip = route.draw(case, self.way)
                rest = None if case.direction == STATIC else route.draw(case, None)
                read[name].add(case, clip, rest)
                if number < _SHOWN:
                    told = f"{name} {case.direction}, {100 * case.speed:g} %: {case.prompt}"
                    self.sheet += row_of(told, clip)
            self.console.draw([bar("clips", number + 1, len(cases))])
        together = _Readings()
        for one in read.values():
            for kind, values in vars(one).items():
                getattr(together, kind).extend(values)
        return [
            *together.rows(),
            *(row for name, one in [*read.items(), (LATENTS, bare)] for row in one.rows(name)),
        ]

    def sweep(self) -> list[Figure]:
        """What the clips show over T_m, in every mode; validation clips of the first route."""
        from .sweep_plot import write_camera_plot

        cases = camera_cases(self.options.sweep_clips, 0, self.options.seed, VALIDATION)
        route = next(iter(self.routes.values()))
        rests = [route.draw(case, None) for case in cases]
        points = [(mode, percent) for mode in MODES for percent in _PERCENTS]
        rows: list[Figure] = []
        found: dict[str, dict[float, dict[str, float]]] = {mode: {} for mode in MODES}
        for number, (mode, percent) in enumerate(points):
            way = {**self.way, "mode": mode, "percent": percent}
            read = _Readings()
            for case, rest in zip(cases, rests, strict=True):
                read.add(case, route.draw(case, way), rest)
            at = f"{mode}.{percent:g}"
            values = {
                "flow_error_over_asked": measured(
                    f"sweep.flow_error_over_asked.{at}", read.errors, unit="1"
                ),
                "direction_right": measured(f"sweep.direction_right.{at}", read.right),
                "object_read": measured(
                    f"sweep.object_read.{at}", [moved for moved, _ in read.objects]
                ),
            }
            rows += values.values()
            found[mode][percent] = {name: row.value for name, row in values.items()}
            self.console.draw([bar("modes and T_m", number + 1, len(points))])
        write_camera_plot(self.options.plot, found, len(cases))
        return rows


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--clips", type=int, default=108, help="with a camera that moves")
    parser.add_argument("--still", type=int, default=12, help="with one that rests")
    parser.add_argument("--routes", nargs="+", choices=ROUTES, default=list(ROUTES))
    parser.add_argument("--mode", choices=MODES, default=DEFAULT_MODE)
    parser.add_argument("--percent", type=float, default=DEFAULT_PERCENT, help="T_m over T")
    parser.add_argument("--times", type=int, default=DEFAULT_TIMES)
    parser.add_argument("--amount", type=float, default=DEFAULT_AMOUNT)
    parser.add_argument("--steps", type=int, default=25)
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
