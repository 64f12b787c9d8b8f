"""Kill -9 at random instants of a run, of the host, of the runner and of both."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..host.server import Server
from ..rendering import render_plan
from ..rendering.runner.events import RunEvent
from . import render_slowly
from .slow_scenes import STEPS, slow_host, slow_plan, slow_workflow

HOST, RUNNER = "host", "runner"
VICTIMS = ((HOST,), (RUNNER,), (HOST, RUNNER))
SCENES = 4
STEP_SECONDS = 0.3
_SCENE_SECONDS = STEPS * STEP_SECONDS + 0.3  # with decoding, saving and keeping
_PATIENCE = 600  # seconds for a runner to end on a busy machine

Digests = dict[str, str]  # sha256 by path below the run folder


@dataclass(frozen=True)
class Kill:
    """Who is killed, and how many seconds after the runner began."""

    victims: tuple[str, ...]
    after: float


@dataclass(frozen=True)
class Outcome:
    """What a kill left, and what came of it.

    done: scenes that the manifest called done right after it.
    whole: every file that the manifest listed then was there with the digest it listed.
    kept: these files were the same when the run was resumed, and no scene of them was rendered
        again.
    completed: the resumed run rendered all that was missing and joined it.
    """

    done: int
    whole: bool
    kept: bool
    completed: bool


def random_kills(count: int, seed: int) -> list[Kill]:
    """Victims in turn, instants anywhere in a run."""
    rng = random.Random(seed)
    return [
        Kill(VICTIMS[number % len(VICTIMS)], rng.uniform(0, SCENES * _SCENE_SECONDS))
        for number in range(count)
    ]


class Killed:
    """A host that is killed and started again at the same address.

    Args:
        host_dir: the ComfyUI to run.
        base: its base directory, which outlives it.
    """

    def __init__(self, host_dir: Path, base: Path) -> None:
        self._host_dir, self._base = host_dir, base
        self._server = self._started(None)

    @property
    def url(self) -> str:
        """Its address, the same after a kill."""
        return self._server.url

    def kill(self) -> None:
        """Kill -9, with all that it started."""
        os.killpg(self._server.process.pid, signal.SIGKILL)
        self._server.stop()

    def start_again(self) -> None:
        """Start it anew where it was."""
        self._server = self._started(self._server.port)

    def stop(self) -> None:
        """Take it down."""
        self._server.stop()

    def _started(self, port: int | None) -> Server:
        return slow_host(self._host_dir, self._base, port=port).__enter__()


@contextlib.contextmanager
def killable_host(host_dir: Path, base: Path) -> Iterator[Killed]:
    """A running host for ``survive``."""
    host = Killed(host_dir, base)
    try:
        yield host
    finally:
        host.stop()


def survive(host: Killed, folder: Path, kill: Kill, seed: int) -> Outcome:
    """Begin a run, kill, resume it, and look at what became of its files.

    Args:
        host: running; it runs again afterwards.
        folder: of the run; must not exist.
        kill: who and when.
        seed: of the scenes, another one each time: what a host has in its cache takes no time.
    """
    with _runner(host.url, folder, seed) as runner:
        _wait_until_it_began(runner)
        time.sleep(kill.after)
        if RUNNER in kill.victims:
            runner.kill()
            runner.wait()
        if HOST in kill.victims:
            host.kill()
        listed = listed_files(folder)
        scenes = {path.split("/")[1] for path in listed}
        whole = _digests(folder, listed) == listed
        if HOST in kill.victims:
            host.start_again()
        if RUNNER not in kill.victims:  # it waits for its host, or was done already
            runner.communicate(timeout=_PATIENCE)
    begun: list[str] = []

    def heard(event: RunEvent) -> None:
        if event.kind == "scene_started":
            begun.append(event.data["scene"])

    result = render_plan(
        slow_plan(SCENES),
        [host.url],
        folder,
        {"seed": seed},
        heard,
        workflow=slow_workflow(STEP_SECONDS),
    )
    return Outcome(
        len(scenes),
        whole,
        _digests(folder, listed) == listed and not scenes & set(begun),
        len(result.done) == SCENES and result.video is not None,
    )


@contextlib.contextmanager
def _runner(url: str, folder: Path, seed: int) -> Iterator[subprocess.Popen]:
    told = [url, str(folder), str(STEP_SECONDS), str(SCENES), str(seed)]
    command = [sys.executable, render_slowly.__file__, *told]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def _wait_until_it_began(runner: subprocess.Popen) -> None:
    for line in runner.stdout or ():
        if json.loads(line)["kind"] == "plan":
            return
    raise RuntimeError("the runner ended before it began")


def listed_files(folder: Path) -> Digests:
    """What the manifest on disk lists, read without the pack's help; nothing without one."""
    path = folder / "manifest.json"
    if not path.exists():
        return {}
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return {
        f"scenes/{scene}/{take['number']}/{name}": file["sha256"]
        for scene, record in manifest["scenes"].items()
        for take in record["takes"]
        for name, file in take["files"].items()
    }


def _digests(folder: Path, paths: Digests) -> Digests:
    """Of those of the files that are there."""
    return {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest()
        for path in paths
        if (folder / path).is_file()
    }
