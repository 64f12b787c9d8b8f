"""``director.py plan``: the plan of a prompt, as JSON and as a storyboard."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from ..host.console import Console, bar
from ..host.errors import DirectorError
from ..host.setup import Places
from ..planning import plan_io
from ..planning.language_models.errors import LanguageModelError
from ..planning.language_models.opening import check
from ..planning.language_models.profiles import Profiles
from ..planning.lint import lint_plan
from ..planning.model_planner import plan_by
from ..planning.request import PlanRequest
from ..planning.schema import VideoPlan
from .run_disk import replace_file
from .storyboard_file import FORMATS, storyboard_file

ANSWERS = "__video_director/answers"  # where the nodes keep them too
_LETTERS = 4000  # of a usual answer


def run(options: Namespace) -> int:
    """Write the plan to the terminal, or to ``--output`` with a summary on the terminal."""
    console = Console()
    folder = Path(options.profiles) if options.profiles else Places().user
    profiles = Profiles.load(folder, os.environ)
    if options.list_profiles:
        return _list(profiles, console)
    if options.prompt is None:
        raise DirectorError("No prompt was given. Put it in quotes behind `plan`.")
    format = _storyboard_format(options.storyboard) if options.storyboard is not None else ""
    try:
        # The plan may go to standard output, so that nothing else does.
        plan = _plan(options, profiles, folder, _listener(Console(sys.stderr)))
    except (LanguageModelError, ValueError) as error:  # PlanError is a ValueError
        raise DirectorError(f"No plan can be made with these options: {error}") from error
    for finding in lint_plan(plan):
        sys.stderr.write(f"{finding.severity}: {finding}\n")
    if options.storyboard is not None:
        _draw(plan, Path(options.storyboard), format, Console(sys.stderr))
    if options.output is None:
        sys.stdout.write(plan_io.dumps(plan))
        return 0
    path = Path(options.output)
    path.parent.mkdir(parents=True, exist_ok=True)
    plan_io.save(plan, path)
    console.say(f"{len(plan.scenes)} scenes, {len(plan.entities)} entities: {path}")
    return 0


def _storyboard_format(name: str) -> str:
    """What a file's name asks for, before anybody has planned."""
    format = Path(name).suffix.lower().lstrip(".")
    if format not in FORMATS:
        raise DirectorError(f"--storyboard {name}: name a file that ends with .png or .pdf.")
    return format


def _draw(plan: VideoPlan, path: Path, format: str, console: Console) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, storyboard_file(plan, format))
    console.say(f"storyboard: {path}")


def _plan(
    options: Namespace, profiles: Profiles, folder: Path, heard: Callable[[str], None]
) -> VideoPlan:
    request = PlanRequest(
        options.prompt,
        options.frames,
        options.fps,
        options.width,
        options.height,
        options.scenes,
        options.tone,
        options.hints,
        not options.still,
        options.seed,
    )
    return plan_by(
        profiles.get(options.profile),
        request,
        options.style,
        answers=folder / ANSWERS,
        take=options.take,
        heard=heard,
        earlier=plan_io.load(options.earlier) if options.earlier else None,
    )


def _listener(console: Console) -> Callable[[str], None]:
    def heard(text: str) -> None:
        console.draw([bar("letters", len(text), max(_LETTERS, len(text)))])

    return heard


def _list(profiles: Profiles, console: Console) -> int:
    for name in profiles.names():
        try:
            found = check(profiles.get(name))
            told = f"{'answers' if found.answers else 'no answer'}: {found.note}"
        except LanguageModelError as error:
            told = f"cannot be used: {error}"
        console.say(f"{name:20} {told}")
    return 0
