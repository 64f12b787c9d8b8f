"""``director.py render``: a prompt or a plan to a video, scene by scene, at one or many hosts."""

import contextlib
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import Any, TextIO, get_args

from ..host.console import Console
from ..host.errors import DirectorError
from ..planning.schema import VideoPlan
from .cluster.render import PATIENCE, run_on_ray
from .cluster.settings import Cluster
from .job_workflow import JobWorkflow
from .run_folder import RunFolder
from .run_manifest import VERSION, RunManifest
from .runner.events import Listener, RunEvent
from .runner.render_plan import request_for, run_request
from .runner.request import RunRequest, scene_states
from .runner.run import RenderedPlan, plan_event
from .runner.scene_job import RENDERER, ClipFormat
from .runner.terminal import TerminalView
from .take_choices import Choices, parse_choices, surprising_takes
from .video_job import output_folder, plan_of, workflow_for

DONE, SOME_FAILED, INTERRUPTED = 0, 2, 130  # 1: director.py, for an error before anything
FORMATS = get_args(ClipFormat)


def run(options: Namespace) -> int:
    """Render what is missing and join all; the exit code says how that went."""
    # Where events are wanted, standard output holds nothing else.
    console = Console(sys.stderr if options.events else None)
    lines = partial(_write_line, sys.stdout) if options.events else None
    listener = lines or TerminalView(console)
    cluster = _cluster(options)
    request = _request(options)
    if options.dry_run:
        return _dry_run(request, console, lines)
    try:
        if cluster:
            with contextlib.redirect_stdout(sys.stderr):  # Ray itself writes there what it likes
                result = run_on_ray(request, cluster, listener, console)
        else:
            result = run_request(request, options.server, listener, console)
    except KeyboardInterrupt:
        console.error(
            "interrupted. Finished scenes are kept; go on with\n"
            f"  python director.py render --resume {request.folder}"
        )
        return INTERRUPTED
    _say(result, console)
    return SOME_FAILED if result.failed else DONE


def _cluster(options: Namespace) -> Cluster | None:
    if options.ray:
        workers = Cluster.workers if options.workers is None else options.workers
        return Cluster(options.ray, workers, options.gpus)
    if options.workers is not None or options.gpus is not None:
        raise DirectorError("--workers and --gpus are for --ray; give --ray local as well.")
    return None


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
        choose=_choices(options.choose),
        clip_format=options.format or _format(saved.get("format")),
        pictures_from=_beside(options.source),
        **({"patience": PATIENCE} if options.ray else {}),
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


def _beside(source: str | None) -> list[Path]:
    """Where a plan's pictures may be: where the plan's file is."""
    is_file = source is not None and source.lower().endswith(".json")
    return [Path(source).parent] if is_file else []


def _choices(named: list[str]) -> Choices:
    try:
        return parse_choices(",".join(named))
    except ValueError as error:
        raise DirectorError(f"--choose: {error}.") from error


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
    folder = (
        RunFolder.open(path, create=True)
        if path.exists()
        else RunFolder(path, RunManifest(version=VERSION))
    )
    event = plan_event(request, scene_states(request, request.maker(), folder))
    if listener:
        listener(event)
        return DONE
    for scene in event.data["scenes"]:
        state = "render" if scene["render"] else "done" if scene["done"] else "leave out"
        if scene["take"] and not scene["render"]:
            earlier = "" if scene["take_fits"] else ", from before plan or settings changed"
            state = f"{state}, take {scene['take']}{earlier}"
        shown = f"{scene['hash'][:12]}  {scene['frames']:4} frames  {state}"
        console.say(f"  {scene['scene']:<24}  {shown}")
    console.say(f"Nothing was queued. The folder would be\n  {request.folder}")
    return DONE


def _say(result: RenderedPlan, console: Console) -> None:
    for scene, reason in result.failed.items():
        console.error(f"scene {scene} was not rendered: {reason}")
    for scene, take in surprising_takes(RunFolder.open(result.folder), result.takes).items():
        console.say(
            f"  scene {scene}: {take} is used; `--choose {scene}:NUMBER` or `--choose "
            f"{scene}:latest` takes another."
        )
    if result.video is None:
        console.say(
            f"{len(result.done)} scenes are done, others are missing, so they were not joined.\n"
            f"Render the rest with\n  python director.py render --resume {result.folder}"
        )
        return
    console.say(f"Video, storyboard, plan and manifest are in\n  {result.folder}")


def _write_line(stream: TextIO, event: RunEvent) -> None:
    stream.write(event.line() + "\n")
    stream.flush()
