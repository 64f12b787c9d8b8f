"""The project's own virtual environment, made by what the machine has: uv, venv or only pip."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import SetupError

Run = Callable[[Sequence[str], str], None]
# The interpreter behind this one: when this one is the .venv's own, it can't replace itself.
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable


def python_of(venv: Path) -> Path:
    """The interpreter inside a virtual environment."""
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def works(venv: Path) -> bool:
    """Whether the environment's interpreter runs."""
    return python_of(venv).exists() and _succeeds([str(python_of(venv)), "-c", ""])


def python_with_pip(venv: Path, own_uv: Path, run: Run) -> Path:
    """An interpreter with pip: the environment's or this one; where neither has it, it gets it."""
    for python in (python_of(venv), Path(BASE_PYTHON)):
        if _has_pip(python):
            return python
    run([*install_command(venv, own_uv, run), "pip"], "fetching pip")
    return python_of(venv)


def find_uv(own: Path) -> list[str] | None:
    """The command of a uv that runs: on the path, in this Python, or in ``own``; None without."""
    candidates = [["uv"], [BASE_PYTHON, "-m", "uv"], [str(_own_uv(own))]]
    for command in candidates:
        if shutil.which(command[0]) and _succeeds([*command, "--version"]):
            return command
    return None


def create_venv(venv: Path, own_uv: Path, run: Run) -> None:
    """Make the environment; without a uv it has pip in it.

    A Debian Python without python3-venv has a ``venv`` module that can't put pip into the
    environment (no ensurepip). There, pip brings a uv into ``own_uv``, which can.

    Args:
        venv: where; an unusable one that is there is replaced.
        own_uv: folder for a uv of our own, filled only if needed.
        run: runs a command with a description of it, raising SetupError.
    """
    shutil.rmtree(venv, ignore_errors=True)
    uv = find_uv(own_uv)
    if uv is None and not _has_ensurepip():
        uv = _fetch_uv(own_uv, run)
    if uv:
        command = [*uv, "venv", "--python", BASE_PYTHON, str(venv)]
    else:
        command = [BASE_PYTHON, "-m", "venv", str(venv)]
    run(command, "making the virtual environment .venv")


def install_command(venv: Path, own_uv: Path, run: Run) -> list[str]:
    """The start of an install command into the environment, by uv if there is one."""
    python = str(python_of(venv))
    uv = find_uv(own_uv)
    if uv is None and not _has_pip(python):  # made by a uv that has gone since
        uv = _fetch_uv(own_uv, run)
    return [*uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]


def _fetch_uv(own_uv: Path, run: Run) -> list[str]:
    if not _has_pip(BASE_PYTHON):
        raise SetupError(
            f"{BASE_PYTHON} has neither pip nor a complete venv module, so nothing can be "
            "installed with it. Install pip (Debian and Ubuntu: apt install python3-pip "
            "python3-venv), or uv, and run the same command again."
        )
    # --target is allowed in an externally managed Python (PEP 668) and touches nothing of it.
    command = [BASE_PYTHON, "-m", "pip", "install", "--target", str(own_uv), "uv"]
    run(command, "fetching uv")
    return [str(_own_uv(own_uv))]


def _own_uv(own: Path) -> Path:
    return own / "bin" / ("uv.exe" if sys.platform == "win32" else "uv")


def _has_ensurepip() -> bool:
    return _succeeds([BASE_PYTHON, "-c", "import ensurepip, venv"])


def _has_pip(python: Path | str) -> bool:
    return _succeeds([str(python), "-m", "pip", "--version"])


def _succeeds(command: Sequence[str]) -> bool:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0
