"""The plan nodes, and the walls around the files they touch."""

import os

import folder_paths
import pytest
from video_director.nodes import plan_files
from video_director.nodes.plan_nodes import LoadPlan, ParsePlan, PreviewPlan, SavePlan
from video_director.nodes.planner_nodes import PlanVideo
from video_director.planning import plan_io

PROMPT = "A red ball rolls across a meadow. Then the red ball meets a blue star by the sea."


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The host's input, output and temp folders, empty."""
    made = {}
    for kind in ("input", "output", "temp"):
        made[kind] = tmp_path / kind
        made[kind].mkdir()
        monkeypatch.setattr(folder_paths, f"{kind}_directory", str(made[kind]))
    (tmp_path / "secret.json").write_text("{}")
    return made


@pytest.fixture
def plan():
    return PlanVideo.execute(PROMPT, 4, 8, 128, 128, 0, "offline")[0]


def test_plan_video_gives_the_plan_and_its_json():
    plan, text = PlanVideo.execute(PROMPT, 4, 8, 128, 96, 3, "offline").args
    assert plan_io.loads(text) == plan
    assert len(plan.scenes) == 2
    assert (plan.width, plan.height, plan.fps) == (128, 96, 8)
    assert {scene.frames for scene in plan.scenes} == {4}
    with pytest.raises(ValueError, match="profile 'gpt': is unknown; use one of offline"):
        PlanVideo.execute(PROMPT, 4, 8, 128, 96, 3, "gpt")


def test_save_then_load_gives_the_same_plan(folders, plan):
    shown = [SavePlan.execute(plan, "plans/mine").ui for _ in range(2)]
    assert [ui["text"] for ui in shown] == [["plans/mine_00001_.json"], ["plans/mine_00002_.json"]]
    name = "plans/mine_00001_.json [output]"
    assert name in plan_files.list_plan_files()
    assert LoadPlan.validate_inputs(name) is True
    assert LoadPlan.execute(name)[0] == plan
    assert not list(folders["output"].rglob("*.part"))


def test_load_plan_notices_an_edited_file(folders, plan):
    path = folders["input"] / "a.json"
    plan_io.save(plan, path)
    before = LoadPlan.fingerprint_inputs("a.json")
    assert LoadPlan.fingerprint_inputs("a.json") == before
    plan.scenes[0].prompt = "Something else."
    plan_io.save(plan, path)
    assert LoadPlan.fingerprint_inputs("a.json") != before


BAD_NAMES = [
    "../secret.json",
    "a/../../secret.json",
    "..\\secret.json",
    "/etc/passwd.json",
    "C:\\secret.json",
    "C:secret.json",
    "\\\\server\\share\\a.json",
    "a\0.json",
    "",
    "folder/",
    "link.json",
    "linked/secret.json",
    "note.txt",
    "missing.json",
    "../secret.json [output]",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_load_plan_refuses(folders, name):
    outside = folders["input"].parent
    os.symlink(outside / "secret.json", folders["input"] / "link.json")
    os.symlink(outside, folders["input"] / "linked")
    (folders["input"] / "note.txt").write_text("{}")
    refusal = LoadPlan.validate_inputs(name)
    assert isinstance(refusal, str)
    assert refusal.startswith("Load Plan: ")
    with pytest.raises(ValueError, match="Load Plan: "):
        LoadPlan.execute(name)


@pytest.mark.parametrize("prefix", ["../x", "/x", "a/../../x", "C:\\x", "", "plans/", "linked/x"])
def test_prefixes_that_save_plan_refuses(folders, plan, prefix):
    os.symlink(folders["input"].parent, folders["output"] / "linked")
    with pytest.raises(ValueError, match="Save Plan: "):
        SavePlan.execute(plan, prefix)
    assert sorted(path.name for path in folders["input"].parent.iterdir()) == [
        "input",
        "output",
        "secret.json",
        "temp",
    ]


def test_a_broken_file_is_named_with_its_problems(folders):
    (folders["input"] / "b.json").write_text('{"version": 1, "fps": 0}')
    with pytest.raises(ValueError, match=r"Load Plan: 'b.json' cannot be used: [\s\S]*fps"):
        LoadPlan.execute("b.json")


def test_parse_plan_reads_our_json_and_names_problems(plan):
    assert ParsePlan.execute(plan_io.dumps(plan))[0] == plan
    with pytest.raises(ValueError, match="Parse Plan: the text is no usable plan: "):
        ParsePlan.execute("once upon a time")


def test_preview_plan_draws_and_shows(folders, plan):
    output = PreviewPlan.execute(plan)
    image = output[0]
    assert image.dim() == 4
    assert image.shape[0] == 1
    assert image.shape[3] == 3
    assert 0 <= float(image.min()) < float(image.max()) <= 1
    shown = output.ui.as_dict()["images"][0]
    assert (folders["temp"] / shown["filename"]).is_file()
