"""Put in place what a command needs: .venv, the host, packages. Nothing to do takes milliseconds.

Everything lives inside the project's folder. A set-up that was interrupted is repaired by running
any command again; two at the same time wait for each other.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .console import Console
from .errors import DiskFullError, SetupError
from .requirements import BASE, ROOT, digest_of, requirements_of
from .source import fetch_host, is_unpacked, named_host
from .tools import run_tool
from .venv import create_venv, install_command, python_of, python_with_pip, works

GIGABYTE = 1024**3
# What the base installation takes, with some room to unpack: CUDA libraries on Linux.
NEEDED_BASE = (10 if sys.platform == "linux" else 4) * GIGABYTE
NEEDED_EXTRA = 1 * GIGABYTE


@dataclass(frozen=True)
class Places:
    """Where set-up puts things, all below one project folder."""

    root: Path = ROOT

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def work(self) -> Path:
        """Logs, the lock, unfinished downloads, the hosts' base directories."""
        return self.root / ".host"

    @property
    def host(self) -> Path:
        """The ComfyUI in use: COMFYUI_PATH, else the project's own."""
        return named_host() or self.work / "ComfyUI"

    @property
    def models(self) -> Path | None:
        """The models folder of a ComfyUI named by COMFYUI_PATH, so that its models can be used."""
        named = named_host()
        return named / "models" if named else None

    @property
    def user(self) -> Path:
        """The user folder of a ComfyUI named by COMFYUI_PATH, else of ``director.py serve``."""
        return (named_host() or self.work / "serve") / "user"

    @property
    def stamp(self) -> Path:
        """Names the requirements that are completely installed."""
        return self.venv / "video_director.json"

    @property
    def unfinished(self) -> Path:
        """Exists while packages are being installed: found at start, .venv can't be trusted."""
        return self.venv / ".installing"


def ensure_ready(
    groups: Sequence[str] = (), *, places: Places | None = None, console: Console | None = None
) -> Path:
    """Set up what is missing and return the Python that has it all.

    Args:
        groups: extras of pyproject.toml needed beside the base.

    Raises:
        SetupError: it could not be done; what is there already stays usable.
    """
    places, console = places or Places(), console or Console(sys.stderr)
    wanted = [BASE, *groups]
    if not _missing(places, wanted):
        return python_of(places.venv)
    with _lock(places.work / "setup.lock", console):
        missing = _missing(places, wanted)  # another process may have done it meanwhile
        if missing:
            _set_up(places, missing, console)
    return python_of(places.venv)


def _missing(places: Places, groups: Sequence[str]) -> list[str]:
    """The groups that are not installed as they stand now."""
    host = places.host
    if not is_unpacked(host) or places.unfinished.exists() or not python_of(places.venv).exists():
        return list(groups)
    try:
        installed = json.loads(places.stamp.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        installed = {}
    return [g for g in groups if installed.get(g) != digest_of(requirements_of(g, host))]


def _set_up(places: Places, groups: Sequence[str], console: Console) -> None:
    begin = time.monotonic()
    if places.stamp.exists() and not places.unfinished.exists():
        console.say("Setting up what is new …")
    else:
        console.say("Setting up (the first time takes a few minutes and about 6 GB) …")
    _require_space(places)
    scratch = places.work / "tmp"
    log = places.work / "setup.log"

    def run(command: Sequence[str], what: str) -> None:
        console.say(f"  {what} …")
        run_tool(command, what, log=log, console=console, work=scratch)

    own_uv = places.work / "uv"
    if places.unfinished.exists() or not works(places.venv):
        create_venv(places.venv, own_uv, run)
    if not is_unpacked(places.host):
        python = python_with_pip(places.venv, own_uv, run)
        fetch_host(places.host, python, places.work, run)
    _install(places, groups, install_command(places.venv, own_uv, run), run)
    shutil.rmtree(scratch, ignore_errors=True)
    console.say(f"Set-up done in {time.monotonic() - begin:.0f} s.")


def _install(places: Places, groups: Sequence[str], command: list[str], run) -> None:
    """Install the groups together with the base, so that versions are chosen for both."""
    wanted = {group: requirements_of(group, places.host) for group in {BASE, *groups}}
    lines = [line for requirements in wanted.values() for line in requirements]
    names = " and ".join(sorted(wanted))
    places.unfinished.touch()
    try:
        run([*command, *dict.fromkeys(lines)], f"installing packages ({names})")
    except DiskFullError:
        raise
    except SetupError:
        places.unfinished.unlink()  # both tools change nothing before every download is there
        raise
    try:
        installed = json.loads(places.stamp.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        installed = {}
    installed |= {group: digest_of(requirements) for group, requirements in wanted.items()}
    fresh = places.stamp.with_suffix(".new")
    fresh.write_text(json.dumps(installed, indent=2) + "\n", encoding="utf-8")
    os.replace(fresh, places.stamp)
    places.unfinished.unlink()


def _require_space(places: Places) -> None:
    has_base = places.stamp.exists() and not places.unfinished.exists()
    needed = NEEDED_EXTRA if has_base else NEEDED_BASE
    free = shutil.disk_usage(places.root).free
    if free < needed:
        raise SetupError(
            f"The disk of {places.root} has {free / GIGABYTE:.1f} GB free, and setting up needs "
            f"{needed / GIGABYTE:.0f} GB. Free some space, or move the project to a larger disk, "
            "then run the same command again."
        )


@contextmanager
def _lock(path: Path, console: Console) -> Iterator[None]:
    """Hold the set-up lock; it is released by the system even if this process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _try_lock(file):
            console.say("Another set-up of this project is running; waiting for it …")
            while not _try_lock(file):
                time.sleep(0.2)
        yield


def _try_lock(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
