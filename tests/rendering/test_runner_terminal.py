"""What a person and a script are told of a run."""

import io
import json

import pytest
from video_director.host.console import Console
from video_director.rendering.runner.events import RunEvent
from video_director.rendering.runner.terminal import TerminalView, duration


class Terminal(io.StringIO):
    def isatty(self):
        return True


EVENTS = [
    RunEvent(
        "plan",
        {"folder": "f", "scenes": [{"scene": f"s{n}", "done": n == 0} for n in range(7)]},
    ),
    RunEvent("scene_started", {"scene": "s2", "host": "h", "attempt": 1}),
    RunEvent("progress", {"scene": "s2", "step": 3, "steps": 25, "seconds_left": None}),
    RunEvent("progress", {"scene": "s2", "step": 12, "steps": 25, "seconds_left": 242.0}),
    RunEvent("scene_done", {"scene": "s2", "host": "h", "seconds": 4.21, "take": 1}),
    RunEvent("scene_failed", {"scene": "s3", "host": "h", "reason": "boom", "retried": True}),
    RunEvent("host_lost", {"host": "h", "reason": "gone", "waiting": True}),
    RunEvent("joined", {"video": "v"}),
    RunEvent("done", {"done": ["s2"], "failed": {}}),
]


def shown(stream):
    view = TerminalView(Console(stream))
    for event in EVENTS:
        view(event)
    return stream.getvalue()


def test_plain_lines_without_a_terminal():
    assert shown(io.StringIO()).splitlines() == [
        "7 scenes, 1 of them done already.",
        "  scene 3 of 7 (s2): 4.2 s",
        "  scene 4 of 7 (s3) failed and will be tried again: boom",
        "  The host at h does not answer; waiting for it: gone",
    ]


def test_a_terminal_shows_where_each_running_scene_is(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    text = shown(Terminal())
    assert "  scene 3 of 7, step 3 of 25\n" in text
    assert "  scene 3 of 7, step 12 of 25, about 4 min left\n" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (40.2, "40 s"), (61, "1 min"), (3599, "1 h 00 min"), (7800, "2 h 10 min")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_an_event_is_one_line_of_json():
    line = RunEvent("scene_failed", {"scene": "s1", "reason": "two\nlines, ü"}).line()
    assert "\n" not in line
    assert json.loads(line) == {"kind": "scene_failed", "scene": "s1", "reason": "two\nlines, ü"}
