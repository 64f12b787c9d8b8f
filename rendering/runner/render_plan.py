"""Rendering of a plan from Python, by hosts that run already or by one that is started for it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ...host.console import Console
from ...host.provenance import machine
from ...host.setup import Places
from ...planning.schema import VideoPlan
from ..digests import DigestMemory
from ..job_workflow import JobWorkflow
from ..plan_pictures import gathered
from ..video_job import running_host
from .events import Listener, unheard
from .host_files import digests_at, named, own_digests
from .hosts import COME_BACK_SECONDS
from .interrupts import run_interruptible
from .request import RunRequest
from .run import PICTURES, RenderedPlan, Run, opened_run, remembered_models, unique
from .scene_job import RENDERER

OWN_HOST_PATIENCE = 5.0  # seconds: nobody starts our own host again


def render_plan(
    plan: VideoPlan,
    servers: Sequence[str],
    folder: Path | str,
    settings: Mapping[str, Any] | None = None,
    on_event: Listener | None = None,
    **options: Any,
) -> RenderedPlan:
    """Render a plan into a run folder; what is done there already is not rendered again.

    Args:
        plan: the plan.
        servers: addresses of running hosts with this pack; empty starts one for the time.
        folder: the run folder, made where missing.
        settings: values for Render Plan's widgets, such as {"seed": 7, "steps": 30}.
        on_event: is told every event, in this thread.
        options: further fields of `RunRequest`: scenes, another_take, clip_format,
            workflow, patience, and choose, as {"s1": 2} for take 2 of scene s1 from now on;
            pictures_from, folders of the pictures that the plan names.

    Raises:
        DirectorError: it can't begin or go on; what was done is kept.
        RuntimeError: an event loop runs in this thread; use `render_plan_async`.
    """
    request = request_for(plan, servers, folder, settings, **options)
    return run_request(request, servers, on_event or unheard, Console())


async def render_plan_async(
    plan: VideoPlan,
    servers: Sequence[str],
    folder: Path | str,
    settings: Mapping[str, Any] | None = None,
    on_event: Listener | None = None,
    **options: Any,
) -> RenderedPlan:
    """The same inside an event loop, at hosts that run already.

    Raises:
        ValueError: no server is given.
        DirectorError: as `render_plan`.
    """
    if not servers:
        raise ValueError("render_plan_async: give the address of at least one running host")
    asked = partial(request_for, plan, servers, folder, settings, **options)
    request = await asyncio.to_thread(asked)
    with opened_run(request, on_event or unheard) as run:
        if run.missing:
            await run.render(servers)
        return await asyncio.to_thread(run.finish)


def request_for(
    plan: VideoPlan,
    servers: Sequence[str],
    folder: Path | str,
    settings: Mapping[str, Any] | None = None,
    *,
    workflow: JobWorkflow | None = None,
    scenes: Sequence[str] = (),
    pictures_from: Sequence[Path | str] = (),
    **options: Any,
) -> RunRequest:
    """The request, with the digests of weights that the hosts tell, and the plan's pictures.

    Args:
        plan, servers, folder, settings: as in `render_plan`.
        workflow: how scenes are rendered; the shipped one when None.
        scenes: ids of those to render.
        pictures_from: folders in which the plan's pictures are looked for before the run folder's
            own; what is in none of them is left to the hosts' input folders.
        options: further fields of `RunRequest`.

    Raises:
        DirectorError: hosts have different files under one name, or a picture can't be read.
        RuntimeError: an event loop runs in this thread.
    """
    options.setdefault("patience", COME_BACK_SECONDS if servers else OWN_HOST_PATIENCE)
    filled = (workflow or JobWorkflow.shipped()).filled(RENDERER, **(settings or {}))
    path = Path(folder).expanduser().resolve()
    found = gathered(plan, [*map(Path, pictures_from), path / PICTURES])
    request = RunRequest(found.plan, path, filled, tuple(scenes), pictures=found.files, **options)
    names = named(request.maker())
    if not servers:
        places = Places()
        memory = DigestMemory(places.work / "digests.json")
        return replace(request, models=own_digests(names, places.models, memory))
    told = asyncio.run(digests_at(unique(servers), names))
    return replace(request, models=remembered_models(path) if told is None else told)


def run_request(
    request: RunRequest, servers: Sequence[str], listener: Listener, console: Console
) -> RenderedPlan:
    """Render what is missing, at the servers or at a host of our own, and join all."""
    with opened_run(request, listener) as run:
        if run.missing:
            _render(run, servers, console)
        return run.finish()


def _render(run: Run, servers: Sequence[str], console: Console) -> None:
    if servers:
        run_interruptible(run.render(servers))
        return
    with running_host(None, console) as url:
        run_interruptible(run.render([url], machine()))
