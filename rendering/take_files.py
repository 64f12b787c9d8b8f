"""The files of takes on disk: listed when they are finished, checked before they are used."""

import logging
import os
import re
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ..planning.schema import SLUG_PATTERN
from .run_disk import sha256_of
from .run_errors import RunFolderError
from .run_manifest import TAKE_FILE, FileRecord, TakeRecord, check_file_name
from .run_reading import MAX_BYTES, read_take

_LOG = logging.getLogger(__name__)
SCENES = "scenes"
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def take_folder(root: Path, scene_id: str, number: int) -> Path:
    """Where a take's files are.

    Raises:
        RunFolderError: the scene's id is no id of a plan, which no folder is named after.
    """
    if not re.fullmatch(SLUG_PATTERN, scene_id) or len(scene_id) > 64:
        raise RunFolderError(
            f"{scene_id[:80]!r} is no id of a scene; ids are small letters and digits with - or _ "
            "between them."
        )
    return root / SCENES / scene_id / str(number)


def list_files(folder: Path) -> dict[str, FileRecord]:
    """Size and sha256 of all files of a folder, by their names below it.

    Raises:
        ValueError: there are none, one has a bad name, or something else than a file is there.
    """
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in sorted((*names, *folders)):
            path = Path(parent, name)
            mode = path.lstat().st_mode
            shown = path.relative_to(folder).as_posix()
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode):
                raise ValueError(f"{shown!r} in a take is no ordinary file; copy the file itself")
            record = FileRecord(sha256=sha256_of(path), bytes=path.stat().st_size)
            found[check_file_name(shown)] = record
    if not found:
        raise ValueError("a take without files; write the scene's files into the folder given")
    return dict(sorted(found.items()))


def is_whole(root: Path, scene_id: str, take: TakeRecord) -> bool:
    """Whether all files of a take are there, inside the run folder, and as its record says.

    Files that this process has seen with the same size and time are not read again. What is wrong
    with a take is logged.
    """
    folder = take_folder(root, scene_id, take.number)
    for name, record in take.files.items():
        wrong = _wrong_with(root, folder, name, record)
        if wrong:
            _LOG.warning(
                "take %d of scene %s is not used: %s %s", take.number, scene_id, name, wrong
            )
            return False
    return True


def takes_on_disk(root: Path) -> Iterator[tuple[str, int, TakeRecord | None]]:
    """Scene id, number and record of every take folder; None where take.json is damaged."""
    for scene in sorted(_folders(root / SCENES)):
        if not re.fullmatch(SLUG_PATTERN, scene.name):
            continue
        for folder in sorted(_folders(scene)):
            if _NUMBER.fullmatch(folder.name):
                yield scene.name, int(folder.name), _record_in(folder)


def _record_in(folder: Path) -> TakeRecord | None:
    try:
        with open(folder / TAKE_FILE, "rb") as file:
            take = read_take(file.read(MAX_BYTES + 1))
    except OSError:
        return None
    return take if take and take.number == int(folder.name) else None


def _folders(parent: Path) -> list[Path]:
    """Folders in a folder, without links, which may lead anywhere."""
    try:
        with os.scandir(parent) as entries:
            return [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _wrong_with(root: Path, folder: Path, name: str, record: FileRecord) -> str:
    path = folder / name
    try:
        state = path.lstat()
        if not stat.S_ISREG(state.st_mode):
            return "is no ordinary file"
        if path.resolve() != root.resolve() / path.relative_to(root):
            return "is reached through a link"
        if state.st_size != record.bytes:
            return f"has {state.st_size} bytes instead of {record.bytes}"
        if _seen(path, state.st_size, state.st_mtime_ns) != record.sha256:
            return "has another sha256 than when it was written"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


@lru_cache(maxsize=100_000)
def _seen(path: Path, size: int, time_ns: int) -> str:
    return sha256_of(path)
