"""Run pip or uv, show how far it is, and say in a paragraph what went wrong."""

import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from .console import Console
from .errors import DiskFullError, SetupError

LINES_SHOWN = 12
NO_SPACE = re.compile(r"No space left on device|ENOSPC|os error 28\b|Disk quota exceeded", re.I)
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES|Hash mismatch", re.I)
NO_NETWORK = re.compile(
    r"Failed to establish a new connection|Max retries exceeded|Temporary failure in name resol"
    r"|Name or service not known|Network is unreachable|Connection (?:refused|reset|aborted|timed)"
    r"|error sending request|dns error|Read timed out|ReadTimeout|ConnectTimeout|ProxyError",
    re.I,
)
NO_CANDIDATE = re.compile(
    r"No matching distribution|Could not find a version|No solution found|not found in the package",
    re.I,
)


def run_tool(command: Sequence[str], what: str, *, log: Path, console: Console, work: Path) -> None:
    """Run a command, its output into ``log`` and its last line on the console.

    Args:
        command: what to run.
        what: what it does, for messages ("installing the host's packages").
        log: file to append the output to.
        console: where the passing line is shown.
        work: folder for the tool's temporary files; pip unpacks gigabytes there.

    Raises:
        SetupError: it failed; the message names the likely cause and what to do.
        DiskFullError: it failed half-way for want of space.
    """
    work.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_environment(work),
    )
    last: deque[str] = deque(maxlen=400)
    try:
        with log.open("a", encoding="utf-8") as record:
            for line in process.stdout:
                record.write(line)
                last.append(line.rstrip())
                console.draw([f"  {line.strip()}"])
    except BaseException:
        process.terminate()
        raise
    finally:
        process.wait()
        console.draw([])
    if process.returncode:
        full = NO_SPACE.search("\n".join(last))
        raise (DiskFullError if full else SetupError)(explain(what, list(last), log))


def explain(what: str, output: list[str], log: Path) -> str:
    """A paragraph for a failed tool: cause, what to do, and its last lines."""
    text = "\n".join(output)
    tail = "\n".join("  " + line for line in output[-LINES_SHOWN:] if line)
    return f"{what[0].upper()}{what[1:]} failed: {_cause(text)} The whole output: {log}\n{tail}"


def _cause(text: str) -> str:
    if NO_SPACE.search(text):
        return "the disk is full. Free some space and run the same command again; it goes on."
    if WRONG_HASH.search(text):
        return (
            "what the package index sent is not the file this project was made with (its sha256 "
            "differs). Check which index or mirror pip is set to use; nothing of it was kept."
        )
    if NO_NETWORK.search(text):
        return (
            "the package index can't be reached. Check the network, and behind a proxy or with a "
            "mirror set HTTPS_PROXY, PIP_INDEX_URL or UV_DEFAULT_INDEX; then run the same command "
            "again, it goes on where it stopped."
        )
    if NO_CANDIDATE.search(text):
        version = ".".join(map(str, sys.version_info[:2]))
        return (
            f"the package index offers nothing that fits Python {version} on this system, or it "
            "can't be reached. Check the network (HTTPS_PROXY, PIP_INDEX_URL), or use a Python "
            "from 3.10 to 3.14; then run the same command again."
        )
    return "its last lines are below. Correct what they name, then run the same command again."


def _environment(work: Path) -> dict[str, str]:
    """The caller's environment, without settings that would send packages elsewhere."""
    kept = {
        k: v for k, v in os.environ.items() if k not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    }
    quiet = {
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(work),
    }
    return {**kept, **quiet}
