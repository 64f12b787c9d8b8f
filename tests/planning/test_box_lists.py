"""Boxes between the plan and the host's lists in pixels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_director.planning.box_lists import (
    Detection,
    follow_boxes,
    overlap,
    read_boxes,
    to_pixels,
)
from video_director.planning.layout import interpolate
from video_director.planning.offline import plan_video
from video_director.planning.plan_io import scene_bundle

BOX = {"x": 64.0, "y": 32.0, "width": 128.0, "height": 64.0}
AS_PLAN = (0.25, 0.25, 0.75, 0.75)


@pytest.mark.parametrize("value", [BOX, [BOX], [[BOX]], [[BOX]] * 3], ids=str)
def test_every_form_of_the_host_is_read(value):
    assert read_boxes(value, 3, 256, 128) == [[Detection(AS_PLAN)]] * 3


def test_empty_lists_and_labels():
    found = read_boxes([[], [{**BOX, "label": "cat", "score": 0.4}]], 2, 256, 128)
    assert found == [[], [Detection(AS_PLAN, "cat", 0.4)]]
    assert read_boxes([], 0, 256, 128) == []


unit = st.floats(0, 1, width=32)


@given(unit, unit, unit, unit, st.integers(64, 2048), st.integers(64, 2048))
def test_there_and_back(a, b, c, d, width, height):
    box = (min(a, b), min(c, d), max(a, b), max(c, d))
    if box[2] - box[0] < 0.01 or box[3] - box[1] < 0.01:
        return
    [[back]] = read_boxes(to_pixels(box, width, height), 1, width, height)
    assert back.box == pytest.approx(box, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, "got int; needs a list of boxes"),
        ("boxes", "got str; needs a list"),
        ([[BOX], [BOX]], "lists for 2 frames, but there are 3"),
        ([[3]], r"boxes\[0\]\[0\]: got int; needs x, y"),
        ([[{"x": 1}]], r"boxes\[0\]\[0\]: needs the numbers x, y, width and height"),
        ([[{**BOX, "width": 0}]], "is no box inside a picture of 256 x 128"),
        ([[{**BOX, "x": 200}]], "correct it, or allow clamping"),
        ([[{**BOX, "height": -5}]], "is no box"),
        ([[{**BOX, "y": float("nan")}]], "is no box"),
    ],
)
def test_other_boxes_are_refused_by_place(value, message):
    with pytest.raises(ValueError, match=message):
        read_boxes(value, 3, 256, 128)


def test_clamping_cuts_at_the_edge_and_half_a_pixel_is_forgiven():
    outside = {"x": -20, "y": 100, "width": 60, "height": 100}
    [[found]] = read_boxes(outside, 1, 256, 128, clamp=True)
    assert found.box == (0.0, 100 / 128, 40 / 256, 1.0)
    with pytest.raises(ValueError, match="is no box"):
        read_boxes({**outside, "y": 300}, 1, 256, 128, clamp=True)
    [[rounded]] = read_boxes({**BOX, "x": -0.4}, 1, 256, 128)
    assert rounded.box[0] == 0.0


@pytest.fixture
def scene():
    plan = plan_video("A red ball meets a blue star by the sea", frames=3)
    return scene_bundle(plan, 0)


def test_an_entity_follows_and_the_others_stay(scene):
    low, high = Detection((0.0, 0.5, 0.2, 0.9), "", 0.3), Detection((0.4, 0.5, 0.6, 0.9), "", 0.8)
    changed = follow_boxes(scene, "red-ball", [[low], [low, high], []])
    before, after = interpolate(scene.scene), interpolate(changed.scene)
    assert [boxes.get("red-ball") for boxes in after] == [low.box, high.box, None]
    assert [boxes["blue-star"] for boxes in after] == [boxes["blue-star"] for boxes in before]
    assert scene.scene.layout != changed.scene.layout


def test_unknown_entities_and_lengths_are_named(scene):
    with pytest.raises(ValueError, match="no entity 'fox'; it has: red-ball, blue-star"):
        follow_boxes(scene, "fox", [[]] * 3)
    with pytest.raises(ValueError, match="has 3 frames, but boxes came for 2"):
        follow_boxes(scene, "red-ball", [[]] * 2)


def test_overlap():
    assert overlap(AS_PLAN, AS_PLAN) == 1.0
    assert overlap((0, 0, 0.5, 1), (0.5, 0, 1, 1)) == 0.0
    assert overlap((0, 0, 0.5, 1), (0.25, 0, 0.75, 1)) == pytest.approx(1 / 3)
