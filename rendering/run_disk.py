"""Writes that survive a kill at any instant, and a power cut where the system can promise it."""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from .run_errors import RunFolderFullError

_CHUNK = 2**20
# No space, no quota, or more than the disk's format or a limit of the process allows.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def sha256_of(path: Path) -> str:
    """sha256 of a file's content in hexadecimal, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_file(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes, beside: Path | None = None) -> None:
    """Give a file new content in one step: at any instant it is the old one or the new one.

    Args:
        path: the file; it need not exist.
        content: all of it.
        beside: the folder on the same disk for the unfinished file; None takes the file's own.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    part = (beside or path.parent) / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        write_file(part, content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_tree(folder: Path) -> None:
    """Wait until the disk has all files of a folder, and their names."""
    mode = "rb+" if os.name == "nt" else "rb"  # Windows syncs no file that is open for reading
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(Path(parent, name), mode) as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Wait until the disk has a folder's list of names, on systems that can do so."""
    with contextlib.suppress(OSError):  # Windows opens no folders, and some disks sync none
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def size_of(folder: Path) -> int:
    """Bytes in all files of a folder, as far as they can be looked at."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total


@contextlib.contextmanager
def explaining_full_disk(root: Path, what: str, needed: Callable[[], int]) -> Iterator[None]:
    """Turn the system's error of a full disk into one that says how much is needed and free.

    Args:
        root: a folder on the disk.
        what: what is being written.
        needed: asked for the bytes it takes, before anything is cleaned up.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise RunFolderFullError(what, error.strerror, needed(), _free_bytes(root)) from error


def _free_bytes(root: Path) -> int:
    try:
        return shutil.disk_usage(root).free
    except OSError:
        return 0
