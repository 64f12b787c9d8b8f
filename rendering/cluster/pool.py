"""Which workers are free. Scenes wait here for one; where workers run, Ray decides."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Protocol

from ..runner.scene_job import Prompt


class NoWorkerError(Exception):
    """No worker is left; the message says why."""


class WorkerLostError(Exception):
    """A worker's process or machine has ended, or does not answer; Ray may start another one."""


class Worker(Protocol):
    """A worker as the machine that asks sees it; its methods raise WorkerLostError."""

    url: str  # its name
    versions: dict[str, str]
    machine: str

    async def ready(
        self, prompt: Prompt, memory: float, names: Sequence[str], pictures: Mapping[str, bytes]
    ) -> dict[str, Any]:
        """As `SceneWorker.ready`."""

    def render(self, prompt: Prompt, extra_data: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """As `SceneWorker.render`."""


class WorkerPool:
    """The workers of one run. All methods belong to one event loop.

    Args:
        workers: none of them is ready yet.
    """

    def __init__(self, workers: Sequence[Worker]):
        self._coming = {worker.url for worker in workers}
        self._ready: set[str] = set()
        self._free: list[Worker] = []
        self._reasons: dict[str, str] = {}
        self._changed = asyncio.Event()

    @property
    def reasons(self) -> list[str]:
        """Why workers were left out."""
        return [f"{name}: {reason}" for name, reason in self._reasons.items()]

    async def take(self, avoid: Collection[str]) -> Worker:
        """The next free worker; whoever waits longer comes first.

        Args:
            avoid: names of workers that are taken only when no other one is ready.

        Raises:
            NoWorkerError: all have been left out.
        """
        while self._ready or self._coming:
            worker = next((one for one in self._free if self._suits(one, avoid)), None)
            if worker is not None:
                self._free.remove(worker)
                return worker
            await self._changed.wait()
        raise NoWorkerError("; ".join(self.reasons))

    def free(self, worker: Worker) -> None:
        """A worker is ready for a scene."""
        self._coming.discard(worker.url)
        self._ready.add(worker.url)
        self._free.append(worker)
        self._wake()

    def lost(self, worker: Worker) -> None:
        """A worker that was taken is not ready any more, but may be again."""
        self._ready.discard(worker.url)
        self._coming.add(worker.url)
        self._wake()

    def leave(self, worker: Worker, reason: str) -> None:
        """A worker that is not free is left out from now on."""
        self._ready.discard(worker.url)
        self._coming.discard(worker.url)
        self._reasons[worker.url] = reason
        self._wake()

    def _suits(self, worker: Worker, avoid: Collection[str]) -> bool:
        return worker.url not in avoid or self._ready <= set(avoid)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
