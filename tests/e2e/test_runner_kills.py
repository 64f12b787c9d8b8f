"""Kill -9 of host, runner and both; the long form is ``director.py bench runner --kills 20``."""

import os

import pytest
from video_director.bench.runner_kills import (
    SCENES,
    VICTIMS,
    Outcome,
    killable_host,
    random_kills,
    survive,
)

from .conftest import HOST

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
SEED = 5


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with killable_host(HOST, tmp_path_factory.mktemp("killed")) as host:
        yield host


@pytest.mark.parametrize("number", range(len(VICTIMS)), ids=[" and ".join(who) for who in VICTIMS])
def test_a_run_survives_a_kill_at_any_instant(host, tmp_path, number):
    kill = random_kills(len(VICTIMS), SEED)[number]
    outcome = survive(host, tmp_path / "run", kill, seed=number + 1)
    assert outcome == Outcome(outcome.done, whole=True, kept=True, completed=True)
    assert 0 <= outcome.done <= SCENES
