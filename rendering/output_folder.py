"""Puts a job's files into a folder: all of them complete, the manifest last."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


def write_output(folder: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
    """Write files and manifest into ``folder``; files of the same names are replaced.

    Everything is written beside its place first. A manifest in a folder therefore means that the
    files it lists, with their sha256, are there and whole.

    Args:
        folder: created where missing.
        files: content by file name.
        manifest: what goes into manifest.json beside the list of files.
    """
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
    }
    text = json.dumps({**manifest, "files": listed}, indent=2, ensure_ascii=False) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".unfinished-{os.getpid()}"
    unfinished.mkdir()
    try:
        complete = {**files, MANIFEST: text.encode("utf-8")}
        for name, content in complete.items():
            (unfinished / name).write_bytes(content)
        (folder / MANIFEST).unlink(missing_ok=True)
        for name in complete:
            os.replace(unfinished / name, folder / name)
    finally:
        shutil.rmtree(unfinished)
