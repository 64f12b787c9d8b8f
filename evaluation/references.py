"""Tables 1, 4 and 5 of VideoStudio on the miniature: ``director.py evaluate references``.

Captions name kind and colour of things; their marks, and what the place looks like, are in
reference pictures alone. All rows start from the same noise, and the oracle reads what was drawn.
Row ``words`` has no pictures, and captions that name the marks: what the denoiser draws of them at
all. Row ``regional`` is ``both`` with each picture in its own box, and with the boxes drawn by
layout grounding: a region is of use where its thing is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from ..host.console import Console, bar
from ..miniature.oracle import Reading, read_picture, shows_just
from .figures import Figure, measured
from .in_process import load_host
from .layout_cases import DEFAULT_ALPHA
from .report import Sheet, add_cases_options, command_parser, report, write_pictures

COMMAND = "evaluate references"
_SHOWN = 8


class _Run:
    """One evaluation: its cases, its models, and what it says meanwhile."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        from .miniature_models import Miniature, Settings
        from .reference_cases import EVALUATION, VALIDATION
        from .reference_drawing import ReferenceMiniature, Way

        self.options, self.console = options, console
        self.settings = Settings(cfg=options.cfg)
        self.stream = VALIDATION if options.validation else EVALUATION
        self.artist = ReferenceMiniature(Miniature())
        both = {"foreground": options.weight, "background": options.background_weight}
        grounded = {"alpha": DEFAULT_ALPHA}
        self.ways = {
            "none": Way(),
            "words": Way(),
            "fg": Way(foreground=both["foreground"]),
            "bg": Way(background=both["background"]),
            "both": Way(**both),
            "regional": Way(**both, **grounded, regional=True),
            "global": Way(**both, adapter="reference_global"),
            "text_grounding": Way(**grounded),
            "image_grounding": Way(**grounded, told_by="text_image"),
            "grounded": Way(**both, **grounded),
            "both_and_grounding": Way(**both, **grounded, told_by="text_image", regional=True),
        }
        self.sheet: Sheet = []

    def readings(self, row: str, cases: Sequence) -> list[Reading]:
        """Draw cases one way and read them."""

        def progress(done: int, total: int) -> None:
            self.console.draw([bar(row, done, total)])

        asked = [case.asked for case in cases]
        pictures = self.artist.draw(asked, self.ways[row], self.settings, progress)
        for case, picture in list(zip(cases, pictures, strict=True))[:_SHOWN]:
            self.sheet.append((f"{row}: {case.asked.prompt}", picture))
        return [read_picture(picture) for picture in pictures]

    def single(self) -> list[Figure]:
        """Foreground, background and caption, by what is told."""
        from .reference_cases import background_kept, foreground_kept, single_cases

        cases = single_cases(self.options.cases, self.options.seed, self.stream)
        self.console.say(f"drawing {len(cases)} prompts with pictures of things and places …")
        for case in cases[:_SHOWN]:
            self.sheet.append(("a picture of a thing", case.asked.things[0].picture))
        rows = ["none", "words", "fg", "bg", "both", "regional"]
        rows += [] if self.options.no_global else ["global"]
        kept: dict[str, list[float]] = {}
        right: dict[str, list[float]] = {}
        figures = []
        for row in rows:
            asked = [case.told_in_words() for case in cases] if row == "words" else cases
            read = list(zip(cases, self.readings(row, asked), strict=True))
            kept[row] = [foreground_kept(case, reading) for case, reading in read]
            right[row] = [
                float(shows_just(reading, [(s.kind, s.colour) for s in case.scene.sprites]))
                for case, reading in read
            ]
            behind = [background_kept(case, reading) for case, reading in read]
            figures += [
                measured(f"foreground_kept.{row}", kept[row]),
                measured(f"background_kept.{row}", behind),
                measured(f"caption_right.{row}", right[row]),
            ]
        figures.append(_difference("caption_right.both_minus_none", right["both"], right["none"]))
        if "global" in kept:
            name = "foreground_kept.local_minus_global_tokens"
            figures.append(_difference(name, kept["both"], kept["global"]))
        return figures

    def through_scenes(self) -> list[Figure]:
        """Whether an entity reads the same in all scenes of a plan."""
        from .reference_cases import SCENES, foreground_kept, plans, same_in_all

        every = plans(self.options.plans, self.options.seed, self.stream)
        self.console.say(f"drawing {len(every)} plans of {SCENES} scenes …")
        cases = [case for plan in every for case in plan]
        same: dict[str, list[float]] = {}
        figures: list[Figure] = []
        for row in ("none", "text_grounding", "image_grounding", "both", "both_and_grounding"):
            read = self.readings(row, cases)
            same[row] = [
                same_in_all(plan, read[at * SCENES : (at + 1) * SCENES])
                for at, plan in enumerate(every)
            ]
            figures.append(measured(f"scene_consistency.{row}", same[row]))
            # Without a picture plain things are drawn, again and again the same.
            kept = [foreground_kept(case, one) for case, one in zip(cases, read, strict=True)]
            figures.append(measured(f"look_as_in_picture.{row}", kept))
        return [
            *figures,
            _difference("scene_consistency.both_minus_none", same["both"], same["none"]),
        ]

    def pairs(self) -> list[Figure]:
        """Whether two things of one kind keep their own marks; both rows have boxes drawn."""
        from .reference_cases import own_marks, pair_cases

        cases = pair_cases(self.options.pairs, self.options.seed, self.stream)
        self.console.say(f"drawing {len(cases)} pairs of one kind …")
        figures = []
        for row in ("grounded", "regional"):
            read = self.readings(row, cases)
            own = [own_marks(case, one) for case, one in zip(cases, read, strict=True)]
            figures.append(measured(f"two_of_a_kind_apart.{row}", own))
        return figures


def _difference(name: str, ours: Sequence[float], others: Sequence[float]) -> Figure:
    return measured(name, [a - b for a, b in zip(ours, others, strict=True)])


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(COMMAND, __doc__, sheet=True)
    parser.add_argument("--cases", type=int, default=100, help="single scenes")
    parser.add_argument("--plans", type=int, default=50, help="plans of three scenes")
    parser.add_argument("--pairs", type=int, default=100, help="pairs of one kind")
    parser.add_argument("--weight", type=float, default=1.0, help="of pictures of things")
    parser.add_argument("--background-weight", type=float, default=1.0, help="of places")
    parser.add_argument("--cfg", type=float, default=3.0, help="guidance, of every row")
    parser.add_argument("--no-global", action="store_true", help="leave the global token out")
    add_cases_options(parser)
    return parser


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the files asked for."""
    options = _parser().parse_args(list(argv))
    if options.quick:
        options.cases, options.plans, options.pairs = 4, 1, 2
    console = Console()
    load_host()
    run = _Run(options, console)
    parts: list[tuple[int, Callable[[], list[Figure]]]] = [
        (options.cases, run.single),
        (options.plans, run.through_scenes),
        (options.pairs, run.pairs),
    ]
    rows = [row for count, part in parts if count for row in part()]
    report(console, COMMAND, options, rows)
    write_pictures(console, options, run.sheet)
    return 0
