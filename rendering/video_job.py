"""From a prompt or a plan to a folder with the video: what ``demo`` and ``render`` share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..host.base_directory import temporary_base
from ..host.console import Console
from ..host.errors import ClientError, DirectorError
from ..host.server import Server
from ..host.setup import Places
from ..planning import plan_io
from ..planning.offline import plan_video
from ..planning.schema import PlanError, VideoPlan
from .api_job import run_job
from .job_workflow import PARSER, PLANNER, JobWorkflow
from .manifest import RENDERER, describe_job, miniature_digests
from .output_folder import write_output
from .progress import SceneProgress

# What the shipped workflow's planner, which is the offline one, heeds.
_PLANNED_FROM = ("prompt", "frames", "fps", "width", "height", "seed")


@dataclass(frozen=True)
class VideoResult:
    """Where the files are, and what they were made from."""

    folder: Path
    plan: VideoPlan
    video: bytes


def workflow_for(source: str, seed: int | None) -> JobWorkflow:
    """The shipped workflow for a prompt, or for a plan where ``source`` names a .json file.

    Raises:
        DirectorError: the plan file is missing or invalid, or the prompt can't be planned.
    """
    workflow = JobWorkflow.shipped()
    if seed is not None:
        workflow = workflow.filled(RENDERER, seed=seed)
    if source.lower().endswith(".json"):
        try:
            return workflow.with_plan(plan_io.dumps(plan_io.load(source)))
        except OSError as error:
            raise DirectorError(
                f"The plan {source} can't be read ({error.strerror}). Give the path of a plan "
                "(`director.py plan` writes one), or a prompt in quotes."
            ) from error
        except PlanError as error:
            raise DirectorError(f"The plan {source} can't be used: {error}") from error
    workflow = workflow.filled(PLANNER, prompt=source)
    return workflow if seed is None else workflow.filled(PLANNER, seed=seed)


def make_video(
    workflow: JobWorkflow, folder: Path, console: Console, server: str | None = None
) -> VideoResult:
    """Run the workflow and write video, storyboard, plan and manifest into ``folder``.

    Args:
        workflow: a filled-in workflow.
        folder: created where missing.
        console: where progress is shown.
        server: address of a running host; None starts one and takes it down again.
    """
    begin = time.monotonic()
    with running_host(server, console) as url:
        ready = time.monotonic()
        progress = SceneProgress(console, [scene.id for scene in plan_of(workflow).scenes])
        job = run_job(url, workflow, progress)
        progress.finish()
    plan = plan_io.loads(job.files["plan.json"].decode("utf-8"))
    timings = {
        "host_start": ready - begin,
        "host_execution": job.result.seconds,
        "total": time.monotonic() - begin,
    }
    # What weights another host has, its API does not tell.
    models = miniature_digests() if server is None else {}
    manifest = describe_job(plan, workflow, job, progress.seconds, timings, models)
    write_output(folder, job.files, manifest)
    return VideoResult(folder, plan, job.files["video.mp4"])


def output_folder(asked: str | None, command: str) -> Path:
    """The folder asked for, else one of this moment in the project's output folder."""
    moment = time.strftime("%Y%m%d-%H%M%S")
    folder = Path(asked) if asked else Places().root / "output" / f"{command}-{moment}"
    return folder.expanduser().resolve()


@contextmanager
def running_host(server: str | None, console: Console) -> Iterator[str]:
    """The address of the host to use: the given one, or one that runs as long as the block."""
    if server is not None:
        yield server
        return
    places = Places()
    with temporary_base(places.work / "runs") as base:
        host = Server(places.host, base, models=places.models)
        try:
            host.launch()
            console.say(f"ComfyUI launched ({host.url}); it needs a moment to start …")
            begin = time.monotonic()
            host.wait_until_ready()
            console.say(f"ComfyUI ready after {time.monotonic() - begin:.1f} s.")
            yield host.url
        except ClientError:
            host.require_running()  # a host that died says more in its log than in its silence
            raise
        finally:
            host.stop()


def plan_of(workflow: JobWorkflow) -> VideoPlan:
    """The plan that the workflow will render, made here as its planner makes it there."""
    if workflow.has(PARSER):
        return plan_io.loads(workflow.inputs(PARSER)["text"])
    asked = workflow.inputs(PLANNER)
    return plan_video(**{name: asked[name] for name in _PLANNED_FROM})
