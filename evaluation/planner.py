"""``director.py evaluate planner``: how well the offline planner reads what people ask for."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..host.console import Console
from ..planning.layout import interpolate
from ..planning.offline import plan_video
from ..planning.schema import VideoPlan
from .figures import Figure
from .planner_checks import Case, worst_overlap
from .planner_prompts import SKILLS, cases
from .planner_stories import Story, entities_wrong, places_wrong, scenes_wrong, stories
from .report import command_parser, report

COMMAND = "evaluate planner"
FULL, QUICK = 200, 30


@dataclass
class Result:
    """What became of one prompt under one figure; wrong is "" when it is right."""

    figure: str
    prompt: str
    wrong: str
    unseen: bool


def main(argv: Sequence[str] | None = None) -> int:
    """Run the evaluation; see ``--help``."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} prompts a skill")
    parser.add_argument("--seed", type=int, default=0, help="of the prompts (default 0)")
    parser.add_argument("--verbose", action="store_true", help="list the prompts that fail")
    options = parser.parse_args(argv)
    rows, results = evaluate(QUICK if options.quick else FULL, options.seed)
    console = Console()
    if options.verbose:
        for result in results:
            if result.wrong:
                console.say(f"{result.figure}: {result.wrong}\n    {result.prompt!r}")
    report(console, COMMAND, options, rows)
    return 0


def evaluate(number: int, seed: int) -> tuple[list[Figure], list[Result]]:
    """Plan that many prompts a skill and as many stories; return figures and single results."""
    results: list[Result] = []
    for skill in SKILLS:
        for case in cases(skill, number, random.Random(f"{skill} {seed}")):
            results += _judge_case(case)
    for story in stories(number, random.Random(f"stories {seed}")):
        results += _judge_story(story)
    figures = [_figure(name, results) for name in (*SKILLS, "valid", *_STORY_FIGURES, "apart")]
    unseen = [result for result in results if result.unseen]
    held_out = [
        _figure(name, unseen, f"{name}.held_out_nouns") for name in (*SKILLS, "entities_right")
    ]
    return figures + held_out, results


def _figure(name: str, results: list[Result], shown: str = "") -> Figure:
    mine = [result for result in results if result.figure == name]
    right = sum(not result.wrong for result in mine)
    return Figure(shown or name, right / max(1, len(mine)), "share", len(mine))


def _plan(prompt: str, frames: int) -> tuple[VideoPlan | None, str]:
    """Plan, and read the plan again as a reader would; an error of either makes it invalid."""
    try:
        plan = plan_video(prompt, frames=frames)
        return VideoPlan.model_validate_json(plan.model_dump_json()), ""
    except Exception as error:  # any error at all counts against the planner
        return None, f"{type(error).__name__}: {error}"


def _judge_case(case: Case) -> list[Result]:
    plan, wrong = _plan(case.prompt, case.frames)
    found = [Result("valid", case.prompt, wrong, case.unseen)]
    wrong = wrong if plan is None else case.check(plan)
    found.append(Result(case.skill, case.prompt, wrong, case.unseen))
    found.append(Result("apart", case.prompt, _overlapping(plan), case.unseen))
    return found


_STORY_FIGURES = ("scenes_right", "entities_right", "places_right")


def _judge_story(story: Story) -> list[Result]:
    plan, wrong = _plan(story.prompt, 8)
    found = [Result("valid", story.prompt, wrong, story.unseen)]
    for name, check in zip(
        _STORY_FIGURES, (scenes_wrong, entities_wrong, places_wrong), strict=True
    ):
        verdict = wrong if plan is None else check(story, plan)
        found.append(Result(name, story.prompt, verdict, story.unseen))
    found.append(Result("apart", story.prompt, _overlapping(plan), story.unseen))
    return found


def _overlapping(plan: VideoPlan | None) -> str:
    """None of these prompts asks for overlap, so boxes are apart in every frame of every scene."""
    if plan is None:
        return "no plan"
    for scene in plan.scenes:
        for frame, boxes in enumerate(interpolate(scene)):
            if worst_overlap(boxes) > 0.05:
                return f"{scene.id}, frame {frame}: overlap {worst_overlap(boxes):.2f}"
    return ""
