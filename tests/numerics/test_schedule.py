"""Step numbers read from sigmas."""

import pytest
from video_director.attention_patches.functional.schedule import affected_step, step_index

SIGMAS = [8.0, 4.0, 2.0, 1.0, 0.0]


@pytest.mark.parametrize(("sigma", "index"), [(8, 0), (4, 1), (2, 2), (1, 3), (9, 0), (0.01, 3)])
def test_step_index_of_schedule_sigmas(sigma, index):
    assert step_index(sigma, SIGMAS) == index


def test_calls_between_two_sigmas_belong_to_the_step_they_started_from():
    assert step_index(6.0, SIGMAS) == 0
    assert step_index(1.5, SIGMAS) == 2


def test_half_precision_rounding_does_not_lose_a_step():
    assert step_index(4.0 * 1.00005, SIGMAS) == 1


def test_affected_steps_count_from_one_and_ranges_meet_without_overlap():
    early = [affected_step(s, SIGMAS, start_sigma=99, end_sigma=2.0) for s in SIGMAS[:-1]]
    late = [affected_step(s, SIGMAS, start_sigma=2.0, end_sigma=0.0) for s in SIGMAS[:-1]]
    assert [step and tuple(step) for step in early] == [(1, 2), (2, 2), None, None]
    assert [step and tuple(step) for step in late] == [None, None, (1, 2), (2, 2)]


def test_substep_below_the_start_counts_with_its_own_step():
    assert affected_step(3.0, SIGMAS, start_sigma=3.5, end_sigma=0.0) is None
    assert affected_step(1.9, SIGMAS, start_sigma=3.5, end_sigma=0.0) == (1, 2)


def test_a_schedule_of_one_sigma():
    assert affected_step(5.0, [5.0], start_sigma=99, end_sigma=0) == (1, 1)
