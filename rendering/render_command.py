"""``director.py render``: a prompt or a plan to a video, through any running host."""

from argparse import Namespace

from ..host.console import Console
from .video_job import make_video, output_folder, workflow_for


def run(options: Namespace) -> int:
    """Make the video at ``--server``, or in a host of its own, and say where it is."""
    console = Console()
    workflow = workflow_for(options.source, options.seed)
    folder = output_folder(options.output, "render")
    result = make_video(workflow, folder, console, options.server)
    console.say(f"Video, storyboard, plan and manifest are in\n  {result.folder}")
    return 0
