"""Puts a finished take in its place, in one step."""

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from .run_disk import sync_folder, write_file
from .run_errors import RunFolderError
from .run_manifest import (
    MAX_TAKES,
    TAKE_FILE,
    FileRecord,
    SceneRecord,
    TakeFacts,
    TakeRecord,
    dump,
)
from .take_files import take_folder


def put_in_place(
    root: Path,
    scene_id: str,
    scene: SceneRecord,
    folder: Path,
    facts: TakeFacts,
    files: Mapping[str, FileRecord],
) -> TakeRecord:
    """Write take.json into a folder of finished files and rename it to the next free take.

    Args:
        root: the run folder.
        scene_id: the scene's id in the plan.
        scene: its earlier takes.
        folder: the files, already on the disk; on the same disk as ``root``.
        facts: what is known of the take.
        files: size and sha256 of every file in ``folder``.

    Raises:
        RunFolderError: the scene's folder leads out of the run folder, or has no number left.
        OSError: the disk is full, or the folder cannot be written.
    """
    number = _free_number(root, scene_id, scene)
    created = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    take = TakeRecord(**facts.model_dump(), number=number, created=created, files=files)
    place = take_folder(root, scene_id, number)
    if place.parent.resolve() != place.parent:
        raise RunFolderError(
            f"The folder of scene {scene_id} in the run folder {root.name!r} is a link and leads "
            "out of it; put a folder in its place."
        )
    write_file(folder / TAKE_FILE, dump(take))
    sync_folder(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.rename(folder, place)
    for parent in (place.parent, place.parent.parent, root):
        sync_folder(parent)
    return take


def _free_number(root: Path, scene_id: str, scene: SceneRecord) -> int:
    number = scene.next_number
    while take_folder(root, scene_id, number).exists():
        number += 1
    if number > MAX_TAKES:
        raise RunFolderError(f"Scene {scene_id} has {MAX_TAKES} takes; use another run folder.")
    return number
