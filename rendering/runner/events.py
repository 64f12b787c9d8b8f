"""What the runner tells while it works: one event a line for scripts, or an object in Python."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "plan",  # folder, and of every scene its id, hash, frames, done, render, take, take_fits
    "scene_started",  # scene, host, attempt
    "progress",  # scene, step, steps, seconds_left (null while nothing is known)
    "scene_done",  # scene, host, seconds, take
    "scene_failed",  # scene, host, reason, retried
    "host_lost",  # host, reason, waiting: whether it may come back
    "joined",  # video
    "done",  # done, failed
]


@dataclass(frozen=True)
class RunEvent:
    """One event: its kind, and what is known of it as plain JSON data."""

    kind: Kind
    data: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The event as one line of JSON, without a line end."""
        return json.dumps({"kind": self.kind, **self.data}, ensure_ascii=False)


Listener = Callable[[RunEvent], None]


def unheard(event: RunEvent) -> None:
    """A listener for events that nobody asked for."""


class TimeLeft:
    """Estimates how long the rest takes, from the frames made since the first scene began.

    Args:
        frames: frames by scene id, of the scenes that are to be rendered.
        clock: seconds, monotonic.
    """

    def __init__(self, frames: Mapping[str, int], clock: Callable[[], float] = time.monotonic):
        self._frames = dict(frames)
        self._clock = clock
        self._made: dict[str, float] = {}
        self._begun: float | None = None

    def begin(self, scene: str) -> None:
        """A scene begins, perhaps again."""
        if self._begun is None:
            self._begun = self._clock()
        self._made[scene] = 0.0

    def reached(self, scene: str, share: float) -> None:
        """A scene is so far, 0 to 1; a scene that is given up counts as made."""
        self._made[scene] = self._frames[scene] * share

    def leave_out(self, scene: str) -> None:
        """A scene turns out to be there already: it costs no time."""
        self._frames.pop(scene, None)
        self._made.pop(scene, None)

    def seconds(self) -> float | None:
        """Seconds to the end; None while nothing has been made."""
        made = sum(self._made.values())
        if self._begun is None or not made:
            return None
        elapsed = self._clock() - self._begun
        return elapsed / made * (sum(self._frames.values()) - made)
