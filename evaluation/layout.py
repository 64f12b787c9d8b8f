"""Table 1 of VideoDirectorGPT on the miniature: ``director.py evaluate layout``.

Prompts of five skills are drawn without boxes, with those that the offline planner makes of the
prompt alone, and with boxes that were drawn together with the prompt; the oracle answers. All rows
start from the same noise. A clip's frames depend on nothing but their own boxes here, so of a clip
its first and last frame are drawn.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..host.console import Console, bar
from ..miniature.oracle import Reading, read_picture
from ..planning.layout import interpolate
from ..planning.offline import plan_video
from .figures import Figure, measured
from .in_process import load_host
from .layout_cases import (
    DEFAULT_ALPHA,
    DIRECTION,
    EVALUATION,
    PICTURE_SKILLS,
    VALIDATION,
    Case,
    cases,
)
from .oracle_score import Box
from .report import Sheet, add_cases_options, command_parser, report, write_pictures
from .sweep_plot import write_plot

COMMAND = "evaluate layout"
SHEET_CASES = 3
_FRAMES = 8
_SWEEP = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
Boxes = list[list[tuple[str, Box]]]  # of each drawn frame, (phrase, box)


@dataclass(frozen=True)
class Row:
    """One way of drawing the cases."""

    name: str
    boxes: Callable[[Case], Boxes]
    alpha: float


def frames_of(case: Case) -> int:
    """Frames that are drawn of a case: a picture, or both ends of a clip."""
    return 2 if case.skill == DIRECTION else 1


def no_boxes(case: Case) -> Boxes:
    """The plain model's."""
    return [[] for _ in range(frames_of(case))]


def drawn_boxes(case: Case) -> Boxes:
    """Those that were drawn with the prompt."""
    ends = [
        [(thing.phrase, box) for thing, box in zip(case.things, side, strict=True)]
        for side in ([t.start for t in case.things], [t.end for t in case.things])
    ]
    return ends[: frames_of(case)]


def planned_boxes(case: Case) -> Boxes:
    """Those of the offline planner, which sees the prompt alone."""
    plan = plan_video(case.prompt, frames=_FRAMES if case.skill == DIRECTION else 1)
    names = {entity.id: entity.name for entity in plan.entities}
    frames = interpolate(plan.scenes[0])
    ends = [frames[0], frames[-1]][: frames_of(case)]
    return [[(names[key], box) for key, box in boxes.items()] for boxes in ends]


@dataclass(frozen=True)
class Answer:
    """What became of one case in one row."""

    case: Case
    score: float
    iou: float | None  # None without boxes


def answer(case: Case, boxes: Boxes, readings: Sequence[Reading]) -> Answer:
    """Judge the drawn frames of one case."""
    overlap = case.ious(boxes, readings) if any(boxes) else None
    return Answer(case, case.score(readings), overlap)


def row_figures(name: str, answers: Sequence[Answer]) -> list[Figure]:
    """Share of every skill, their mean, and the overlap of asked and found boxes."""
    of_skill = {
        skill: [one.score for one in answers if one.case.skill == skill]
        for skill in (*PICTURE_SKILLS, DIRECTION)
    }
    rows = [measured(f"{skill}.{name}", found) for skill, found in of_skill.items() if found]
    pictures = [score for skill in PICTURE_SKILLS for score in of_skill[skill]]
    rows.append(measured(f"overall.{name}", pictures))
    overlaps = [one.iou for one in answers if one.iou is not None]
    if overlaps:
        rows.append(measured(f"mean_iou.{name}", overlaps, unit="1"))
    return rows


def error_over_base(planned: Sequence[Answer], base: Sequence[Answer]) -> Figure:
    """(1 − overall with the planner's boxes) / (1 − overall without any)."""
    missed = [
        [1 - one.score for one in answers if one.case.skill in PICTURE_SKILLS]
        for answers in (planned, base)
    ]
    return measured("error_over_base.planner_boxes", *missed, unit="1")


def table_rows(alpha: float) -> list[Row]:
    """The rows of the table, the plain model first."""
    return [
        Row("base", no_boxes, 0.0),
        Row("planner_boxes", planned_boxes, alpha),
        Row("ground_truth_boxes", drawn_boxes, alpha),
        Row("planner_boxes_alpha_1", planned_boxes, 1.0),
        Row("ground_truth_boxes_alpha_1", drawn_boxes, 1.0),
    ]


class _Run:
    """One evaluation: its cases, its models, and what it says meanwhile."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        from .layout_drawing import LayoutMiniature
        from .miniature_models import Miniature, Settings

        self.options, self.console, self.settings = options, console, Settings()
        self.stream = VALIDATION if options.validation else EVALUATION
        self.artist = LayoutMiniature(Miniature())
        self.sheet: Sheet = []

    def cases(self, count: int) -> list[Case]:
        """So many of every skill."""
        return [
            case
            for skill in (*PICTURE_SKILLS, DIRECTION)
            for case in cases(skill, count, self.options.seed, self.stream)
        ]

    def draw(self, label: str, *asked: Any, alpha: float) -> np.ndarray:
        """Draw prompts, boxes, seeds."""

        def progress(done: int, total: int) -> None:
            self.console.draw([bar(label, done, total)])

        return self.artist.draw(*asked, alpha, self.settings, progress)

    def answers(self, row: Row, every: Sequence[Case]) -> list[Answer]:
        """Draw all cases one way and judge them."""
        from .layout_drawing import Boxed

        boxes = [row.boxes(case) for case in every]
        frames = [(case, frame) for case, own in zip(every, boxes, strict=True) for frame in own]
        pictures = self.draw(
            row.name,
            [case.prompt for case, _ in frames],
            [[Boxed(phrase, box) for phrase, box in frame] for _, frame in frames],
            [case.noise_seed for case, _ in frames],
            alpha=row.alpha,
        )
        readings = iter([read_picture(picture) for picture in pictures])
        found = [
            answer(case, own, [next(readings) for _ in own])
            for case, own in zip(every, boxes, strict=True)
        ]
        self._show(row, frames, pictures, found)
        return found

    def _show(
        self, row: Row, frames: Sequence[Any], pictures: np.ndarray, found: Sequence[Answer]
    ) -> None:
        """Keep the first pictures of every skill for the sheet."""
        shown = {one.case.prompt: one.score for one in found}
        seen: list[str] = []
        for (case, _), picture in zip(frames, pictures, strict=True):
            seen.append(case.skill)
            if seen.count(case.skill) <= SHEET_CASES:
                told = f"{row.name} [{shown[case.prompt]:.2f}] {case.prompt}"
                self.sheet.append((told, picture))

    def table(self) -> list[Figure]:
        """The table, every row over the same cases."""
        every, rows = self.cases(self.options.cases), []
        answers: dict[str, list[Answer]] = {}
        for row in table_rows(self.options.alpha):
            if not self.options.rows or row.name in self.options.rows:
                self.console.say(f"drawing {len(every)} prompts: {row.name} …")
                answers[row.name] = self.answers(row, every)
                rows += row_figures(row.name, answers[row.name])
        if {"base", "planner_boxes"} <= answers.keys():
            rows.append(error_over_base(answers["planner_boxes"], answers["base"]))
        return rows

    def sweep(self) -> list[Figure]:
        """Control and quality against alpha, with the drawn boxes."""
        every, rows = self.cases(self.options.sweep_cases), []
        found: dict[float, dict[str, float]] = {}
        self.console.say(f"drawing {len(every)} prompts at {len(_SWEEP)} values of alpha …")
        for alpha in _SWEEP:
            name = f"sweep_{alpha:g}".replace(".", "_")
            own = row_figures(name, self.answers(Row(name, drawn_boxes, alpha), every))
            found[alpha] = {row.figure.removesuffix(f".{name}"): row.value for row in own}
            rows += own
        if self.options.plot:
            write_plot(self.options.plot, found, self.options.sweep_cases)
        return rows

    def tokens(self) -> list[Figure]:
        """Entities told by text, by picture and by both, in two scenes each."""
        from .layout_scenes import entity_figures

        self.console.say(f"drawing {self.options.entities} entities in two scenes …")
        return entity_figures(self.draw, self.options)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="plot of the sweep of alpha")
    parser.add_argument("--cases", type=int, default=100, help="prompts a skill")
    parser.add_argument("--sweep-cases", type=int, default=20, help="those of the sweep of alpha")
    parser.add_argument("--entities", type=int, default=100, help="those drawn in two scenes")
    parser.add_argument("--alpha", type=float, default=DEFAULT_ALPHA)
    parser.add_argument("--rows", nargs="+", metavar="ROW", help="only these rows of the table")
    add_cases_options(parser)
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the files asked for."""
    options = _parser().parse_args(list(argv))
    if options.quick:
        options.cases, options.sweep_cases, options.entities = 2, 0, 2
    console = Console()
    load_host()
    run = _Run(options, console)
    rows = run.table()
    if options.entities:
        rows += run.tokens()
    if options.sweep_cases:
        rows += run.sweep()
    report(console, COMMAND, options, rows)
    write_pictures(console, options, run.sheet)
    return 0
