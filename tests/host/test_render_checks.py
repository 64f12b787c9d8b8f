"""Render Plan says everything that would not work, before the first step and at once."""

from types import SimpleNamespace

import folder_paths
import psutil
import pytest
import torch
from video_director.nodes.sockets import EntityReference

from .test_scene_nodes import expansion, make_plan, make_scene

ADAPTER = {"adapter": ["a", 0], "clip_vision": ["s", 3]}


@pytest.fixture
def memory(monkeypatch):
    """Sets how much memory this machine has."""

    def set_to(count):
        monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=count))

    return set_to


def refusal(plan, **changes):
    """The problems that Render Plan names."""
    with pytest.raises(ValueError, match="^Render Plan: ") as caught:
        expansion(plan, **changes)
    return str(caught.value)


def test_all_problems_come_in_one_message(memory):
    memory(64 * 96 * 12 * 2)
    told = refusal(
        make_plan(make_scene("a"), make_scene("b", 5)),
        width=100,
        height=30,
        only="a, x, y",
        takes="a:1, b",
        adapter=["a", 0],
        video_model=["w", 0],
    )
    assert told.startswith("Render Plan: nothing was rendered, as this would not work:\n- ")
    for words in (
        "a reference adapter is connected, but no image encoder",
        "a video model is connected, but no image encoder",
        "width is 100",
        "height is 30",
        "only names 'x', 'y', but the plan's scenes are a, b",
        "takes: 'b' names no take",
        "the 3 frames of scene a alone take",
    ):
        assert told.count(words) == 1, words


def test_one_problem_is_one_sentence():
    told = refusal(make_plan(make_scene("a")), only="x")
    assert told.startswith("Render Plan: only names 'x'")
    assert "\n" not in told


def test_takes_need_a_run_folder():
    told = refusal(make_plan(make_scene("a")), takes="a:1")
    assert told.startswith("Render Plan: takes is 'a:1', but run_folder is empty;")


def test_frames_that_no_memory_holds(memory):
    frame = 64 * 96 * 12
    plan = make_plan(make_scene("a", 3), make_scene("b", 5))
    memory(8 * frame)
    expansion(plan)
    memory(8 * frame - 1)
    assert "the 8 frames of all scenes alone take" in refusal(plan)
    assert "set run_folder" in refusal(plan)
    expansion(plan, only="b")
    memory(5 * frame - 1)
    assert "the 5 frames of scene b alone take" in refusal(plan)
    expansion(plan, only="a")


def test_pictures_that_are_not_there_are_named_before_any_scene(monkeypatch, tmp_path):
    monkeypatch.setattr(folder_paths, "input_directory", str(tmp_path))
    fox = {"id": "fox", "name": "fox", "kind": "foreground", "reference_image": "fox.png"}
    hill = {"id": "hill", "name": "hill", "kind": "background", "reference_image": "hill.png"}
    scenes = [make_scene("a"), make_scene("b", entities=["fox"], background="hill")]
    plan = make_plan(*scenes, entities=[fox, hill])
    told = refusal(plan, **ADAPTER)
    assert "'fox.png', which is not in ComfyUI's input folder" in told
    assert "'hill.png', which is not" in told
    given = {name: EntityReference(torch.zeros(8, 8, 3), None, "given") for name in ("fox", "hill")}
    expansion(plan, **ADAPTER, references=given)
    expansion(plan, **ADAPTER, only="a")
    expansion(plan)
