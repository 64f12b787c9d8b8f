"""Table 1 of DirecT2V on the miniature: ``director.py evaluate frames``.

Plans whose prompts change halfway are drawn with each way of tying frames together, every one from
the same noise. The oracle tells whether late frames show what their own prompts ask; the
miniature's CLIP tells how alike neighbours are and how evenly the frames follow their prompts.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..attention_patches.functional.filtering import MEASURED_SHARE
from ..host.console import Console, bar
from .figures import Figure, measured
from .frame_plans import FramePlan, frame_plan
from .in_process import load_host
from .report import Sheet, command_parser, report, row_of, write_pictures

COMMAND = "evaluate frames"
FRAMES = 8
_COMPARED = ("none", "first")  # what every other row is held against
ROWS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "first": {"order": "first"},
    "first_previous": {"order": "first+previous"},
    "random": {"order": "random"},
    "rvm": {},
    "rvm_dsf": {"filter_share": MEASURED_SHARE},
    "rvm_dsf_02": {"filter_share": 0.2},
    "rvm_dsf_08": {"filter_share": 0.8},
    "rvm_dsf_as_published": {"filter_share": MEASURED_SHARE, "filter_form": "as_published"},
}


@dataclass(frozen=True)
class Clip:
    """What was measured of one clip; one number each, so that rows can be paired by plan."""

    late_match: float  # share of the frames of the second half that show what is asked
    early_match: float
    neighbours: float  # mean cosine of the features of neighbouring frames
    difference: float  # mean absolute difference of neighbouring frames' pixels, 0–1
    text_distance: float  # mean |similarity to its prompt − that of frame 1| over the frames


def judge_clip(plan: FramePlan, pictures: np.ndarray, miniature: Any) -> Clip:
    """Measure one clip, uint8 [frames, 128, 128, 3]."""
    from ..miniature.oracle import read_picture, shows_just

    right = [
        shows_just(read_picture(picture), plan.objects(frame))
        for frame, picture in enumerate(pictures)
    ]
    half = plan.frames // 2
    features = miniature.embed_pictures(pictures)
    texts = miniature.embed_texts([plan.prompt(frame) for frame in range(plan.frames)])
    similarity = (features * texts).sum(-1)
    return Clip(
        float(np.mean(right[half:])),
        float(np.mean(right[:half])),
        float((features[1:] * features[:-1]).sum(-1).mean()),
        float(np.abs(np.diff(pictures.astype(np.float32) / 255, axis=0)).mean()),
        float((similarity[1:] - similarity[0]).abs().mean()),
    )


def row_figures(clips: dict[str, list[Clip]], suffix: str = "") -> list[Figure]:
    """Means of every row, and differences to ``first`` and ``none`` paired by plan."""
    rows = []
    for name, found in clips.items():
        named = f"{name}{suffix}"
        for measure, unit in (
            ("late_match", "share"),
            ("early_match", "share"),
            ("neighbours", "cosine"),
            ("difference", "1"),
            ("text_distance", "cosine"),
        ):
            values = [getattr(clip, measure) for clip in found]
            rows.append(measured(f"{measure}.{named}", values, unit=unit))
        rows += _differences("late_frame_match", named, found, clips["first"], "first")
        rows += _differences("neighbour_consistency", named, found, clips["none"], "none")
        moved = [[clip.difference for clip in row] for row in (found, clips["none"])]
        rows.append(measured(f"neighbour_difference.{named}_over_none", *moved, unit="1"))
        first = [clip.text_distance for clip in clips["first"]]
        own = [clip.text_distance for clip in found]
        rows.append(measured(f"frame_text_l1.{named}_over_first", own, first, "1"))
    return rows


_MEASURES = {"late_frame_match": "late_match", "neighbour_consistency": "neighbours"}


def _differences(
    measure: str, name: str, found: list[Clip], base: list[Clip], base_name: str
) -> list[Figure]:
    key = _MEASURES[measure]
    values = [getattr(a, key) - getattr(b, key) for a, b in zip(found, base, strict=True)]
    figure = measured(f"{measure}.{name}_minus_{base_name}", values)
    low = Figure(f"{figure.figure}_low95", figure.low95 or 0.0, figure.unit, figure.n)
    return [figure, low]


def _draw(plan: FramePlan, settings: dict[str, Any] | None, miniature: Any, sampling: Any) -> Any:
    from ..attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

    model = miniature.model
    if settings is not None:
        model = patch_value_mapping(model, ValueMapping(seed=plan.noise_seed, **settings))
    prompts = [plan.prompt(frame) for frame in range(plan.frames)]
    return miniature.sample_clip(model, prompts, plan.noise_seed, sampling)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--plans", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW")
    parser.add_argument("--long-plans", type=int, default=12, help="plans of the run at T = 100")
    parser.add_argument("--quick", action="store_true", help="a small subset, for CI")
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the files asked for."""
    options = _parser().parse_args(list(argv))
    options.rows = [row for row in ROWS if row in {*_COMPARED, *options.rows}]
    if options.quick:
        options.plans, options.long_plans, options.steps = 3, 0, 10
    console = Console()
    load_host()
    from .miniature_models import Miniature, Settings

    miniature = Miniature()
    sheet: Sheet = []

    def measure(names: Sequence[str], count: int, sampling: Settings) -> dict[str, list[Clip]]:
        clips: dict[str, list[Clip]] = {name: [] for name in names}
        for index in range(count):
            plan = frame_plan(options.seed, index, FRAMES)
            for name in names:
                pictures = _draw(plan, ROWS[name], miniature, sampling)
                clips[name].append(judge_clip(plan, pictures, miniature))
                if index < 3 and sampling.steps == options.steps:
                    told = f"{name}: {plan.prompt(0)} / {plan.prompt(FRAMES - 1)}"
                    sheet.extend(row_of(told, pictures))
            console.draw([bar(f"{sampling.steps} steps, plans", index + 1, count)])
        return clips

    console.say(f"drawing {options.plans} plans in {len(options.rows)} ways …")
    rows = [Figure("plans", options.plans, "1", options.plans)]
    rows += row_figures(measure(options.rows, options.plans, Settings(steps=options.steps)))
    if options.long_plans:
        console.say(f"drawing {options.long_plans} plans in the paper's 100 steps …")
        long = measure(["none", "first", "rvm", "rvm_dsf"], options.long_plans, Settings(steps=100))
        rows += row_figures(long, ".steps_100")
    report(console, COMMAND, options, rows)
    write_pictures(console, options, sheet)
    return 0
