"""What a person is told of a plan's scenes while one host renders them."""

import pytest
from video_director.rendering.plan_progress import PlanProgress

FRAMES = {"a": 4, "b": 4, "c": 8}


@pytest.fixture
def now():
    """Seconds, to be moved on by tests."""
    return [0.0]


def progress(now, kept=(), unchanged=False):
    takes = dict.fromkeys(kept, "take 1")
    return PlanProgress(FRAMES, takes, unchanged=unchanged, clock=lambda: now[0])


def test_place_step_and_time_left(now):
    told = progress(now)
    told.begin("a")
    now[0] = 60.0
    assert told.reach("a", 1, 4) == "scene 1 of 3, step 1 of 4, about 15 min left"
    now[0] = 240.0
    told.reach("a", 4, 4)
    told.begin("b")
    assert told.reach("b", 0, 4) == "scene 2 of 3, step 0 of 4, about 12 min left"


def test_nothing_is_guessed_before_the_first_step(now):
    told = progress(now)
    told.begin("a")
    assert told.reach("a", 0, 4) == "scene 1 of 3, step 0 of 4"


def test_kept_scenes_take_no_time_but_have_their_place(now):
    told = progress(now, kept=["a", "c"])
    told.begin("b")
    now[0] = 30.0
    assert told.reach("b", 2, 4) == "scene 2 of 3, step 2 of 4, about 30 s left"


def test_what_may_be_in_memory_makes_the_time_a_bound(now):
    told = progress(now, unchanged=True)
    told.pass_by("a")
    told.begin("b")
    now[0] = 30.0
    assert told.reach("b", 2, 4) == "scene 2 of 3, step 2 of 4, up to about 2 min left"
    told.pass_by("c")
    assert told.reach("b", 3, 4) == "scene 2 of 3, step 3 of 4, about 10 s left"


def test_a_video_models_picture_has_steps_of_its_own(now):
    told = progress(now)
    told.begin("a")
    now[0] = 10.0
    assert told.reach("a", 2, 5, picture=True) == "scene 1 of 3, picture, step 2 of 5"
    told.begin("a")
    now[0] = 60.0
    assert told.reach("a", 4, 4) == "scene 1 of 3, step 4 of 4, about 3 min left"


def test_a_scene_that_was_rendered_is_not_unchanged_when_it_ends(now):
    told = progress(now, unchanged=True)
    told.begin("b")
    for scene in FRAMES:
        told.pass_by(scene)
    assert told.summary() == "3 scenes: 1 rendered (b), 2 unchanged"


def test_the_end_tells_which_takes_are_shown(now):
    told = PlanProgress(
        {"a": 1, "b": 1}, {"a": "take 1 (the newest is 2)"}, unchanged=False, clock=lambda: now[0]
    )
    told.begin("b")
    assert told.summary() == (
        "2 scenes: 1 rendered (b), 1 from the run folder (a: take 1 (the newest is 2))"
    )
    assert PlanProgress({"a": 1}, {}, unchanged=False).summary() == "1 scene: 1 unchanged"
