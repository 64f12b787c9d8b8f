"""The same scenes by workers of a Ray on this machine, each with a real ComfyUI: bit for bit.

A Mac with Intel has no Ray; there these tests say so and are left out.
"""

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from video_director.host.server import OPENER, ROOT
from video_director.planning import plan_io
from video_director.planning.offline import plan_video
from video_director.rendering import render_plan, render_plan_on_ray

pytestmark = [
    pytest.mark.skipif(
        sys.platform == "darwin" and platform.machine() == "x86_64", reason="there is no Ray here"
    ),
    pytest.mark.skipif(sys.platform == "win32", reason="processes are found and killed by signals"),
]
PROMPT = "A red ball rolls across a meadow. Then a blue star rests at night."


@pytest.fixture(scope="module")
def plan():
    """Two scenes of two frames."""
    return plan_video(PROMPT, frames=2, width=64, height=64)


@pytest.fixture(scope="module")
def plain(plan, server, tmp_path_factory):
    """The digests of the plain run's files, by path below its scenes."""
    folder = tmp_path_factory.mktemp("plain")
    assert render_plan(plan, [server.url], folder).video
    return digests(folder)


def digests(folder):
    """sha256 of the clips of all scenes."""
    clips = [path for path in (folder / "scenes").rglob("*.mkv")]
    assert len(clips) == 2
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in clips
    }


def command(*arguments):
    return [sys.executable, str(ROOT / "director.py"), "render", *map(str, arguments)]


def comfyuis(process):
    """The ComfyUIs that a process has started by way of Ray's workers."""
    return [
        child
        for worker in descendants(process)
        if " ".join(arguments(worker)).startswith("ray::")
        for child in worker.children()
        if "launch.py" in " ".join(arguments(child))
    ]


def descendants(process):
    return psutil.Process(process).children(recursive=True)


def arguments(process):
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def test_two_workers_make_the_same_files_and_anyone_goes_on_with_their_folder(
    plan, plain, tmp_path
):
    source, run = tmp_path / "plan.json", tmp_path / "run"
    plan_io.save(plan, source)
    options = ["--ray", "local", "--workers", "2", "--output", run, "--events"]
    done = subprocess.run(command(source, *options), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["kind"] for event in events if event["kind"] in ("scene_done", "joined")] == [
        "scene_done",
        "scene_done",
        "joined",
    ]
    assert digests(run) == plain
    heard = []
    assert render_plan(plan, [], run, on_event=heard.append).video  # starts no host
    assert "scene_started" not in [event.kind for event in heard]


def is_busy(comfyui):
    """Whether a ComfyUI is rendering; one that does not answer is not."""
    line = arguments(comfyui)
    if "--port" not in line:
        return False
    address = f"http://127.0.0.1:{line[line.index('--port') + 1]}/queue"
    try:
        with OPENER.open(urllib.request.Request(address), timeout=5) as reply:
            return bool(json.load(reply)["queue_running"])
    except OSError:
        return False


def test_a_killed_comfyui_and_a_killed_worker_cost_nothing_but_time(plan, plain, tmp_path):
    events, killed = [], []

    def kill_in_mid_scene(event):
        events.append(event)
        if event.kind != "progress" or len(killed) == 2:
            return
        busy = next(filter(is_busy, comfyuis(os.getpid())), None)
        if busy is not None:
            victim = busy if not killed else busy.parent()
            killed.append(" ".join(arguments(victim)))
            victim.kill()

    result = render_plan_on_ray(plan, tmp_path / "run", 2, on_event=kill_in_mid_scene)
    assert "launch.py" in killed[0]
    assert "RemoteWorker" in killed[1]
    assert len(result.done) == 2
    failures = [event.data for event in events if event.kind == "scene_failed"]
    assert len(failures) == 2
    assert all(failure["retried"] for failure in failures)
    assert digests(tmp_path / "run") == plain
    assert not comfyuis(os.getpid())


def test_ctrl_c_ends_everything_and_leaves_a_folder_to_go_on_with(tmp_path):
    run = tmp_path / "run"
    options = ["--ray", "local", "--workers", "1", "--output", run, "--events"]
    child = subprocess.Popen(
        command(PROMPT, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert any(json.loads(line)["kind"] == "progress" for line in child.stdout)
        started = descendants(child.pid)
        assert comfyuis(child.pid)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == 130
    assert f"--resume {run}" in said
    deadline = time.monotonic() + 10
    while any(map(psutil.Process.is_running, started)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [one for one in started if one.is_running()]
    resumed = ["--resume", run, "--dry-run", "--events", "--ray", "local"]
    dry = subprocess.run(command(*resumed), capture_output=True, text=True, check=True)
    assert [scene["render"] for scene in json.loads(dry.stdout)["scenes"]] == [True, True]
