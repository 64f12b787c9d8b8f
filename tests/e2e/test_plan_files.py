"""What a plan needs beside itself: pictures at the hosts, their weights, room on the disk."""

import json
import subprocess
import sys

import pytest
from PIL import Image
from video_director.bench.slow_scenes import slow_plan
from video_director.host.server import ROOT, free_port
from video_director.planning import plan_io
from video_director.rendering.run_folder import RunFolder
from video_director.rendering.runner.render_plan import request_for
from video_director.rendering.runner.request import scene_states


@pytest.fixture
def plan_file(tmp_path):
    """A plan of one scene whose entity has a picture beside the plan's file."""
    Image.new("RGB", (64, 64), (220, 30, 30)).save(tmp_path / "girl.png")
    data = json.loads(plan_io.dumps(slow_plan(1, size=128)))
    data["entities"][0]["reference_image"] = "girl.png"
    plan_io.save(plan_io.from_data(data), tmp_path / "plan.json")
    return tmp_path / "plan.json"


def rendered(*arguments):
    command = [sys.executable, str(ROOT / "director.py"), "render", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def kinds(events):
    return [event["kind"] for event in events if event["kind"] not in ("progress", "plan")]


def test_pictures_beside_a_plan_reach_the_host_and_a_changed_one_renders_anew(
    server, plan_file, tmp_path
):
    run = tmp_path / "run"
    asked = [plan_file, "--server", server.url, "--output", run, "--events"]
    done, events = rendered(*asked)
    assert done.returncode == 0, done.stderr
    assert kinds(events) == ["scene_started", "scene_done", "joined", "done"]
    (name,) = (path.name for path in (server.base / "input" / "video_director").iterdir())
    assert name.endswith("-girl.png")
    assert (run / "pictures" / "video_director" / name).is_file()
    # The run folder is enough to go on with, even where the plan's folder is gone …
    nobody = f"http://127.0.0.1:{free_port()}"
    done, events = rendered("--resume", run, "--server", nobody, "--events")
    assert done.returncode == 0, done.stderr
    assert kinds(events) == ["joined", "done"]
    # … and another picture under the old name is another scene.
    Image.new("RGB", (64, 64), (30, 30, 220)).save(plan_file.parent / "girl.png")
    done, events = rendered(*asked)
    assert kinds(events) == ["scene_started", "scene_done", "joined", "done"]
    assert len(RunFolder.open(run).takes("s0")) == 2


def test_own_and_other_hosts_name_the_same_scenes_by_the_same_hashes(server, plan_file, tmp_path):
    plan = plan_io.load(str(plan_file))
    hashes = []
    for servers in ([], [server.url]):
        request = request_for(plan, servers, tmp_path / "run", pictures_from=[plan_file.parent])
        folder = RunFolder.open(tmp_path / "run", create=True)
        hashes.append([state.hash for state in scene_states(request, request.maker(), folder)])
        assert request.models
    assert hashes[0] == hashes[1]
    elsewhere = request_for(plan, [f"http://127.0.0.1:{free_port()}"], tmp_path / "other")
    assert not elsewhere.models  # nobody told, and nothing is remembered


def with_small_files(size, *arguments):
    """The command where the system refuses larger files, as a full disk does."""
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    start = f"runpy.run_path({str(ROOT / 'director.py')!r}, run_name='__main__')"
    script = f"import resource, runpy, sys; {limit}; sys.argv[0] = 'director.py'; {start}"
    command = [sys.executable, "-c", script, "render", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of a file's size")
def test_a_full_disk_is_named_and_what_was_done_is_kept(server, tmp_path):
    data = json.loads(plan_io.dumps(slow_plan(2, size=128)))
    data["scenes"][1]["frames"] = 8
    plan_io.save(plan_io.from_data(data), tmp_path / "plan.json")
    run = tmp_path / "run"
    asked = [tmp_path / "plan.json", "--server", server.url, "--output", run, "--events"]
    nothing = with_small_files(2000, *asked)
    assert nothing.returncode == 1
    assert "manifest could not be written" in nothing.stderr
    assert "MB are free" in nothing.stderr
    assert "Traceback" not in nothing.stderr
    done, _ = rendered(*asked, "--scene", "s0")
    assert done.returncode == 0, done.stderr
    kept = {path: path.read_bytes() for path in (run / "scenes").rglob("*") if path.is_file()}
    largest = max(path.stat().st_size for path in run.rglob("*") if path.is_file())
    full = with_small_files(largest + 1000, *asked)
    assert full.returncode == 1
    assert "A take of scene s1 could not be written" in full.stderr
    assert "MB are free" in full.stderr
    done, events = rendered(*asked)
    assert done.returncode == 0, done.stderr
    assert [event["scene"] for event in events if event["kind"] == "scene_started"] == ["s1"]
    assert {path: path.read_bytes() for path in kept} == kept
