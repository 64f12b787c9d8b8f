"""Drawn clips, and the oracle's reading of what moves in them."""

import numpy as np
import pytest
from video_director.miniature.clips import draw_clip, sample_clip
from video_director.miniature.motions import CELL, FRAMES, LABELS, track
from video_director.miniature.oracle import read_picture
from video_director.miniature.oracle_tracks import find_tracks, read_motion
from video_director.planning.kinetics import action_labels


def test_motions_go_by_labels_of_kinetics():
    assert len(LABELS) >= 8
    assert set(LABELS) <= set(action_labels())


@pytest.mark.parametrize("label", LABELS)
def test_every_motion_is_read_from_its_own_track(label):
    rng = np.random.default_rng(3)
    ways = [track(label, 30, 24, FRAMES, rng) for _ in range(60)]
    right = [read_motion([(x + 15.0, y + 12.0) for x, y in way]) for way in ways if way]
    assert len(right) > 50
    assert right.count(label) >= 0.98 * len(right)


@pytest.mark.parametrize("label", LABELS)
def test_a_way_stays_in_view_and_goes_whole_cells(label):
    rng = np.random.default_rng(4)
    for _ in range(40):
        way = track(label, 40, 30, FRAMES, rng)
        if way is not None:
            assert all(0 <= x <= 128 - 40 and 0 <= y <= 128 - 30 for x, y in way)
            assert all((x - way[0][0]) % CELL == (y - way[0][1]) % CELL == 0 for x, y in way)


@pytest.mark.parametrize("label", LABELS)
def test_the_oracle_reads_drawn_clips(label):
    right = whole = 0
    for seed in range(6):
        clip = sample_clip(np.random.default_rng([5, seed]), label=label)
        pictures = draw_clip(clip)
        assert pictures.shape == (FRAMES, 128, 128, 3)
        tracks = find_tracks([read_picture(picture) for picture in pictures])
        whole += len(clip.frames[0].sprites)
        right += sum(read_motion(way) == label for way in tracks.values())
    assert right >= 0.8 * whole


def test_what_stands_still_or_is_lost_does_nothing():
    assert read_motion([(50.0, 50.0)] * FRAMES) is None
    lost = [None, None, None, *((40.0, 40.0 + 10 * k) for k in range(FRAMES - 3))]
    assert read_motion(lost) is None


def test_noise_is_no_motion():
    rng = np.random.default_rng(0)
    read = [read_motion([tuple(rng.uniform(30, 90, 2)) for _ in range(FRAMES)]) for _ in range(60)]
    assert sum(label is not None for label in read) <= 12


def test_the_camera_moves_the_whole_picture():
    rng = np.random.default_rng(8)
    clips = [sample_clip(rng, moving_camera=1.0) for _ in range(12)]
    assert {clip.direction for clip in clips} > {"left"}
    clip = next(clip for clip in clips if clip.direction == "left")
    still = draw_clip(sample_clip(np.random.default_rng(1)))
    assert still.dtype == draw_clip(clip).dtype == np.uint8
    assert (draw_clip(clip)[0] == draw_clip(type(clip)(clip.frames, clip.label))[0]).all()


def test_the_same_seed_gives_the_same_clip():
    first, again = (sample_clip(np.random.default_rng(7), moving_camera=0.5) for _ in range(2))
    assert first == again
    assert (draw_clip(first) == draw_clip(again)).all()
