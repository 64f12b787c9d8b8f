"""``director.py plan``: the plan of a prompt, as JSON."""

import sys
from argparse import Namespace
from pathlib import Path

from ..host.console import Console
from ..host.errors import DirectorError
from ..planning import plan_io
from ..planning.offline import plan_video
from ..planning.schema import PlanError


def run(options: Namespace) -> int:
    """Write the plan to the terminal, or to ``--output`` with a summary on the terminal."""
    try:
        plan = plan_video(
            options.prompt,
            frames=options.frames,
            fps=options.fps,
            width=options.width,
            height=options.height,
            seed=options.seed,
        )
    except PlanError as error:
        raise DirectorError(f"No plan can be made with these options: {error}") from error
    if options.output is None:
        sys.stdout.write(plan_io.dumps(plan))
        return 0
    path = Path(options.output)
    path.parent.mkdir(parents=True, exist_ok=True)
    plan_io.save(plan, path)
    Console().say(f"{len(plan.scenes)} scenes, {len(plan.entities)} entities: {path}")
    return 0
