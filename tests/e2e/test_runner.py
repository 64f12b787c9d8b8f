"""The scene runner at real hosts: nothing rendered twice, nothing lost.

The model sleeps instead of working (test_packs/slow_models), unless the command line is tested.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import av
import pytest
from video_director.bench import render_slowly
from video_director.bench.slow_scenes import slow_host, slow_plan, slow_workflow
from video_director.host.client import Client
from video_director.host.errors import DirectorError
from video_director.host.server import ROOT, free_port
from video_director.planning import plan_io
from video_director.rendering import render_plan, render_plan_async
from video_director.rendering.run_errors import RunFolderBusyError
from video_director.rendering.run_folder import RunFolder
from video_director.rendering.runner.preflight import PreflightError

from .conftest import HOST

OUTPUTS = ["manifest.json", "plan.json", "storyboard.png", "video.mp4"]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A host with the pack of the sleeping model."""
    with slow_host(HOST, tmp_path_factory.mktemp("first")) as host:
        yield host


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """Another one."""
    with slow_host(HOST, tmp_path_factory.mktemp("second")) as host:
        yield host


class Events(list):
    """Events of a run, as they came."""

    def scenes(self, kind):
        return [event.data["scene"] for event in self if event.kind == kind]

    def data(self, kind):
        return [event.data for event in self if event.kind == kind]


def rendered(plan, servers, folder, **options):
    """The result, and the events on the way."""
    events = Events()
    options.setdefault("workflow", slow_workflow())
    result = render_plan(plan, servers, folder, on_event=events.append, **options)
    return result, events


def files_of(folder, scene):
    """Content and time of every file of a scene's takes."""
    paths = [path for path in (folder / "scenes" / scene).rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def video_of(result):
    """How many frames the joined video has, and how many a second."""
    with av.open(str(result.video)) as video:
        rate = video.streams.video[0].average_rate
        return sum(1 for _ in video.decode(video=0)), rate


@pytest.fixture(scope="module")
def finished(first, tmp_path_factory):
    """A rendered plan; tests take copies of its folder."""
    return rendered(slow_plan(frames=2), [first.url], tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def folder(finished, tmp_path):
    """A copy of the finished run."""
    return shutil.copytree(finished[0].folder, tmp_path / "run", copy_function=shutil.copy2)


def test_a_plan_becomes_a_video(finished):
    result, events = finished
    assert result.done == ("s0", "s1", "s2")
    assert not result.failed
    assert set(OUTPUTS) <= {path.name for path in result.folder.iterdir()}
    assert video_of(result) == (6, 8)
    assert [event.kind for event in events if event.kind != "progress"] == [
        "plan",
        *["scene_started", "scene_done"] * 3,
        "joined",
        "done",
    ]
    steps = [(e["scene"], e["step"], e["steps"]) for e in events.data("progress")]
    assert ("s1", 2, 2) in steps
    assert len(set(steps)) == len(steps)
    take = RunFolder.open(result.folder).takes("s1")[0]
    assert (take.frames, take.fps, take.width, take.height) == (2, 8, 64, 64)
    assert {"comfyui", "torch", "pack"} <= set(take.versions)


def test_the_video_brings_its_workflow_back(finished):
    with av.open(str(finished[0].video)) as video:
        assert "ball 1" in json.dumps(json.loads(video.metadata["workflow"]))


def test_what_is_done_is_not_rendered_again_and_needs_no_host(folder):
    before = {scene: files_of(folder, scene) for scene in ("s0", "s1", "s2")}
    nobody = f"http://127.0.0.1:{free_port()}"
    result, events = rendered(slow_plan(frames=2), [nobody], folder)
    assert not events.scenes("scene_started")
    assert result.video.is_file()
    assert {scene: files_of(folder, scene) for scene in before} == before


def test_one_box_of_one_scene_renders_exactly_that_scene(first, folder):
    data = json.loads(plan_io.dumps(slow_plan(frames=2)))
    data["scenes"][1]["layout"][0]["boxes"]["ball"] = [0.4, 0.1, 0.8, 0.5]
    result, events = rendered(plan_io.from_data(data), [first.url], folder)
    assert events.scenes("scene_started") == ["s1"]
    assert len(result.done) == 3
    assert len(RunFolder.open(folder).takes("s1")) == 2


def test_another_frame_rate_renders_nothing_and_joins_again(folder):
    nobody = f"http://127.0.0.1:{free_port()}"
    result, events = rendered(slow_plan(frames=2, fps=4), [nobody], folder)
    assert not events.scenes("scene_started")
    assert video_of(result) == (6, 4)


def test_another_setting_renders_all(first, folder):
    _, events = rendered(slow_plan(frames=2), [first.url], folder, settings={"seed": 9})
    assert events.scenes("scene_done") == ["s0", "s1", "s2"]


def test_one_take_more_keeps_the_earlier_one_and_differs(first, folder):
    before = files_of(folder, "s2")
    options = {"scenes": ["s2"], "another_take": True}
    result, events = rendered(slow_plan(frames=2), [first.url], folder, **options)
    assert events.scenes("scene_started") == ["s2"]
    after = files_of(folder, "s2")
    assert before.items() <= after.items()
    takes = RunFolder.open(folder).takes("s2")
    assert [take.number for take in takes] == [1, 2]
    assert takes[0].seed != takes[1].seed
    assert takes[0].files != takes[1].files
    assert result.done == ("s0", "s1", "s2")


def test_a_chosen_take_is_joined_until_it_is_unchosen(first, folder):
    nobody = f"http://127.0.0.1:{free_port()}"
    changed = slow_plan(frames=2)
    changed.scenes[1].prompt += " again"
    rendered(changed, [first.url], folder)
    newest, _ = rendered(changed, [nobody], folder)
    assert newest.takes == {"s0": 1, "s1": 2, "s2": 1}
    chosen, events = rendered(changed, [nobody], folder, choose={"s1": 1})
    assert chosen.takes == {"s0": 1, "s1": 1, "s2": 1}
    told = events.data("plan")[0]["scenes"][1]
    assert (told["take"], told["take_fits"], told["render"]) == (1, False, False)
    later, _ = rendered(changed, [nobody], folder)
    assert later.takes["s1"] == 1, "the folder remembers"
    more = {"scenes": ["s1"], "another_take": True}
    kept, events = rendered(changed, [first.url], folder, **more)
    assert events.data("scene_done")[0]["take"] == 3
    assert kept.takes["s1"] == 1, "a new take does not push the chosen one aside"
    back, _ = rendered(changed, [nobody], folder, choose={"s1": None})
    assert back.takes["s1"] == 3
    with pytest.raises(DirectorError, match="'s1' has no take 9; its takes: 1, 2, 3"):
        rendered(changed, [nobody], folder, choose={"s1": 9})


def test_a_scene_that_changes_after_a_choice_is_rendered(first, folder):
    nobody = f"http://127.0.0.1:{free_port()}"
    changed = slow_plan(frames=2)
    rendered(changed, [nobody], folder, choose={"s1": 1})
    changed.scenes[1].prompt += " again"
    result, events = rendered(changed, [first.url], folder)
    assert events.scenes("scene_started") == ["s1"]
    assert result.takes["s1"] == 2


def test_the_command_chooses_takes_and_says_so(first, tmp_path):
    run, prompt = tmp_path / "run", "A red ball in a meadow."

    def said(*arguments, code=0):
        options = {"capture_output": True, "text": True, "check": False}
        done = subprocess.run(command(*arguments, "--server", first.url), **options)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    said(prompt, "--output", run)
    said("--resume", run, "--take")
    assert "done, take 1" in said("--resume", run, "--choose", "scene-1:1", "--dry-run")
    assert RunFolder.open(run).manifest.scenes["scene-1"].chosen is None
    told = said("--resume", run, "--choose", "scene-1:1")
    assert "scene scene-1: take 1 (the newest is 2) is used; `--choose scene-1:NUMBER`" in told
    assert RunFolder.open(run).manifest.scenes["scene-1"].chosen == 1
    assert "is used" not in said("--resume", run, "--choose", "scene-1:latest")
    assert "--choose: 'scene-1' names no take" in said(
        "--resume", run, "--choose", "scene-1", code=1
    )


def test_chosen_scenes_alone_are_rendered_and_not_joined(first, tmp_path):
    result, events = rendered(slow_plan(), [first.url], tmp_path / "run", scenes=["s2", "s0"])
    assert events.scenes("scene_started") == ["s0", "s2"]
    assert (result.done, result.video, result.failed) == (("s0", "s2"), None, {})


@pytest.mark.parametrize(("kind", "files"), [("png", 2), ("mp4", 1)])
def test_scenes_as_pictures_and_as_small_videos(first, tmp_path, kind, files):
    plan = slow_plan(1, frames=2)
    result, _ = rendered(plan, [first.url], tmp_path / "run", clip_format=kind)
    assert len(RunFolder.open(result.folder).takes("s0")[0].files) == files
    assert video_of(result) == (2, 8)


def test_two_hosts_share_the_scenes(first, second, tmp_path):
    servers = [first.url, second.url, first.url + "/"]
    slow = slow_workflow(0.2)
    result, events = rendered(slow_plan(6), servers, tmp_path / "run", workflow=slow)
    assert len(result.done) == 6
    hosts = [event["host"] for event in events.data("scene_done")]
    assert set(hosts) == {first.url, second.url}
    assert sorted(events.scenes("scene_started")) == [f"s{n}" for n in range(6)]


def test_a_scene_whose_node_raises_does_not_stop_the_others(first, tmp_path):
    plan = slow_plan(3)
    plan.scenes[1].frames = 3
    failing = slow_workflow(fails_at_frames=3)
    result, events = rendered(plan, [first.url], tmp_path / "run", workflow=failing)
    assert result.done == ("s0", "s2")
    assert list(result.failed) == ["s1"]
    assert "node 6 (VideoDirectorRenderPlan)" in result.failed["s1"]
    assert "in the step 'sample' of the scene" in result.failed["s1"]
    assert "a scene of 3 frames fails on demand" in result.failed["s1"]
    assert [event["retried"] for event in events.data("scene_failed")] == [True, True, False]
    assert result.video is None


def test_all_problems_are_named_before_the_first_step(first, tmp_path):
    workflow = slow_workflow()
    workflow.api["slow"]["class_type"] = "NobodyHasThisNode"
    nobody = f"http://127.0.0.1:{free_port()}"
    settings = {"sampler_name": "none such"}
    with pytest.raises(PreflightError) as caught:
        rendered(
            slow_plan(), [first.url, nobody], tmp_path / "run", settings=settings, workflow=workflow
        )
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 3
    assert f"{first.url} has no node NobodyHasThisNode" in told
    assert "sampler_name is 'none such'" in told
    assert f"No ComfyUI answers at {nobody}" in told


async def test_a_host_killed_in_mid_scene_and_restarted_is_used_again(tmp_path):
    base, events, kept = tmp_path / "base", Events(), {}
    host = slow_host(HOST, base).__enter__()
    restarts = []

    def kill_in_s1(event):
        events.append(event)
        if event.kind == "progress" and event.data["scene"] == "s1" and not restarts:
            kept.update(files_of(tmp_path / "run", "s0"))
            os.killpg(host.process.pid, signal.SIGKILL)
            host.stop()
            restarts.append(asyncio.ensure_future(asyncio.to_thread(again.__enter__)))

    again = slow_host(HOST, base, port=host.port)
    try:
        result = await render_plan_async(
            slow_plan(),
            [host.url],
            tmp_path / "run",
            on_event=kill_in_s1,
            workflow=slow_workflow(0.5),
            patience=500,  # a busy machine starts a host slowly
        )
    finally:
        for restart in restarts:
            with contextlib.suppress(Exception):
                await restart
        again.stop()
        host.stop()
    assert result.done == ("s0", "s1", "s2")
    assert sorted(events.scenes("scene_started")) == ["s0", "s1", "s1", "s2"]
    # A host that is back at once is not lost; it only knows nothing of the scene any more.
    assert [event["waiting"] for event in events.data("host_lost")] in ([], [True])
    assert kept
    assert files_of(tmp_path / "run", "s0") == kept


@contextlib.contextmanager
def process(command):
    """A program whose standard output is read line by line."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def until(child, kind):
    """Read events of a program until one of a kind; returns it."""
    for line in child.stdout:
        event = json.loads(line)
        if event["kind"] == kind:
            return event
    raise AssertionError(f"it ended without {kind}: {child.stderr.read()}")


def test_a_killed_runner_is_gone_on_with_and_a_second_one_is_refused(first, tmp_path):
    run = tmp_path / "run"
    arguments = [render_slowly.__file__, first.url, str(run), "0.3", "3"]
    with process([sys.executable, *arguments]) as child:
        assert until(child, "scene_done")["scene"] == "s0"
        with pytest.raises(RunFolderBusyError, match="in use"):
            rendered(slow_plan(), [first.url], run, workflow=slow_workflow(0.3))
        child.kill()
        child.wait()
    kept = files_of(run, "s0")
    result, events = rendered(slow_plan(), [first.url], run, workflow=slow_workflow(0.3))
    assert events.scenes("scene_started") == ["s1", "s2"]
    assert result.done == ("s0", "s1", "s2")
    assert files_of(run, "s0") == kept


def command(*arguments):
    return [sys.executable, str(ROOT / "director.py"), "render", *map(str, arguments)]


async def queue_is_empty(url):
    async with Client(url) as client:
        _, queue = await client._json("GET", "/queue")
    return not queue["queue_running"] and not queue["queue_pending"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for a child alone")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "polite-kill"])
def test_ctrl_c_stops_the_host_and_leaves_a_folder_to_go_on_with(first, tmp_path, sign):
    run = tmp_path / "run"
    prompt = "A red ball in a meadow. Then a blue star at night."
    with process(command(prompt, "--server", first.url, "--output", run, "--events")) as child:
        until(child, "progress")
        child.send_signal(sign)
        _, said = child.communicate(timeout=30)
        assert child.returncode == 130
    assert f"--resume {run}" in said
    deadline = time.monotonic() + 5
    while not asyncio.run(queue_is_empty(first.url)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert asyncio.run(queue_is_empty(first.url))
    dry = subprocess.run(
        command("--resume", run, "--dry-run", "--server", first.url, "--events"),
        capture_output=True,
        text=True,
        check=True,
    )
    scenes = json.loads(dry.stdout)["scenes"]
    assert [(scene["done"], scene["render"]) for scene in scenes] == [(False, True)] * 2


def test_the_command_says_which_scene_failed_and_exits_with_2(first, tmp_path):
    """The shipped workflow. The picture of one entity is missing in the host's input folder."""
    data = json.loads(plan_io.dumps(slow_plan(2)))
    data["entities"].append({**data["entities"][0], "id": "star", "reference_image": "none.png"})
    data["scenes"][0]["entities"] = ["star"]
    data["scenes"][0]["layout"] = []
    plan = tmp_path / "plan.json"
    plan_io.save(plan_io.from_data(data), plan)
    arguments = [plan, "--server", first.url, "--output", tmp_path / "run", "--events"]
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["kind"] == "done"
    assert events[-1]["done"] == ["s1"]
    assert "scene s0 was not rendered" in done.stderr
    assert "none.png" in done.stderr
