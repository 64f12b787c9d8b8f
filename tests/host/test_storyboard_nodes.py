"""The node that writes storyboards."""

import folder_paths
import pytest
import torch
from PIL import Image
from video_director.nodes.plan_nodes import PreviewPlan
from video_director.nodes.planner_nodes import PlanVideo
from video_director.nodes.sockets import SceneClip
from video_director.nodes.storyboard_nodes import SaveStoryboard, plan_pictures
from video_director.rendering.storyboard import draw_storyboard

PROMPT = "A red ball rolls across a meadow. Then the red ball meets a blue star by the sea."


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_paths, "output_directory", str(tmp_path))
    return tmp_path


@pytest.fixture
def plan():
    return PlanVideo.execute(PROMPT, 4, 8, 128, 128, 0, "offline")[0]


def clip_of(scene, frames=4):
    shades = torch.linspace(0, 1, frames)[:, None, None, None]
    return SceneClip(scene.id, shades.expand(frames, 16, 16, 3), 8)


def test_a_picture_is_written_and_shown(output, plan):
    for number in (1, 2):
        shown = SaveStoryboard.execute(plan, "png", "boards/mine").ui
        assert shown["images"][0]["filename"] == f"mine_0000{number}_.png"
        assert shown["text"] == [f"boards/mine_0000{number}_.png"]
    with Image.open(output / "boards" / "mine_00001_.png") as picture:
        assert picture.size == draw_storyboard(plan).size
    assert not list(output.rglob("*.part"))


def test_pages_are_written_with_the_frames_of_rendered_scenes(output, plan):
    plain = SaveStoryboard.execute(plan, "pdf", "plain").ui
    assert plain["storyboards"][0]["filename"] == "plain_00001_.pdf"
    SaveStoryboard.execute(plan, "pdf", "shown", [clip_of(plan.scenes[1])])
    files = [(output / f"{name}_00001_.pdf").read_bytes() for name in ("plain", "shown")]
    assert all(content.startswith(b"%PDF-") for content in files)
    assert files[0] != files[1]


def test_the_first_the_middle_and_the_last_frame_are_shown(plan):
    none, shown = plan_pictures(plan, [clip_of(plan.scenes[1], 5)])
    assert none is None
    assert [picture.getpixel((0, 0))[0] for picture in shown] == [0, 128, 255]


def test_preview_plan_shows_the_frames_of_rendered_scenes(tmp_path, monkeypatch, plan):
    monkeypatch.setattr(folder_paths, "temp_directory", str(tmp_path))
    plain = PreviewPlan.execute(plan)[0]
    shown = PreviewPlan.execute(plan, [clip_of(plan.scenes[1])])[0]
    assert plain.shape == shown.shape
    assert not torch.equal(plain, shown)
    broken = SceneClip(plan.scenes[0].id, torch.full((4, 8, 8, 3), float("nan")), 8)
    with pytest.raises(ValueError, match="Preview Plan: scene .*NaN"):
        PreviewPlan.execute(plan, [broken])


@pytest.mark.parametrize("prefix", ["../board", "/board", "a/", ""])
def test_nothing_is_written_elsewhere(output, plan, prefix):
    with pytest.raises(ValueError, match="Save Storyboard: "):
        SaveStoryboard.execute(plan, "png", prefix)
    assert not list(output.rglob("*"))


def test_frames_that_are_no_colours_are_told_by_their_scene(output, plan):
    scene = plan.scenes[0]
    broken = SceneClip(scene.id, torch.full((4, 8, 8, 3), float("nan")), 8)
    with pytest.raises(ValueError, match=f"Save Storyboard: scene {scene.id}: .*NaN"):
        SaveStoryboard.execute(plan, "png", "board", [broken])
