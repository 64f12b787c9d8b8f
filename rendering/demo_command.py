"""``director.py demo``: one prompt to a video, and a check of what the video shows."""

from argparse import Namespace

from ..host.console import Console
from .video_job import make_video, output_folder, workflow_for


def run(options: Namespace) -> int:
    """Make the video in a host of its own, read it with the oracle, say where it is."""
    console = Console()
    console.say(f'"{options.prompt}"')
    folder = output_folder(options.output, "demo")
    result = make_video(workflow_for(options.prompt, options.seed), folder, console)
    from .oracle_check import check_video  # late: the host is launched sooner

    console.say(check_video(result.video, result.plan).sentence())
    console.say(f"Video, storyboard, plan and manifest are in\n  {result.folder}")
    return 0
