"""What ``evaluate camera`` asks, and that its questions hold on pictures moved as asked."""

import numpy as np
import pytest
import torch
from video_director.evaluation.camera_cases import (
    MOVES,
    STATIC,
    VALIDATION,
    camera_cases,
    objects_read,
)
from video_director.evaluation.optical_flow import flow_error, read_camera
from video_director.miniature.oracle import read_picture
from video_director.miniature.world import draw_scene
from video_director.sampling.camera_motion import OWN, SPEEDS, camera_path, camera_target

FRAMES = 6


def moved(case, *, back=False):
    """The drawing of a case, moved as its camera asks; ``back`` the other way round in time."""
    frames = np.stack([draw_scene(case.scene)] * FRAMES)
    latents = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    path = camera_path(case.direction, case.speed, FRAMES)
    clip = camera_target(latents, path, OWN).round().clamp(0, 255).byte()
    clip = np.ascontiguousarray(clip.permute(0, 2, 3, 1).numpy())
    return np.ascontiguousarray(clip[::-1]) if back else clip


@pytest.fixture(scope="module")
def cases():
    return camera_cases(len(MOVES), 2, 0, VALIDATION)


def test_every_move_and_speed_is_asked_for_and_stillness_too(cases):
    asked = {(case.direction, case.speed) for case in cases[: len(MOVES)]}
    assert len(asked) == 6 * len(SPEEDS)
    assert [case.direction for case in cases[len(MOVES) :]] == [STATIC] * 2
    assert {len(case.scene.sprites) for case in cases} == {1, 2}
    again = camera_cases(len(MOVES), 2, 0, VALIDATION)
    assert again == cases


def test_the_flow_of_moved_pictures_is_what_was_asked(cases):
    for case in cases[: len(MOVES)]:
        clip = moved(case)
        assert read_camera(clip).direction == case.direction
        assert flow_error(clip, case.direction, case.speed) < 0.5


def test_sizes_are_read_in_fractions_per_frame(cases):
    for case in cases[: len(MOVES)]:
        reading = read_camera(moved(case))
        if "zoom" in case.direction:
            assert abs(reading.zoom) == pytest.approx(case.speed, rel=0.3)
        else:
            assert max(abs(reading.right), abs(reading.down)) == pytest.approx(case.speed, rel=0.3)
            assert reading.flow == pytest.approx(case.speed, rel=0.4)


def test_the_other_way_round_it_is_wrong(cases):
    for case in cases[: len(MOVES)]:
        clip = moved(case, back=True)
        assert read_camera(clip).direction != case.direction
        assert flow_error(clip, case.direction, case.speed) > 1.5


def test_what_rests_has_no_flow(cases):
    for case in cases[-2:]:
        reading = read_camera(moved(case))
        assert reading.flow < 1e-3
        assert flow_error(moved(case), "left", 0.02) == pytest.approx(1, abs=0.01)


def test_an_even_picture_says_nothing():
    reading = read_camera(np.full((3, 64, 64, 3), 100, np.uint8))
    assert (reading.right, reading.down, reading.zoom, reading.flow) == (0, 0, 0, 0)


def test_one_frame_is_refused():
    with pytest.raises(ValueError, match="two frames or more to be read; 1 came"):
        read_camera(np.zeros((1, 64, 64, 3), np.uint8))


def test_objects_that_stay_inside_are_asked_for(cases):
    share, asked = [], 0
    for case in cases[: len(MOVES)]:
        still = [read_picture(draw_scene(case.scene))] * FRAMES
        with_camera = [read_picture(frame) for frame in moved(case)]
        pairs = objects_read(case, still, with_camera)
        share += [a for a, _ in pairs]
        asked += len(pairs)
        assert all(without == 1 for _, without in pairs)
        gone = [read_picture(np.zeros((128, 128, 3), np.uint8))] * FRAMES
        assert all(one == (0, 1) for one in objects_read(case, still, gone))
    assert asked > len(MOVES)
    assert np.mean(share) > 0.9


def test_what_leaves_the_frame_is_not_asked_for(cases):
    case = next(case for case in cases if (case.direction, case.speed) == ("left", SPEEDS["fast"]))
    still = [read_picture(draw_scene(case.scene))] * 40  # by then all is gone to the right
    assert len(objects_read(case, still, still)) < 30 * len(case.scene.sprites)
