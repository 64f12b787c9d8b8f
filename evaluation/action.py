"""Table 2 of VideoStudio on the miniature: ``director.py evaluate action``.

Drawn pictures of scenes become clips; the text says nothing of what is done, the action does. The
oracle follows every thing through the clip and tells what it does. All rows of a case start from
the same picture and the same noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..host.console import Console, bar
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

COMMAND = "evaluate action"
_SHOWN = 8


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--clips", type=int, default=160, help="cases, every action in turn")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--cfg", type=float, default=3.0)
    parser.add_argument("--sampler", default="euler_ancestral")
    add_cases_options(parser)
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the files asked for."""
    options = _parser().parse_args(list(argv))
    if options.quick:
        options.clips, options.steps = 2, 5
    console = Console()
    load_host()
    console.say(f"drawing {options.clips} clips, each with, without and with another action …")
    sheet: Sheet = []
    rows = _figures(options, console, sheet)
    report(console, COMMAND, options, rows)
    write_pictures(console, options, sheet)
    return 0


def _figures(options: argparse.Namespace, console: Console, sheet: Sheet) -> list[Figure]:
    from ..miniature.motions import FRAMES
    from ..miniature.oracle import read_picture
    from ..miniature.world import draw_scene
    from .action_cases import EVALUATION, VALIDATION, action_cases, does, picture_kept
    from .miniature_models import Miniature, Settings
    from .video_drawing import VideoRoute

    settings = Settings(options.steps, options.cfg, options.sampler)
    miniature = Miniature()
    route = VideoRoute(miniature, FRAMES, settings)
    stream = VALIDATION if options.validation else EVALUATION
    cases = action_cases(options.clips, options.seed, stream)
    right: dict[str, list[float]] = {"with_action": [], "without_action": [], "swapped_action": []}
    kept: list[float] = []
    consistent: dict[str, list[float]] = {"with_action": [], "without_action": []}
    for number, case in enumerate(cases):
        picture = draw_scene(case.scene)
        asked = {"with_action": case.label, "without_action": None, "swapped_action": case.other}
        for row, label in asked.items():
            if row == "swapped_action" and label is None:
                continue
            action = {label: 1.0} if label else {}
            clip = route.draw(picture, case.prompt, action, case.noise_seed)
            readings = [read_picture(frame) for frame in clip]
            right[row].append(does(case, label or case.label, readings))
            if row in consistent:
                seen = miniature.embed_pictures(clip)
                consistent[row].append(float((seen[1:] * seen[:-1]).sum(-1).mean()))
            if row == "with_action":
                kept.append(picture_kept(case, readings))
            if number < _SHOWN:
                told = f"{row}: {label or 'no action'}; {case.prompt}"
                sheet += row_of(told, clip)
        console.draw([bar("clips", number + 1, len(cases))])
    rows = [measured(f"class_right.{name}", values) for name, values in right.items() if values]
    pairs = zip(right["with_action"], right["without_action"], strict=True)
    difference = [a - b for a, b in pairs]
    return [
        *rows,
        measured("class_right.with_minus_without", difference),
        measured("scene_picture_kept", kept),
        measured("frame_consistency", consistent["with_action"], unit="cosine"),
        measured("frame_consistency.without_action", consistent["without_action"], unit="cosine"),
    ]
