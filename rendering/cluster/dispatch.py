"""Renders the missing scenes of a run by workers: each scene waits for one, fails and tries again.

Nothing of it is Ray's; a worker is whatever keeps the `Worker` protocol.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from ...host.errors import ClientError
from ...host.job import Event
from ..runner.events import RunEvent
from ..runner.hosts import FinishedScene
from ..runner.preflight import PreflightError, disk_problems, frames_memory
from ..runner.scene_queue import TRIES
from ..runner.steps import SceneSteps
from ..runner.work import Work
from .pool import NoWorkerError, Worker, WorkerLostError, WorkerPool


class SceneFailedError(Exception):
    """A scene was not rendered.

    Attributes:
        fault: job, refused or host.
    """

    def __init__(self, fault: str, reason: str):
        super().__init__(reason)
        self.fault = fault


async def render_scenes(workers: Sequence[Worker], work: Work) -> dict[str, str]:
    """Render all scenes of a run; its events, retries and takes are those of the plain runner.

    Args:
        workers: at least one.
        work: what is to be rendered.

    Returns:
        Why, by scene id, of those that were given up.

    Raises:
        PreflightError: no worker can render them, or the disk is too small.
        RunFolderError: the folder can't be written any more.
    """
    problems = disk_problems(list(work.scenes), work.maker, work.folder.root)
    if problems:
        raise PreflightError(problems)
    return await _Rendering(workers, work).run()


class _Rendering:
    def __init__(self, workers: Sequence[Worker], work: Work):
        self._workers = workers
        self._work = work
        self._pool = WorkerPool(workers)
        self._keeper = work.keeper(workers)
        self._time_left = work.time_left()
        self._extra_data = work.maker.workflow.extra_data()
        self._failed: dict[str, str] = {}
        self._began = False
        self._tasks: list[asyncio.Future] = []
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> dict[str, str]:
        for worker in self._workers:
            self._bring_up(worker)
        scenes = [asyncio.ensure_future(self._scene(scene)) for scene in self._work.scenes]
        try:
            everybody = asyncio.gather(*scenes)
            await asyncio.wait({everybody, self._broken}, return_when=asyncio.FIRST_COMPLETED)
            if self._broken.done():
                self._broken.result()
            everybody.result()
        finally:  # somebody may be waiting for a worker that is not needed any more
            for task in (*scenes, *self._tasks):
                task.cancel()
            await asyncio.gather(*scenes, *self._tasks, return_exceptions=True)
        if not self._began:
            raise PreflightError(self._pool.reasons)
        return {scene: self._failed[scene] for scene in self._work.scenes if scene in self._failed}

    def _bring_up(self, worker: Worker) -> None:
        """Begin to wait until a worker is ready; an error of ours there ends the run."""

        def ended(task: asyncio.Future) -> None:
            if not task.cancelled() and task.exception() and not self._broken.done():
                self._broken.set_exception(task.exception())

        task = asyncio.ensure_future(self._until_ready(worker))
        task.add_done_callback(ended)
        self._tasks.append(task)

    async def _until_ready(self, worker: Worker) -> None:
        request = self._work.request
        scenes, expected = list(self._work.scenes), request.models
        memory = frames_memory(scenes, self._work.maker)
        patience = request.patience
        prompt = self._work.prompt(scenes[0])
        asking = worker.ready(prompt, memory, list(expected), request.pictures)
        try:
            account = await asyncio.wait_for(asking, patience)
        except WorkerLostError as error:
            return self._leave(worker, str(error))
        except asyncio.TimeoutError:
            return self._leave(
                worker,
                f"it was not ready within {patience:.0f} seconds; look whether the cluster has a "
                "machine with the CPU and the GPUs for it (`ray status`), or give fewer --workers",
            )
        problems = account["problems"] or weight_problems(expected, account["models"])
        if problems:
            return self._leave(worker, "; ".join(problems))
        worker.versions, worker.machine = account["versions"], account["machine"]
        self._pool.free(worker)

    async def _scene(self, scene: str) -> None:
        failed_at: set[str] = set()
        attempt, reason = 1, ""
        while attempt <= TRIES:
            try:
                worker = await self._pool.take(failed_at)
            except NoWorkerError as error:
                self._failed[scene] = reason or f"no worker is left to render it ({error})"
                return
            try:
                return await self._attempt(worker, scene, attempt)
            except SceneFailedError as error:
                if error.fault == "refused":  # no scene pays for a worker that can't work
                    self._leave(worker, str(error))
                    continue
                reason = str(error)
                failed_at.add(worker.url)
                self._tell_failed(worker, scene, reason, again=attempt < TRIES)
                self._back(worker, error)
            attempt += 1
            await asyncio.sleep(0)  # scenes that wait already come first
        self._failed[scene] = reason

    async def _attempt(self, worker: Worker, scene: str, attempt: int) -> None:
        self._began = True
        self._tell("scene_started", scene=scene, host=worker.url, attempt=attempt)
        self._time_left.begin(scene)
        clip = await self._clip(worker, scene)
        try:
            take = await self._keeper.keep(scene, clip, worker.url)
        except ClientError as error:
            raise SceneFailedError("job", str(error)) from error
        self._pool.free(worker)
        self._time_left.reached(scene, 1.0)
        seconds = round(clip.seconds, 3)
        self._tell("scene_done", scene=scene, host=worker.url, seconds=seconds, take=take)

    async def _clip(self, worker: Worker, scene: str) -> FinishedScene:
        steps = SceneSteps(scene, self._time_left, self._work.listener)
        messages = worker.render(self._work.prompt(scene), self._extra_data)
        try:
            async with contextlib.aclosing(messages):
                async for message in messages:
                    if message["kind"] == "event":
                        steps(Event(message["type"], message["data"]))
                    elif message["kind"] == "failed":
                        place = steps.place() if message["fault"] == "job" else ""
                        raise SceneFailedError(message["fault"], f"{message['reason']}{place}")
                    else:
                        files = tuple(message["files"])
                        return FinishedScene(files, message["told"], message["seconds"])
        except WorkerLostError as error:
            raise SceneFailedError("host", str(error)) from error
        raise SceneFailedError("host", f"{worker.url} ended the scene without a clip")

    def _back(self, worker: Worker, error: SceneFailedError) -> None:
        if error.fault == "job":
            self._pool.free(worker)
            return
        self._pool.lost(worker)
        self._tell("host_lost", host=worker.url, reason=str(error), waiting=True)
        self._bring_up(worker)

    def _leave(self, worker: Worker, reason: str) -> None:
        self._pool.leave(worker, reason)
        self._tell("host_lost", host=worker.url, reason=reason, waiting=False)

    def _tell_failed(self, worker: Worker, scene: str, reason: str, *, again: bool) -> None:
        self._time_left.reached(scene, 0.0 if again else 1.0)
        self._tell("scene_failed", scene=scene, host=worker.url, reason=reason, retried=again)

    def _tell(self, kind: Any, **data: Any) -> None:
        self._work.listener(RunEvent(kind, data))


def weight_problems(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Whether a machine has other weights than the one that asks: its scenes would not fit."""
    differing = sorted(name for name, digest in expected.items() if found.get(name) != digest)
    if not differing:
        return []
    return [
        f"its machine does not have the same {', '.join(differing[:5])} as this one; copy these "
        "files and this version of the project to all machines"
    ]
