"""Frames are held against disk and memory before anything is rendered, all problems at once."""

import shutil

import pytest
from video_director.rendering.frame_needs import (
    GIGABYTE,
    disk_problems,
    frames_in_memory,
    memory_problems,
)
from video_director.rendering.problems import Problems


@pytest.fixture
def free(monkeypatch):
    """Sets how many bytes every disk has free."""

    def set_to(count):
        usage = type("Usage", (), {"free": count})()
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)

    return set_to


def test_a_disk_that_just_holds_the_files_is_enough(free, tmp_path):
    folder = tmp_path / "not" / "there"
    free(10 * 64 * 32 * 3)
    assert not disk_problems(10, (64, 32), "ffv1", folder, "wait")
    free(10 * 64 * 32 * 3 - 1)
    (problem,) = disk_problems(10, (64, 32), "ffv1", folder, "wait")
    assert problem.endswith("GB free: free some, use another folder, or wait")
    assert str(folder) in problem
    assert not disk_problems(10, (64, 32), "mp4", folder, "wait")


def test_memory(free):
    needed = frames_in_memory(1024, (1024, 1024))
    assert needed == 12 * GIGABYTE
    assert not memory_problems("the frames", needed, needed, "less")
    assert not memory_problems("the frames", needed, 0, "less"), "nobody knows how much there is"
    (problem,) = memory_problems("the frames", needed, needed / 2, "less")
    assert problem == ("the frames alone take 12.0 GB of memory, and this machine has 6.0 GB: less")


def test_all_problems_are_told_at_once():
    problems = Problems()
    problems.refuse("Node")
    with problems.noted(ValueError):
        raise ValueError("one")
    with pytest.raises(ValueError, match="^Node: one$"):
        problems.refuse("Node")
    problems += ["two"]
    with pytest.raises(ValueError, match="^Node: nothing was rendered.*:\n- one\n- two$"):
        problems.refuse("Node")
    with pytest.raises(KeyError), problems.noted(ValueError):
        raise KeyError
