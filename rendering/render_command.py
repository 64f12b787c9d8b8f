"""``director.py render``: a prompt or a plan to a video, scene by scene, at one or many hosts."""

import sys
from argparse import Namespace
from typing import Any, get_args

from ..host.console import Console
from ..host.errors import DirectorError
from ..planning.schema import VideoPlan
from .job_workflow import JobWorkflow
from .run_folder import RunFolder
from .run_manifest import RunManifest
from .runner.events import Listener, RunEvent
from .runner.render_plan import request_for, run_request
from .runner.request import RunRequest, scene_states
from .runner.run import RenderedPlan, plan_event
from .runner.scene_job import RENDERER, ClipFormat
from .runner.terminal import TerminalView
from .video_job import output_folder, plan_of, workflow_for

DONE, SOME_FAILED, INTERRUPTED = 0, 2, 130  # 1: director.py, for an error before anything
FORMATS = get_args(ClipFormat)


def run(options: Namespace) -> int:
    """Render what is missing and join all; the exit code says how that went."""
    # Where events are wanted, standard output holds nothing else.
    console = Console(sys.stderr if options.events else None)
    listener = _write_line if options.events else TerminalView(console)
    request = _request(options)
    if options.dry_run:
        return _dry_run(request, console, _write_line if options.events else None)
    try:
        result = run_request(request, options.server, listener, console)
    except KeyboardInterrupt:
        console.error(
            "interrupted. Finished scenes are kept; go on with\n"
            f"  python director.py render --resume {request.folder}"
        )
        return INTERRUPTED
    _say(result, console)
    return SOME_FAILED if result.failed else DONE


def _request(options: Namespace) -> RunRequest:
    resumed = RunFolder.open(options.resume) if options.resume else None
    saved = {} if resumed is None else resumed.manifest.settings
    settings = _widgets(saved.get("render"))
    if options.seed is not None:
        settings["seed"] = options.seed
    return request_for(
        _plan(options, resumed, settings.get("seed")),
        options.server,
        resumed.root if resumed else output_folder(options.output, "render"),
        settings,
        scenes=options.scene,
        another_take=options.take,
        clip_format=options.format or _format(saved.get("format")),
    )


def _plan(options: Namespace, resumed: RunFolder | None, seed: int | None) -> VideoPlan:
    if options.source is not None:
        return plan_of(workflow_for(options.source, seed))
    if resumed is None:
        raise DirectorError("Nothing to render: give a prompt, a PLAN.json or --resume DIR.")
    if resumed.manifest.plan is None:
        raise DirectorError(
            f"The run in {resumed.root} has lost its plan. Give the PLAN.json as well, in front of "
            "--resume."
        )
    return resumed.manifest.plan


def _widgets(saved: object) -> dict[str, Any]:
    """Render Plan's values of the earlier run; its manifest is a file that people edit."""
    known = JobWorkflow.shipped().inputs(RENDERER)
    found = saved if isinstance(saved, dict) else {}
    return {
        name: value
        for name, value in found.items()
        if name in known and _kind(value) == _kind(known[name])
    }


def _kind(value: object) -> type:
    """JSON writes 3.0 as 3 where it comes from a browser."""
    return float if type(value) is int else type(value)


def _format(saved: object) -> ClipFormat:
    return saved if saved in FORMATS else FORMATS[0]


def _dry_run(request: RunRequest, console: Console, listener: Listener | None) -> int:
    path = request.folder
    # Nothing is made, not even the folder.
    folder = RunFolder.open(path, create=True) if path.exists() else RunFolder(path, RunManifest())
    event = plan_event(request, scene_states(request, request.maker(), folder))
    if listener:
        listener(event)
        return DONE
    for scene in event.data["scenes"]:
        state = "render" if scene["render"] else "done" if scene["done"] else "leave out"
        shown = f"{scene['hash'][:12]}  {scene['frames']:4} frames  {state}"
        console.say(f"  {scene['scene']:<24}  {shown}")
    console.say(f"Nothing was queued. The folder would be\n  {request.folder}")
    return DONE


def _say(result: RenderedPlan, console: Console) -> None:
    for scene, reason in result.failed.items():
        console.error(f"scene {scene} was not rendered: {reason}")
    if result.video is None:
        console.say(
            f"{len(result.done)} scenes are done, others are missing, so they were not joined.\n"
            f"Render the rest with\n  python director.py render --resume {result.folder}"
        )
        return
    console.say(f"Video, storyboard, plan and manifest are in\n  {result.folder}")


def _write_line(event: RunEvent) -> None:
    sys.stdout.write(event.line() + "\n")
    sys.stdout.flush()
