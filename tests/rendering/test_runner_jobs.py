"""What is queued for a scene, what its hash depends on, and what is looked at before."""

import shutil

import pytest
from video_director.host.errors import DirectorError
from video_director.planning import plan_io
from video_director.planning.offline import plan_video
from video_director.rendering.job_workflow import PARSER, JobWorkflow
from video_director.rendering.runner.hashes import scene_hashes
from video_director.rendering.runner.preflight import disk_problems
from video_director.rendering.runner.scene_job import RENDERER, SAVER, SAVER_ID, JobMaker

PROMPT = (
    "A red ball with a yellow band rolls across a meadow. Then the red ball meets a blue star by "
    "the sea. Finally a green tree stands in the snow."
)
MODELS = {"unet.safetensors": "0" * 64}


@pytest.fixture
def plan():
    return plan_video(PROMPT, frames=4, fps=8, width=128, height=128, seed=0)


def maker(plan, **settings):
    return JobMaker.of_plan(JobWorkflow.shipped().filled(RENDERER, **settings), plan)


def hashes(plan, models=MODELS, **settings):
    return scene_hashes(maker(plan, **settings), models)


def changed(first, second):
    """Ids of the scenes whose hash is another one."""
    assert set(first) == set(second)
    return {scene for scene in first if first[scene] != second[scene]}


def edited(plan, **changes):
    return plan.model_copy(update=changes)


def with_scene(plan, index, **changes):
    scenes = list(plan.scenes)
    scenes[index] = scenes[index].model_copy(update=changes)
    return edited(plan, scenes=scenes)


def test_a_job_renders_one_scene_and_saves_it(plan):
    prompt = maker(plan).prompt("scene-2")
    renderer = next(key for key, node in prompt.items() if node["class_type"] == RENDERER)
    assert prompt[renderer]["inputs"]["only"] == "scene-2"
    assert prompt[SAVER_ID]["class_type"] == SAVER
    assert prompt[SAVER_ID]["inputs"]["clips"] == [renderer, 0]
    kinds = {node["class_type"] for node in prompt.values()}
    assert {"VideoDirectorParsePlan", "VideoDirectorEntityReferences"} <= kinds
    assert not {"SaveVideo", "VideoDirectorJoinScenes", "SaveImage"} & kinds
    linked = [v[0] for n in prompt.values() for v in n["inputs"].values() if isinstance(v, list)]
    assert set(linked) <= set(prompt)


def test_jobs_differ_in_the_scene_alone(plan):
    jobs = maker(plan)
    first, second = jobs.prompt("scene-1"), jobs.prompt("scene-2")
    for job in (first, second):
        del job[jobs.workflow.node_id(RENDERER)]["inputs"]["only"]
    assert first == second


def test_another_take_has_another_seed_in_the_plan(plan):
    prompt = maker(plan).prompt("scene-2", seed=77)
    text = next(n for n in prompt.values() if n["class_type"] == PARSER)["inputs"]["text"]
    assert [scene.seed for scene in plan_io.loads(text).scenes] == [None, 77, None]


def test_what_a_host_would_keep_itself_is_left_out(plan):
    """A run folder named in the workflow is for Render Plan in the graph; here we keep scenes."""
    keeping = maker(plan, run_folder="runs/mine", render="again")
    assert keeping.prompt("scene-1") == maker(plan).prompt("scene-1")
    assert scene_hashes(keeping, MODELS) == hashes(plan)


def test_one_box_changes_one_scene(plan):
    keyframe = plan.scenes[1].layout[0]
    name, box = next(iter(keyframe.boxes.items()))
    moved = keyframe.model_copy(update={"boxes": {**keyframe.boxes, name: (0.0, 0.0, *box[2:])}})
    layout = [moved, *plan.scenes[1].layout[1:]]
    assert changed(hashes(plan), hashes(with_scene(plan, 1, layout=layout))) == {"scene-2"}


def test_frame_rate_and_prompt_of_the_plan_change_none(plan):
    assert not changed(hashes(plan), hashes(edited(plan, fps=24, prompt="another")))


def test_weights_settings_and_size_change_all(plan):
    every = {scene.id for scene in plan.scenes}
    assert changed(hashes(plan), hashes(plan, {"unet.safetensors": "1" * 64})) == every
    assert changed(hashes(plan), hashes(plan, steps=24)) == every
    assert changed(hashes(plan), hashes(edited(plan, width=136))) == every


def test_the_same_size_from_the_plan_and_from_the_node_is_one_size(plan):
    wide = hashes(edited(plan, width=136), width=256)
    assert not changed(wide, hashes(plan, width=256))


def test_a_shared_entity_counts_where_it_is_drawn(plan):
    """Without scene 2 the red ball is in one scene only, and no picture of it is drawn."""
    alone = edited(plan, scenes=[plan.scenes[0], plan.scenes[2]])
    before, after = hashes(plan), hashes(alone)
    assert before["scene-1"] != after["scene-1"]
    assert before["scene-3"] == after["scene-3"]


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ({"width": 130}, "width is 130.*use 128, or 0 for the plan's 128"),
        ({"height": 8}, "height is 8.*use 64"),
    ],
)
def test_a_size_no_frame_can_have_is_named(plan, size, told):
    with pytest.raises(DirectorError, match=told):
        hashes(plan, **size)


def test_a_small_disk_is_named(plan, tmp_path, monkeypatch):
    folder = tmp_path / "not" / "there"
    scenes = [scene.id for scene in plan.scenes]
    assert not disk_problems(scenes, maker(plan), folder)
    full = type("Usage", (), {"free": 1000})()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    (problem,) = disk_problems(scenes, maker(plan), folder)
    assert "--format mp4" in problem
