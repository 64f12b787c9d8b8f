"""Film strips on nodes, as the host sees them."""

import logging
from dataclasses import replace
from pathlib import Path

import folder_paths
import pytest
import torch
from PIL import Image
from server import PromptServer
from video_director.nodes import film_strips
from video_director.nodes.join_nodes import JoinScenes
from video_director.nodes.kept_frames import KeptFrames
from video_director.nodes.sockets import SceneClip
from video_director.planning.plan_io import from_data
from video_director.rendering.clip_files import SUFFIXES, write_clip
from video_director.rendering.film_strip import WIDTH, arrange_strip

LEVELS = [0, 63, 127, 191, 255]
PLAN = {
    "version": 1,
    "prompt": "A red ball.",
    "fps": 8,
    "width": 128,
    "height": 128,
    "scenes": [{"id": name, "prompt": "A red ball.", "frames": 5} for name in "abc"],
}


@pytest.fixture
def temp(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_paths, "temp_directory", str(tmp_path / "temp"))
    return tmp_path / "temp"


@pytest.fixture
def serving(temp, monkeypatch):
    monkeypatch.setattr(PromptServer, "instance", object(), raising=False)
    return temp


def frames():
    return torch.tensor(LEVELS)[:, None, None, None].expand(5, 16, 16, 3) / 255


def clips():
    return [SceneClip(name, frames(), 8) for name in ("a", "b")]


def shown_levels(path, scenes):
    """What the panels of each scene show on a strip of square frames."""
    with Image.open(path) as strip:
        assert strip.width == WIDTH
        return [
            [strip.getpixel((x0 + 9, y0 + 9))[0] for x0, y0, _, _ in card.panels]
            for card in arrange_strip(scenes, (16, 16))
        ]


def test_join_scenes_shows_its_clips_and_says_so_in_its_output(serving):
    output = JoinScenes.execute(clips(), 0.0)
    (shown,) = output.ui["images"]
    assert (shown["type"], shown["subfolder"]) == ("temp", "")
    assert shown_levels(serving / shown["filename"], 2) == [[0, 127, 255]] * 2
    assert torch.equal(output.args[0], torch.cat([clip.images for clip in clips()]))


def test_nothing_is_drawn_where_no_server_runs(temp, monkeypatch):
    monkeypatch.delattr(PromptServer, "instance", raising=False)
    assert JoinScenes.execute(clips(), 0.0).ui is None
    assert not temp.exists()


def test_a_strip_that_cannot_be_written_stops_nothing(serving, caplog):
    serving.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        output = JoinScenes.execute(clips(), 0.0)
    assert not output.ui
    assert "there is no film strip" in caplog.text
    assert len(output.args[0]) == 10


def test_the_strip_of_a_plan_is_plain_until_scenes_are_ready(serving):
    plan = from_data(PLAN)
    strip = film_strips.plan_strip(plan, [0, 2])
    first = film_strips.strip_ui(strip)
    plain = shown_levels(strip.path, 2)
    clip = SceneClip(plan.scenes[2].id, frames(), 8)
    later = film_strips.strip_ui(strip, [clip])
    assert first["images"] == later["images"]
    assert shown_levels(strip.path, 2) == [plain[0], [0, 127, 255]]


@pytest.mark.parametrize("kind", ["ffv1", "png"])
def test_of_kept_scenes_three_frames_are_read(tmp_path, kind):
    def never():
        raise AssertionError("all frames are read")

    path: Path = tmp_path / f"clip{SUFFIXES[kind]}"
    kept = KeptFrames(replace(write_clip(path, frames(), kind, 8), read=never))
    pictures = film_strips.clip_pictures(SceneClip("a", kept, 8))
    assert [picture.getpixel((0, 0))[0] for picture in pictures] == [0, 127, 255]
