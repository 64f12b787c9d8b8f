"""The questions of ``evaluate action`` hold on clips drawn as asked, and not on others."""

import numpy as np
import pytest
from video_director.evaluation.action_cases import action_cases, does, picture_kept
from video_director.miniature.clips import draw_clip, sample_clip
from video_director.miniature.motions import FRAMES, LABELS, has_room, track
from video_director.miniature.oracle import read_picture
from video_director.miniature.vocabulary import VERBS
from video_director.miniature.world import draw_scene

COUNT = 16


@pytest.fixture(scope="module")
def cases():
    return action_cases(COUNT, 0, 1)


def drawn(case, label, rng):
    """A clip of the case's things doing something, read frame by frame."""
    while True:
        clip = sample_clip(rng, label=label)
        if len(clip.frames[0].sprites) == len(case.scene.sprites):
            break
    return clip, [read_picture(frame) for frame in draw_clip(clip)]


def test_every_action_is_asked_for_in_words_that_say_nothing_of_it(cases):
    assert {case.label for case in cases} == set(LABELS)
    for case in cases:
        assert case.other != case.label
        words = set(case.prompt.lower().strip(".").split())
        assert not words & {word for verb in VERBS for word in verb.split()}
    assert cases == action_cases(COUNT, 0, 1)


def test_another_action_has_room(cases):
    asked = [case for case in cases if case.other]
    assert len(asked) > 0.7 * COUNT
    for case in asked:
        assert all(has_room(case.other, sprite, FRAMES) for sprite in case.scene.sprites)


def test_room_is_what_drawn_ways_take():
    rng = np.random.default_rng(0)
    for label in LABELS:
        scene = sample_clip(rng, label=label).frames[0]
        assert all(has_room(label, sprite, FRAMES) for sprite in scene.sprites)
        assert track(label, 128, 128, FRAMES, rng) is None


def test_things_that_do_as_asked_are_read_so(cases):
    rng = np.random.default_rng(1)
    right, wrong, kept = [], [], []
    for case in cases:
        clip, readings = drawn(case, case.label, rng)
        same = type(case)(clip.frames[0], "", 0, case.label, None)
        right.append(does(same, case.label, readings))
        wrong.append(does(same, LABELS[(LABELS.index(case.label) + 3) % len(LABELS)], readings))
        kept.append(picture_kept(same, readings))
        still = [read_picture(draw_scene(clip.frames[0]))] * FRAMES
        assert does(same, case.label, still) == 0
        gone = [read_picture(np.zeros((128, 128, 3), np.uint8))] * FRAMES
        assert picture_kept(same, gone) == 0
    assert np.mean(right) > 0.85
    assert np.mean(wrong) < 0.1
    assert np.mean(kept) > 0.9
