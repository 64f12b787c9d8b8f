"""What ``demo`` and ``render`` do after the host runs: the same code, against the shared server.

Few steps: what the pictures show is judged elsewhere; here it is the way from prompt to files.
"""

import hashlib
import io
import json

import av
import pytest
from PIL import Image
from video_director.host.console import Console
from video_director.host.errors import DirectorError, JobError
from video_director.planning import plan_io
from video_director.rendering.manifest import RENDERER
from video_director.rendering.oracle_check import check_video
from video_director.rendering.video_job import make_video, workflow_for

PROMPT = "A green box waits in the snow. Then a yellow moon rises at night."


def make(source, folder, server, **settings):
    workflow = workflow_for(source, None).filled(RENDERER, steps=2, **settings)
    said = io.StringIO()
    result = make_video(workflow, folder, Console(said), server.url)
    return workflow, result, said.getvalue()


@pytest.fixture(scope="module")
def made(server, tmp_path_factory):
    return make(PROMPT, tmp_path_factory.mktemp("made") / "video", server, seed=901)


def manifest_of(result):
    return json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))


def test_files_are_there_and_whole(made):
    _, result, _ = made
    listed = manifest_of(result)["files"]
    assert sorted(listed) == ["plan.json", "storyboard.png", "video.mp4"]
    for name, entry in listed.items():
        assert hashlib.sha256((result.folder / name).read_bytes()).hexdigest() == entry["sha256"]
    plan = plan_io.load(result.folder / "plan.json")
    assert plan.prompt == PROMPT
    assert len(plan.scenes) == 2
    with av.open(str(result.folder / "video.mp4")) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == (plan.width, plan.height)
        assert stream.average_rate == plan.fps
    assert check_video(result.video, plan).frames == sum(scene.frames for scene in plan.scenes)


def test_manifest_says_how_it_was_made(made):
    _, result, _ = made
    manifest = manifest_of(result)
    assert manifest["settings"]["seed"] == 901
    assert manifest["settings"]["steps"] == 2
    assert [scene["id"] for scene in manifest["scenes"]] == [s.id for s in result.plan.scenes]
    assert all(scene["seconds"] > 0 for scene in manifest["scenes"])
    assert len({scene["hash"] for scene in manifest["scenes"]}) == 2
    assert manifest["versions"]["comfyui"].startswith("0.")
    assert 0 < manifest["timings"]["host_execution"] <= manifest["timings"]["total"]


def test_progress_names_each_scene(made):
    _, result, said = made
    lines = [line for line in said.splitlines() if "2 steps in" in line]
    assert [line.split()[1].rstrip(":") for line in lines] == [s.id for s in result.plan.scenes]


def test_video_and_storyboard_carry_the_filled_in_graph(made):
    workflow, result, _ = made
    with av.open(str(result.folder / "video.mp4")) as video:
        in_video = json.loads(video.metadata["workflow"])
    in_picture = json.loads(Image.open(result.folder / "storyboard.png").text["workflow"])
    assert in_video == in_picture == workflow.ui
    assert PROMPT in json.dumps(in_video)


def test_again_with_the_plan_of_the_first(made, server, tmp_path):
    """The plan file gives the same frames; nothing is sampled anew, the host has every scene."""
    _, first, _ = made
    source = str(first.folder / "plan.json")
    workflow, again, said = make(source, tmp_path / "again", server, seed=901)
    assert (again.folder / "plan.json").read_bytes() == (first.folder / "plan.json").read_bytes()
    hashes = [[scene["hash"] for scene in manifest_of(r)["scenes"]] for r in (first, again)]
    assert hashes[0] == hashes[1]
    assert said.count("unchanged, taken from the host's cache") == len(again.plan.scenes)
    assert json.loads(av.open(io.BytesIO(again.video)).metadata["workflow"]) == workflow.ui


def test_a_failing_job_leaves_the_folder_as_it_was(made, server, tmp_path):
    folder = tmp_path / "video"
    folder.mkdir()
    (folder / "video.mp4").write_bytes(b"mine")
    broken = workflow_for(PROMPT, None).with_plan("this is no plan")
    broken.ui["nodes"] = [n for n in broken.ui["nodes"] if n["type"] != "MarkdownNote"]
    with pytest.raises((JobError, plan_io.PlanError)):
        make_video(broken, folder, Console(io.StringIO()), server.url)
    assert [p.name for p in folder.iterdir()] == ["video.mp4"]
    assert (folder / "video.mp4").read_bytes() == b"mine"


def test_plan_files_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(DirectorError, match=r"nowhere\.json can't be read \(No such file.*plan"):
        workflow_for(str(tmp_path / "nowhere.json"), None)
    bad = tmp_path / "bad.json"
    bad.write_text('{"version": 1}')
    with pytest.raises(DirectorError, match=r"(?s)bad\.json can't be used: .*scenes"):
        workflow_for(str(bad), None)


def test_a_seed_goes_to_planner_and_noise():
    workflow = workflow_for(PROMPT, 5)
    assert workflow.inputs("VideoDirectorPlanVideo")["seed"] == 5
    assert workflow.inputs(RENDERER)["seed"] == 5
