"""One writer at a time: the lock of a run folder."""

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

from .run_errors import RunFolderBusyError, RunFolderError

LOCK, HOLDER = ".lock", ".lock-holder.json"


@contextlib.contextmanager
def run_lock(root: Path, timeout: float) -> Iterator[None]:
    """Hold the lock of a run folder; the system frees it when the process dies.

    Args:
        root: the run folder.
        timeout: seconds to wait for another runner; 0 refuses at once.

    Raises:
        RunFolderBusyError: another runner holds it; the message says which.
        RunFolderError: the folder cannot be written.
    """
    lock = FileLock(root / LOCK, thread_local=False)
    try:
        lock.acquire(timeout=timeout)
    except Timeout as error:
        raise RunFolderBusyError(
            f"The run folder {root.name!r} is in use by {_holder(root)}. Wait until that has "
            "finished, stop it, or use another folder."
        ) from error
    except OSError as error:
        raise RunFolderError(
            f"The run folder {root.name!r} can't be written ({error.strerror}); set that right, or "
            "use another folder."
        ) from error
    try:
        # A courtesy to those who are refused: without it, or with half of it, a lock is as good.
        with contextlib.suppress(OSError):
            (root / HOLDER).write_bytes(_own_name())
        yield
    finally:
        with contextlib.suppress(OSError):
            (root / HOLDER).unlink(missing_ok=True)
        lock.release()


def _own_name() -> bytes:
    since = datetime.now(timezone.utc).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": platform.node(), "since": since}
    return json.dumps(holder).encode("ascii")


def _holder(root: Path) -> str:
    try:
        holder = json.loads((root / HOLDER).read_text(encoding="ascii"))
        return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
