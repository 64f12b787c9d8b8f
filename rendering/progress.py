"""Shows how far each scene of a running job is, from the host's events."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..host.console import Console, bar
from ..host.job import Event

# Render Plan and Entity References name their expanded nodes "<id>.<step>", behind the host's own
# prefix.
SAMPLER = re.compile(r"\.([a-z0-9_-]+)\.(sample|picture_sample)$")


class SceneProgress:
    """Redraws a bar per scene on a terminal; elsewhere says a line per finished scene.

    Pictures of entities that are drawn before the scenes have bars and lines of their own.

    Args:
        console: where to.
        scenes: ids of the scenes expected; others are added when they begin.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        console: Console,
        scenes: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ):
        self.console = console
        self.clock = clock
        self.steps: dict[str, tuple[float, float]] = dict.fromkeys(scenes, (0.0, 0.0))
        self.seconds: dict[str, float] = {}
        self._begun: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of the job."""
        if event.type != "progress_state":
            return
        for node_id, state in event.data["nodes"].items():
            found = SAMPLER.search(node_id)
            if found:
                name, step = found.groups()
                self._update(name if step == "sample" else f"picture of {name}", state)
        self._draw()

    def finish(self) -> None:
        """The job succeeded: what took no steps came from the host's cache."""
        for scene in self.steps:
            if scene not in self.seconds:
                self.console.say(f"  {scene}: unchanged, taken from the host's cache")
        self._draw()
        self.console.settle()

    def _update(self, scene: str, state: dict[str, Any]) -> None:
        if state["state"] == "finished" and scene not in self._begun:
            return  # never ran: the host reports what it has in its cache as finished at once
        self._begun.setdefault(scene, self.clock())
        self.steps[scene] = (state["value"], state["max"])
        if state["state"] == "finished" and scene not in self.seconds:
            self.seconds[scene] = self.clock() - self._begun[scene]
            if not self.console.live:
                count = f"{len(self.seconds)}/{len(self.steps)}"
                steps = f"{state['max']:.0f} steps in {self.seconds[scene]:.1f} s"
                self.console.say(f"  {count} {scene}: {steps}")

    def _draw(self) -> None:
        width = max(map(len, self.steps), default=0)
        lines = []
        for scene, (done, total) in self.steps.items():
            steps = f"  step {done:.0f}/{total:.0f}" if total else ""
            time_taken = f", {self.seconds[scene]:.1f} s" if scene in self.seconds else ""
            lines.append("  " + bar(scene, done, total, width) + steps + time_taken)
        self.console.draw(lines)
