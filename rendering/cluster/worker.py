"""A worker, on whatever machine: it owns one ComfyUI and renders scenes there.

All that goes in and comes out is plain data: Ray carries it between machines.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from ...host.base_directory import temporary_base
from ...host.errors import (
    ClientError,
    DirectorError,
    JobError,
    PromptRejectedError,
    ServerError,
)
from ...host.job import Event
from ...host.provenance import machine
from ...host.server import Server
from ...host.setup import Places
from ...host.source import is_unpacked
from ..runner.host_files import digests_at
from ..runner.hosts import FinishedScene, SceneHost
from ..runner.preflight import host_problems
from ..runner.scene_job import Prompt

TOLD = ("executing", "progress_state")  # events of the host that say how far a scene is
LOOK_SECONDS = 0.2  # between two looks whether the ComfyUI still runs

Message = dict[str, Any]


def own_comfyui(stack: ExitStack) -> Server:
    """Start this machine's ComfyUI with this pack; it runs until the stack is closed.

    Raises:
        ServerError: there is none, or it does not start.
    """
    places = Places()
    if not is_unpacked(places.host):
        raise ServerError(
            f"There is no ComfyUI at {places.host}. Set this machine up (rendering/README.md says "
            "how), or start its Ray with COMFYUI_PATH in the environment."
        )
    base = stack.enter_context(temporary_base(places.work / "runs"))
    return stack.enter_context(Server(places.host, base, models=places.models))


class SceneWorker:
    """Owns one ComfyUI, and starts another one when that has ended.

    Args:
        start: starts the ComfyUI.
    """

    def __init__(self, start: Callable[[ExitStack], Server] = own_comfyui):
        self._start = start
        self._stack = ExitStack()
        self._server: Server | None = None
        self._host: SceneHost | None = None

    async def ready(
        self,
        prompt: Prompt,
        memory: float,
        names: Sequence[str],
        pictures: Mapping[str, bytes],
    ) -> Message:
        """Have the ComfyUI running, and look whether it can render.

        Args:
            prompt: the job of one scene.
            memory: bytes of the frames of the longest scene.
            names: of the weight files whose digests are wanted.
            pictures: content of files for its input folder, by name.

        Returns:
            problems, and without any also versions, machine and models (sha256 by name).
        """
        try:
            host = await self._running_host()
            host.pictures = pictures
            problems = await host_problems(host, prompt, memory)
            models = await digests_at([host.url], names)
        except (DirectorError, OSError) as error:
            return {"problems": [str(error)]}
        found = {"versions": host.versions, "machine": machine(), "models": models or {}}
        return {"problems": problems, **found}

    async def render(self, prompt: Prompt, extra_data: dict[str, Any]) -> AsyncIterator[Message]:
        """Render one scene. Cancelled, it stops the ComfyUI.

        Yields:
            Messages of the kind "event" (type, data), and at last one of the kind "clip" (files,
            told, seconds) or "failed" (fault: job, refused or host; reason).
        """
        messages: asyncio.Queue[Message | None] = asyncio.Queue()

        def tell(event: Event) -> None:
            if event.type in TOLD:
                messages.put_nowait({"kind": "event", "type": event.type, "data": event.data})

        job = asyncio.ensure_future(self._outcome(prompt, extra_data, tell))
        job.add_done_callback(lambda _: messages.put_nowait(None))
        try:
            while (message := await messages.get()) is not None:
                yield message
            yield job.result()
        finally:
            job.cancel()
            await asyncio.wait({job})

    async def stop(self) -> None:
        """End the ComfyUI; safe to call twice."""
        if self._host is not None:
            await self._host.close()
        self._server = self._host = None
        await asyncio.to_thread(self._stack.close)

    async def _running_host(self) -> SceneHost:
        if self._server is None or self._server.process.poll() is not None:
            await self.stop()
            self._server = await asyncio.to_thread(self._start, self._stack)
            self._host = SceneHost(self._server.url)
        await self._host.close()  # connected anew, as the old socket may be dead
        return self._host

    async def _outcome(
        self, prompt: Prompt, extra_data: dict[str, Any], tell: Callable[[Event], None]
    ) -> Message:
        try:
            clip = await self._while_running(self._host.render(prompt, extra_data, tell))
        except PromptRejectedError as error:
            return {"kind": "failed", "fault": "refused", "reason": str(error)}
        except JobError as error:
            return {"kind": "failed", "fault": "job", "reason": str(error)}
        except (ClientError, ServerError) as error:
            return {"kind": "failed", "fault": "host", "reason": str(error)}
        told = {"files": list(clip.files), "told": clip.told, "seconds": clip.seconds}
        return {"kind": "clip", **told}

    async def _while_running(self, work: Coroutine[Any, Any, FinishedScene]) -> FinishedScene:
        """The work's result, or at once a ServerError when the ComfyUI ends."""
        job = asyncio.ensure_future(work)
        ended = asyncio.ensure_future(self._until_ended())
        try:
            await asyncio.wait({job, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not job.done():
                await self._host.close()  # or the client goes on asking a dead host for a while
                self._server.require_running()
            return await job
        finally:
            job.cancel()
            ended.cancel()
            await asyncio.gather(job, ended, return_exceptions=True)

    async def _until_ended(self) -> None:
        while self._server.process.poll() is None:
            await asyncio.sleep(LOOK_SECONDS)
