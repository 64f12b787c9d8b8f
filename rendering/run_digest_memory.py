"""Digests of large files, computed once and remembered until the file changes."""

import contextlib
import hashlib
import json
import logging
import os
import re
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .run_disk import replace_file, sha256_of

_LOG = logging.getLogger(__name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST = 10_000
_WAIT_SECONDS = 10.0
# A file written this short a time ago may change again within one tick of its clock.
_SETTLED_NS = 2 * 10**9


class DigestMemory:
    """A small JSON file of digests, which several processes may use at once.

    It holds no names of files or folders, only digests of them. Where it is damaged or cannot be
    written, digests are computed again: it only saves time.

    Args:
        path: the file; it and its folder are created when the first digest is kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def recall(self, file: Path, state: os.stat_result) -> str | None:
        """The digest kept of a file that has not changed since; None where there is none."""
        entry = self._read().get(_name(file))
        return entry["sha256"] if entry and entry["state"] == _state(state) else None

    def keep(self, file: Path, state: os.stat_result, digest: str) -> None:
        """Keep a file's digest. Where that is impossible, warn and go on."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=_WAIT_SECONDS):
                entries = self._read()
                entries.pop(_name(file), None)  # the newest stand last, and the oldest leave first
                entries[_name(file)] = {"state": _state(state), "sha256": digest}
                newest = dict(list(entries.items())[-_MOST:])
                text = json.dumps({"version": 1, "files": newest}, indent=1) + "\n"
                replace_file(self.path, text.encode("ascii"))
        except (OSError, Timeout) as error:
            _LOG.warning(
                "the digest of %s is not remembered (%s); it will be computed again",
                file.name,
                error.strerror if isinstance(error, OSError) else "the memory is in use",
            )

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))["files"]
            return {name: entry for name, entry in found.items() if _is_entry(entry)}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            _LOG.warning("%s is damaged; digests are computed again", self.path.name)
            return {}


def file_digest(path: Path | str, memory: DigestMemory | None = None) -> str:
    """sha256 of a file's content in hexadecimal.

    Args:
        path: the file.
        memory: where the digest is looked up by the file's path, size and time, and kept.

    Raises:
        OSError: the file cannot be read.
    """
    file = Path(path).resolve()
    before = file.stat()
    if memory is None:
        return sha256_of(file)
    known = memory.recall(file, before)
    if known is not None:
        return known
    digest = sha256_of(file)
    with contextlib.suppress(FileNotFoundError):
        settled = time.time_ns() - before.st_mtime_ns > _SETTLED_NS
        if settled and _state(file.stat()) == _state(before):
            memory.keep(file, before, digest)
    return digest


def _name(file: Path) -> str:
    return hashlib.sha256(str(file).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _state(state: os.stat_result) -> list[int]:
    return [state.st_size, state.st_mtime_ns]


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("sha256"), str)
        and _SHA256.fullmatch(entry["sha256"]) is not None
        and isinstance(entry.get("state"), list)
    )
