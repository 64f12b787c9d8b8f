"""Ray, started or joined for one run, and its actors as workers."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from ...host.errors import DirectorError
from ...host.server import ROOT
from ..runner.scene_job import Prompt
from . import remote
from .pool import WorkerLostError
from .settings import Cluster

CLIP_BYTES = 2**30  # memory, taken on use, for clips on their way; what does not fit goes to disk
STOP_SECONDS = 15


class RayWorker:
    """A worker as the machine that asks sees it.

    Args:
        name: tells it from the others.
        actor: Ray's handle of it.
    """

    def __init__(self, name: str, actor: Any):
        self.url = name
        self.versions: dict[str, str] = {}
        self.machine = ""
        self._actor = actor

    async def ready(
        self,
        prompt: Prompt,
        memory: float,
        names: Sequence[str],
        pictures: Mapping[str, bytes],
    ) -> dict[str, Any]:
        """As `SceneWorker.ready`; waits where Ray has to start the worker first, or anew."""
        with _lost_named(self.url):
            asked = self._actor.ready.options(max_task_retries=-1)
            return await asked.remote(prompt, memory, names, dict(pictures))

    async def render(
        self, prompt: Prompt, extra_data: dict[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        """As `SceneWorker.render`."""
        import ray

        stream = self._actor.render.options(num_returns="streaming").remote(prompt, extra_data)
        try:
            with _lost_named(self.url):
                async for message in stream:
                    yield await message
        finally:
            ray.cancel(stream)  # nothing happens where it has ended

    def stopping(self) -> Any:
        """Tell the worker to end its ComfyUI; returns what Ray can wait for."""
        return self._actor.stop.remote()


@contextlib.contextmanager
def ray_workers(cluster: Cluster, count: int) -> Iterator[list[RayWorker]]:
    """Workers of a Ray that is started, or joined, as long as the block lasts.

    Args:
        cluster: which Ray, and what a worker gets of it.
        count: how many workers; no more than there are scenes.

    Raises:
        DirectorError: Ray is not installed, does not start, or does not answer.
    """
    threads = os.environ.get(remote.THREADS)
    with _connected(cluster, count) as ray:
        # Machines of the cluster can't import this pack before the actor has found it there.
        ray.cloudpickle.register_pickle_by_value(remote)
        actor = ray.remote(remote.RemoteWorker).options(
            num_cpus=1,
            num_gpus=cluster.gpus_of_worker(ray.cluster_resources().get("GPU", 0)),
            max_restarts=-1,
        )
        actors = [actor.remote(str(ROOT), threads) for _ in range(count)]
        workers = [RayWorker(f"worker-{n}", one) for n, one in enumerate(actors, 1)]
        try:
            yield workers
        finally:
            ray.wait([one.stopping() for one in workers], num_returns=count, timeout=STOP_SECONDS)
            for one in actors:
                ray.kill(one)
            ray.cloudpickle.unregister_pickle_by_value(remote)


@contextlib.contextmanager
def _connected(cluster: Cluster, count: int) -> Iterator[Any]:
    ray = _imported(cluster)
    if ray.is_initialized():  # by the program that uses this pack; it is not ours to end
        yield ray
        return
    common = {"log_to_driver": False, "logging_level": "error"}
    with _own_signals():
        try:
            if cluster.is_local:
                ray.init(
                    cluster.address,
                    num_cpus=count,
                    include_dashboard=False,
                    object_store_memory=CLIP_BYTES,
                    **common,
                )
            else:
                ray.init(cluster.address, **common)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            ray.shutdown()
            raise DirectorError(_no_ray(cluster, error)) from error
        try:
            yield ray
        finally:
            ray.shutdown()


def _imported(cluster: Cluster) -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray would tell its makers of every start
    # A local Ray listens on the network, too; a secret of its own keeps everybody else out. Ray
    # looks at the mode only while it is imported.
    if cluster.is_local and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    try:
        import ray
    except ImportError as error:
        raise DirectorError(
            f"Ray is not installed ({error}). `python director.py render --ray …` installs it, or "
            "do it with pip: `pip install 'ray>=2.52'`. There is none for Macs with Intel."
        ) from error
    return ray


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself when it starts; afterwards it is as it was."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _no_ray(cluster: Cluster, error: Exception) -> str:
    reason = str(error).strip().partition("\n")[0]
    if cluster.is_local:
        return (
            f"Ray did not start on this machine ({reason}). Run the command again, or without "
            "--ray; its logs are in the folder `ray` of the system's temporary one."
        )
    return (
        f"No Ray answers at {cluster.address!r} ({reason}). Start one with `ray start --head`, run "
        "this on a machine that takes part in it, or use --ray local."
    )


@contextlib.contextmanager
def _lost_named(name: str) -> Iterator[None]:
    """Ray's errors as ours. What the worker itself has to say comes as a message, not as these."""
    import ray

    try:
        yield
    except asyncio.CancelledError:
        raise
    except ray.exceptions.RayError as error:
        first = str(error).strip().partition("\n")[0]
        raise WorkerLostError(f"{name} is gone ({type(error).__name__}: {first})") from error
