"""What the terminal shows of a running job, from the host's events."""

import io
import re

import pytest
from video_director.host.console import Console, bar
from video_director.host.job import Event
from video_director.rendering.progress import SceneProgress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def sampling(scene, value, total=20, state="running"):
    nodes = {
        "5": {"value": 1, "max": 1, "state": "finished"},
        f"6.0.0.{scene}.sample": {"value": value, "max": total, "state": state},
        f"6.0.0.{scene}.decode": {"value": 0, "max": 1, "state": "running"},
    }
    return Event("progress_state", {"prompt_id": "p", "nodes": nodes})


@pytest.fixture
def clock():
    times = iter(range(1000))
    return lambda: next(times)


def run(stream, clock):
    progress = SceneProgress(Console(stream), ["scene-1", "the_sea", "third"], clock)
    for scene in ("scene-1", "the_sea"):
        for step in (0, 10, 20):
            progress(sampling(scene, step, state="finished" if step == 20 else "running"))
        progress(sampling(scene, 20, state="finished"))
    progress(Event("executing", {"node": "8"}))
    progress.finish()
    return progress


def test_plain_lines_without_a_terminal(clock):
    stream = io.StringIO()
    progress = run(stream, clock)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert re.fullmatch(r"  1/3 scene-1: 20 steps in \d\.0 s", lines[0])
    assert re.fullmatch(r"  2/3 the_sea: 20 steps in \d\.0 s", lines[1])
    assert lines[2] == "  third: unchanged, taken from the host's cache"
    assert "\x1b" not in stream.getvalue()
    assert set(progress.seconds) == {"scene-1", "the_sea"}


def test_bars_on_a_terminal(clock, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    run(stream, clock)
    screens = stream.getvalue().split("\x1b[3F\x1b[J")  # three lines up, erase below
    assert re.search(r"scene-1  \[#{12}-{12}\] +50 %  step 10/20\n", screens[1])
    assert re.search(r"the_sea  \[-{24}\] +0 %\n", screens[1])
    last = screens[-1]
    assert re.search(r"scene-1  \[#{24}\] +100 %  step 20/20, \d\.0 s\n", last)
    assert re.search(r"third    \[", last)


def test_what_the_host_has_in_its_cache_took_no_time(clock):
    stream = io.StringIO()
    progress = SceneProgress(Console(stream), ["scene-1"], clock)
    progress(sampling("scene-1", 1, total=1, state="finished"))
    progress.finish()
    assert stream.getvalue() == "  scene-1: unchanged, taken from the host's cache\n"
    assert progress.seconds == {}


def test_pictures_of_entities_are_told_apart_from_scenes(clock):
    stream = io.StringIO()
    progress = SceneProgress(Console(stream), ["scene-1"], clock)
    for value, state in ((5, "running"), (20, "finished")):
        nodes = {"17.0.0.red-ball.picture_sample": {"value": value, "max": 20, "state": state}}
        progress(Event("progress_state", {"prompt_id": "p", "nodes": nodes}))
    assert set(progress.seconds) == {"picture of red-ball"}
    assert re.fullmatch(r"  1/2 picture of red-ball: 20 steps in \d\.0 s\n", stream.getvalue())


def test_scenes_nobody_announced_are_added(clock):
    progress = SceneProgress(Console(io.StringIO()), (), clock)
    progress(sampling("surprise", 3))
    assert progress.steps == {"surprise": (3, 20)}


@pytest.mark.parametrize(("done", "total", "percent"), [(0, 0, 0), (5, 10, 50), (12, 10, 100)])
def test_bar(done, total, percent):
    text = bar("x", done, total, 3)
    assert text.startswith("x    [")
    assert text.endswith(f"{percent} %")
    assert text.count("#") == round(24 * percent / 100)
