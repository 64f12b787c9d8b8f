"""Keeps every host busy with scenes until all are done or given up."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ...host.errors import ClientError, JobError, PromptRejectedError
from .events import Listener, RunEvent, TimeLeft
from .hosts import COME_BACK_SECONDS, FinishedScene, SceneHost
from .scene_job import Prompt
from .scene_queue import SceneQueue
from .steps import SceneSteps

Keep = Callable[[str, FinishedScene, str], Awaitable[int]]  # scene, clip, host -> take's number


class Dispatcher:
    """Renders scenes at hosts and keeps each as soon as it is there.

    Args:
        queue: the scenes.
        hosts: connected hosts, one scene at a time each.
        prompt_of: a scene's job.
        extra_data: goes with every job.
        keep: puts a finished scene away; what it raises ends the whole run.
        listener: is told every event.
        time_left: knows how much there is to do.
        patience: seconds for which a host that went away is waited for.
    """

    def __init__(
        self,
        queue: SceneQueue,
        hosts: Sequence[SceneHost],
        *,
        prompt_of: Callable[[str], Prompt],
        extra_data: dict[str, Any],
        keep: Keep,
        listener: Listener,
        time_left: TimeLeft,
        patience: float = COME_BACK_SECONDS,
    ):
        self._queue = queue
        self._hosts = hosts
        self._prompt_of = prompt_of
        self._extra_data = extra_data
        self._keep = keep
        self._listener = listener
        self._time_left = time_left
        self._patience = patience

    async def run(self) -> None:
        """Work until the queue is finished. Cancelled, it interrupts what the hosts are doing."""
        workers = [asyncio.ensure_future(self._work(host)) for host in self._hosts]
        finished = asyncio.ensure_future(self._queue.until_finished())
        try:
            everybody = asyncio.gather(*workers)
            await asyncio.wait({finished, everybody}, return_when=asyncio.FIRST_COMPLETED)
            if everybody.done():
                everybody.result()  # raises what a worker raised
        finally:  # somebody may be waiting for a host that is not needed any more
            for task in (finished, *workers):
                task.cancel()
            await asyncio.gather(finished, *workers, return_exceptions=True)

    async def _work(self, host: SceneHost) -> None:
        while (scene := await self._queue.take(host.url)) is not None:
            try:
                await self._render(host, scene)
            except PromptRejectedError as error:
                self._queue.put_back(scene)
                self._leave(host, str(error))
                return
            except JobError as error:
                self._failed(host, scene, str(error))
            except ClientError as error:
                self._failed(host, scene, str(error))
                if not await self._there_again(host, str(error)):
                    return

    async def _render(self, host: SceneHost, scene: str) -> None:
        attempt = self._queue.attempts[scene].made
        self._tell("scene_started", scene=scene, host=host.url, attempt=attempt)
        self._time_left.begin(scene)
        steps = SceneSteps(scene, self._time_left, self._listener)
        try:
            clip = await host.render(self._prompt_of(scene), self._extra_data, steps)
        except JobError as error:
            raise JobError(f"{error}{steps.place()}", error.details) from error
        take = await self._keep(scene, clip, host.url)
        self._queue.finish(scene)
        self._time_left.reached(scene, 1.0)
        self._tell(
            "scene_done", scene=scene, host=host.url, seconds=round(clip.seconds, 3), take=take
        )

    def _failed(self, host: SceneHost, scene: str, reason: str) -> None:
        again = self._queue.fail(scene, host.url, reason)
        self._time_left.reached(scene, 0.0 if again else 1.0)
        self._tell("scene_failed", scene=scene, host=host.url, reason=reason, retried=again)

    async def _there_again(self, host: SceneHost, reason: str) -> bool:
        """Whether a host that failed us is there, now or after a while."""
        if await host.answers():
            return True
        self._queue.host_away(host.url)
        self._tell("host_lost", host=host.url, reason=reason, waiting=True)
        if not await host.comes_back(self._patience):
            self._leave(host, f"{host.url} did not answer for {self._patience:.0f} seconds")
            return False
        self._queue.host_back(host.url)
        return True

    def _leave(self, host: SceneHost, reason: str) -> None:
        self._queue.host_left(host.url, reason)
        self._tell("host_lost", host=host.url, reason=reason, waiting=False)

    def _tell(self, kind: Any, **data: Any) -> None:
        self._listener(RunEvent(kind, data))
