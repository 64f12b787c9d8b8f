"""Processes that write into run folders, to be killed by the tests of run_folder.

Reads orders of one line of JSON each, ``[what, arguments…]``, forks a child for each, answers with
the child's process id, and with its exit status once it has ended. Forking spares every child the
import of the pack.
"""

import builtins
import importlib.util
import json
import os
import random
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FACTS = {"frames": 1, "fps": 8, "width": 64, "height": 64, "seed": 0}
HASHES = [digit * 64 for digit in "abc"]
# Where a system call is made that changes the disk; a kill between two of them is a kill at one.
STEPS = ("mkdir", "open", "fsync", "replace", "rename", "unlink", "rmdir")

spec = importlib.util.spec_from_file_location(
    "video_director", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
)
sys.modules["video_director"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

from video_director.rendering.run_folder import RunFolder  # noqa: E402


def write_take(run, scene_id, hash, content):
    with run.new_take(scene_id, hash, **FACTS) as folder:
        (folder / "frames").mkdir()
        for index, piece in enumerate(content):
            (folder / "frames" / f"{index}.bin").write_bytes(piece)


def write_for_ever(path, seed):
    """Write takes of random content until killed."""
    chance = random.Random(seed)
    with RunFolder.open(path, create=True).lock() as run:
        (run.root / "held").write_text(str(seed))
        while True:
            pieces = [chance.randbytes(chance.randint(0, 60_000)) for _ in range(3)]
            scene_id = f"scene-{chance.randint(1, 3)}"
            write_take(run, scene_id, chance.choice(HASHES), pieces)
            run.choose(scene_id, chance.choice([None, len(run.takes(scene_id))]))


def write_until_step(path, step):
    """Write one take and be killed at the given step; ends well when there are fewer."""
    count_steps(step)
    with RunFolder.open(path, create=True).lock() as run:
        write_take(run, "scene-1", HASHES[1], [b"first", b"second"])
        run.choose("scene-1", 1)


def write_in_turns(path, name, takes):
    """Write some takes, the lock taken anew for each."""
    for index in range(takes):
        with RunFolder.open(path, create=True).lock(timeout=60) as run:
            write_take(run, "scene-1", HASHES[0], [f"{name} {index}".encode()] * 3)


def hold(path):
    """Hold the lock until killed."""
    with RunFolder.open(path, create=True).lock():
        (Path(path) / "held").touch()
        signal.pause()


def count_steps(last):
    """Die at the given one of the calls that change the disk."""
    left = [last]

    def step():
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    def counted(function):
        def call(*arguments, **named):
            step()
            return function(*arguments, **named)

        return call

    def opened(path, mode="r", *arguments, **named):
        file = real_open(path, mode, *arguments, **named)
        if "w" in mode:
            step()  # the file is empty now
        return file

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    real_open, builtins.open = open, opened


def main():
    orders = {f.__name__: f for f in (write_for_ever, write_until_step, write_in_turns, hold)}
    children = {}
    for line in sys.stdin:
        what, *arguments = json.loads(line)
        if what == "wait":
            _, status = os.waitpid(children.pop(arguments[0]), 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                orders[what](*arguments)
                os._exit(0)
            children[answer] = answer
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


main()
