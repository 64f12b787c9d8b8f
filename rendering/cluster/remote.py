"""What Ray runs on a machine of the cluster: it finds this pack there, and lets that do the work.

Ray copies this module's code to the machine; so it imports nothing but the standard library.
"""

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

PACKAGE = "video_director"
THREADS = "OMP_NUM_THREADS"


class RemoteWorker:
    """A worker as Ray's actor.

    Args:
        root: the project's folder on the machine that asks; often it is the same on all.
        threads: OMP_NUM_THREADS there; Ray sets one of its own, which is slower, and other sums of
            floats are not the same bit for bit.
    """

    def __init__(self, root: str, threads: str | None):
        self._root = root
        self._worker: Any = None
        os.environ.pop(THREADS, None)
        if threads is not None:
            os.environ[THREADS] = threads

    async def ready(self, *arguments: Any) -> dict[str, Any]:
        """As `SceneWorker.ready`; that the pack is missing here is one of the problems."""
        if self._worker is None:
            try:
                self._worker = load_pack(self._root).SceneWorker()
            except ImportError as error:
                return {"problems": [str(error)]}
        return await self._worker.ready(*arguments)

    async def render(self, *arguments: Any) -> AsyncIterator[dict[str, Any]]:
        """As `SceneWorker.render`."""
        if self._worker is None:
            reason = "The worker began anew and has no ComfyUI yet."
            yield {"kind": "failed", "fault": "host", "reason": reason}
            return
        async with contextlib.aclosing(self._worker.render(*arguments)) as messages:
            async for message in messages:
                yield message

    async def stop(self) -> None:
        """End the ComfyUI."""
        if self._worker is not None:
            await self._worker.stop()


def load_pack(root: str) -> Any:
    """The pack's worker module on this machine.

    Taken are: the installed package; the project whose .venv runs this Ray; the folder ``root``.

    Raises:
        ImportError: none of them is there.
    """
    if PACKAGE not in sys.modules and importlib.util.find_spec(PACKAGE) is None:
        folders = [Path(sys.prefix).parent, Path(root)]
        found = next((one for one in folders if (one / "director.py").is_file()), None)
        if found is None:
            raise ImportError(
                f"This machine has no VideoDirector in {folders[0]} or {folders[1]}. Copy the "
                "project there, set it up as rendering/README.md says, and start Ray from its "
                ".venv."
            )
        # Its nodes/ would shadow the host's nodes.py: it must not be on sys.path.
        sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != found]
        spec = importlib.util.spec_from_file_location(
            PACKAGE, found / "__init__.py", submodule_search_locations=[str(found)]
        )
        sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[PACKAGE])
    return importlib.import_module(f"{PACKAGE}.rendering.cluster.worker")
