"""Rendering of a plan by Ray, from Python and for ``director.py render --ray``."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ...host.console import Console
from ...host.server import START_SECONDS
from ...planning.schema import VideoPlan
from ..runner.events import Listener, unheard
from ..runner.interrupts import run_interruptible
from ..runner.render_plan import request_for
from ..runner.request import RunRequest
from ..runner.run import RenderedPlan, opened_run
from .dispatch import render_scenes
from .session import ray_workers
from .settings import LOCAL, Cluster

PATIENCE = START_SECONDS + 60.0  # a worker is waited for so long: its process and its ComfyUI


def render_plan_on_ray(
    plan: VideoPlan,
    folder: Path | str,
    workers: int = 2,
    *,
    address: str = LOCAL,
    gpus: float | None = None,
    settings: Mapping[str, Any] | None = None,
    on_event: Listener | None = None,
    **options: Any,
) -> RenderedPlan:
    """Render a plan into a run folder as `render_plan` does, by workers of Ray.

    Args:
        plan: the plan.
        folder: the run folder, made where missing, on this machine.
        workers: how many ComfyUIs.
        address: "local", "auto" or HOST:PORT, as in `Cluster`.
        gpus: of each worker, as in `Cluster`.
        settings: values for Render Plan's widgets.
        on_event: is told every event, in this thread.
        options: further fields of `RunRequest`, as for `render_plan`.

    Raises:
        DirectorError: it can't begin or go on; what was done is kept.
        RuntimeError: an event loop runs in this thread.
    """
    cluster = Cluster(address, workers, gpus)
    request = request_for(plan, (), folder, settings, **{"patience": PATIENCE, **options})
    return run_on_ray(request, cluster, on_event or unheard, Console())


def run_on_ray(
    request: RunRequest, cluster: Cluster, listener: Listener, console: Console
) -> RenderedPlan:
    """Render what is missing by workers of Ray, and join all."""
    with opened_run(request, listener) as run:
        if run.missing:
            count = min(cluster.workers, len(run.missing))
            with ray_workers(cluster, count) as workers:
                console.say(f"Ray has {count} workers; each starts a ComfyUI …")
                run_interruptible(run.render_with(partial(render_scenes, workers)))
        return run.finish()
