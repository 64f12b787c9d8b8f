"""Asked and found boxes over rendered frames."""

import numpy as np
import pytest
from PIL import Image
from video_director.planning.box_lists import Detection
from video_director.planning.offline import plan_video
from video_director.planning.plan_io import scene_bundle
from video_director.rendering.layout_preview import SMALLEST, draw_layout

WHITE, GREY = (255, 255, 255), (90, 90, 90)


@pytest.fixture
def scene():
    return scene_bundle(plan_video("A red ball rolls across a meadow", frames=3), 0)


def frames(count, size=(128, 128)):
    return [Image.new("RGB", size, GREY) for _ in range(count)]


def test_boxes_move_with_their_entity(scene):
    drawn = [np.asarray(picture) for picture in draw_layout(scene, frames(3))]
    assert drawn[0].shape[0] >= SMALLEST
    left = [np.flatnonzero((picture != GREY).any(-1).any(0)).min() for picture in drawn]
    assert left[0] < left[1] < left[2]


def test_found_boxes_are_white(scene):
    found = [[Detection((0.1, 0.1, 0.9, 0.9), "ball")], [], []]
    first, second, _ = (np.asarray(p) for p in draw_layout(scene, frames(3), found))
    assert (first == WHITE).all(-1).sum() > (second == WHITE).all(-1).sum() + 500


def test_large_pictures_keep_their_size(scene):
    [picture] = draw_layout(scene, frames(1, (640, 480)))
    assert picture.size == (640, 480)


def test_too_many_pictures_are_refused(scene):
    with pytest.raises(ValueError, match="has 3 frames, but 4 pictures came"):
        draw_layout(scene, frames(4))
