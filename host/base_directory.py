"""The folder a host works in: its own custom_nodes (this pack linked in), input, output and temp.

A host started here never writes into the ComfyUI it runs from, and two never share a folder.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

PACK_NAME = "ComfyUI-VideoDirector"
NOT_PACK = shutil.ignore_patterns(".git", ".venv", ".host", "output", "runs", "__pycache__")


def prepare_base(base: Path, packs: Sequence[tuple[str, Path]]) -> None:
    """Create what the host expects in ``base`` and make each (folder name, source) pack visible."""
    for name in ("custom_nodes", "input", "output", "models", "user", "temp"):
        (base / name).mkdir(parents=True, exist_ok=True)
    for name, source in packs:
        target = base / "custom_nodes" / name
        if not (target.exists() and target.resolve() == source.resolve()):
            _remove(target)
            _link_folder(source.resolve(), target)


@contextmanager
def temporary_base(runs: Path) -> Iterator[Path]:
    """A base directory under ``runs`` for one host.

    It is removed when the block ends well. After an error it stays, with the host's log, until a
    later run finds that its owner has ended.
    """
    runs.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(runs)
    base = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=runs))
    yield base
    shutil.rmtree(base, ignore_errors=True)


def _remove_abandoned(runs: Path) -> None:
    for folder in runs.iterdir():
        owner = folder.name.partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _remove(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)


def _link_folder(source: Path, target: Path) -> None:
    """Symlink; where Windows forbids that, a junction; where neither works, a copy."""
    try:
        target.symlink_to(source, target_is_directory=True)
        return
    except OSError:
        pass
    try:
        import _winapi

        _winapi.CreateJunction(str(source), str(target))
    except (ImportError, OSError):
        shutil.copytree(source, target, ignore=NOT_PACK)
