"""Kill -9 at any instant: what a run folder calls done is whole, and stays as it is."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from video_director.bench.runner_kills import listed_files
from video_director.rendering.run_errors import RunFolderBusyError
from video_director.rendering.run_folder import RunFolder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

WRITER = Path(__file__).with_name("run_folder_writer.py")
HASHES = [digit * 64 for digit in "abc"]
FACTS = {"frames": 1, "fps": 8, "width": 64, "height": 64, "seed": 0}
KILLED = -signal.SIGKILL
MOST_STEPS = 500
OWN_NAMES = {"manifest.json", "scenes", ".unfinished", ".lock", ".lock-holder.json", "held"}


class Writers:
    """The process that forks writers."""

    def __init__(self):
        command = [sys.executable, str(WRITER)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, **pipes)

    def order(self, *order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self, pid):
        """Exit status of a writer, negative for a signal."""
        return self.order("wait", pid)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture(scope="module")
def writers():
    writers = Writers()
    yield writers
    writers.close()


@pytest.fixture
def root(tmp_path):
    return tmp_path / "run"


def contents(root):
    """Digests of all files of all takes in place, looked at without the pack's help."""
    files = (path for path in (root / "scenes").rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def wait_for(path, text):
    """Wait until a writer has written a file, no longer than the test's own time."""
    while not path.exists() or path.read_text() != text:
        time.sleep(0.005)


def check_after_kill(root, before):
    """The folder as the kill left it; returns the content of all takes in place."""
    there = contents(root)
    assert before.items() <= there.items(), "a finished take was changed"
    assert listed_files(root).items() <= there.items(), "the manifest lists what is not there"
    opened = RunFolder.open(root, create=True)
    for scene_id, scene in opened.manifest.scenes.items():
        for take in scene.takes:
            assert len(take.files) > 0
            assert opened.done(scene_id, take.hash) is not None
    with opened.lock() as run:
        assert not list((root / ".unfinished").iterdir())
        assert {path.name for path in root.iterdir()} <= OWN_NAMES
        takes = {(name, t.number) for name in run.manifest.scenes for t in run.takes(name)}
    in_place = {tuple(name.split("/")[1:3]) for name in there}
    assert takes == {(scene_id, int(number)) for scene_id, number in in_place}
    expected = {name: digest for name, digest in there.items() if not name.endswith("take.json")}
    assert listed_files(root) == expected, "a whole take is missing, or a half one is listed"
    return there


def test_killed_at_random_instants(writers, root):
    chance = random.Random(8)
    before, grown = {}, 0
    for seed in range(30):
        pid = writers.order("write_for_ever", str(root), seed)
        time.sleep(chance.uniform(0.005, 0.25))
        os.kill(pid, signal.SIGKILL)
        assert writers.wait(pid) == KILLED
        after = check_after_kill(root, before)
        grown += len(after) > len(before)
        before = after
    assert grown >= 5, "the writers were killed before they wrote anything"


def test_killed_before_every_single_step(writers, root):
    """Every instant between two system calls that change the disk, one after another."""
    with RunFolder.open(root, create=True).lock() as run:
        with run.new_take("scene-1", HASHES[0], **FACTS) as folder:
            (folder / "clip.mp4").write_bytes(b"finished")
    before = contents(root)
    unfinished = finished = 0
    for step in range(MOST_STEPS):
        pid = writers.order("write_until_step", str(root), step)
        status = writers.wait(pid)
        if status == 0:
            break
        assert status == KILLED
        new = sum(name.endswith("take.json") for name in contents(root).keys() - before.keys())
        unfinished, finished = unfinished + (new == 0), finished + new
        before = check_after_kill(root, before)
    assert status == 0
    assert unfinished >= 10
    assert finished >= 2, "kills between a take's renaming and the manifest's"


def test_the_lock_of_a_killed_writer_is_free(writers, root):
    pid = writers.order("hold", str(root))
    wait_for(root / "held", "")
    with pytest.raises(RunFolderBusyError, match=f"in use by process {pid} on"):
        RunFolder.open(root).lock().__enter__()
    os.kill(pid, signal.SIGKILL)
    assert writers.wait(pid) == KILLED
    with RunFolder.open(root).lock():
        pass


def test_two_processes_at_once_never_mix(writers, root):
    pids = [writers.order("write_in_turns", str(root), name, 8) for name in ("left", "right")]
    assert [writers.wait(pid) for pid in pids] == [0, 0]
    run = RunFolder.open(root)
    assert [take.number for take in run.takes("scene-1")] == list(range(1, 17))
    written = []
    for number in range(1, 17):
        frames = (run.take_folder("scene-1", number) / "frames").iterdir()
        (content,) = {path.read_text() for path in frames}
        written.append(content)
    assert sorted(written) == sorted(f"{side} {i}" for side in ("left", "right") for i in range(8))
    assert listed_files(root).items() <= contents(root).items()


def test_a_killed_writer_and_a_waiting_one(writers, root):
    """The one that waits goes on where the killed one was stopped."""
    chance = random.Random(9)
    for seed in range(4):
        killed = writers.order("write_for_ever", str(root), seed)
        wait_for(root / "held", str(seed))
        waiting = writers.order("write_in_turns", str(root), f"next {seed}", 1)
        time.sleep(chance.uniform(0.02, 0.15))
        os.kill(killed, signal.SIGKILL)
        assert writers.wait(killed) == KILLED
        assert writers.wait(waiting) == 0
        check_after_kill(root, {})
    contents_written = {path.read_bytes() for path in root.rglob("0.bin")}
    assert {f"next {seed} 0".encode() for seed in range(4)} <= contents_written
