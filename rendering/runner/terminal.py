"""What a person sees of a run: a line for every scene that ends, and where the others are."""

from ...host.console import Console
from .events import RunEvent


class TerminalView:
    """A listener that writes to a console.

    On a terminal the scenes being rendered are redrawn below: "scene 3 of 7, step 12 of 25, about
    4 min left".

    Args:
        console: where to.
    """

    def __init__(self, console: Console):
        self._console = console
        self._places: dict[str, str] = {}
        self._running: dict[str, str] = {}

    def __call__(self, event: RunEvent) -> None:
        """Take one event of the runner."""
        getattr(self, f"_{event.kind}", self._nothing)(**event.data)
        self._console.draw([f"  {line}" for line in self._running.values()])

    def _plan(self, scenes: list[dict], **_: object) -> None:
        self._places = {
            scene["scene"]: f"scene {place} of {len(scenes)}"
            for place, scene in enumerate(scenes, 1)
        }
        done = sum(scene["done"] for scene in scenes)
        self._console.say(f"{len(scenes)} scenes, {done} of them done already.")

    def _scene_started(self, scene: str, **_: object) -> None:
        self._running[scene] = f"{self._places[scene]} begins"

    def _progress(
        self, scene: str, step: int, steps: int, seconds_left: float | None, **_: object
    ) -> None:
        left = "" if seconds_left is None else f", about {duration(seconds_left)} left"
        self._running[scene] = f"{self._places[scene]}, step {step} of {steps}{left}"

    def _scene_done(self, scene: str, seconds: float, take: int, **_: object) -> None:
        self._running.pop(scene, None)
        which = f", take {take}" if take > 1 else ""
        self._console.say(f"  {self._places[scene]} ({scene}): {seconds:.1f} s{which}")

    def _scene_failed(self, scene: str, reason: str, retried: bool, **_: object) -> None:
        self._running.pop(scene, None)
        what = "failed and will be tried again" if retried else "failed and is given up"
        self._console.say(f"  {self._places[scene]} ({scene}) {what}: {reason}")

    def _host_lost(self, host: str, reason: str, waiting: bool, **_: object) -> None:
        what = "does not answer; waiting for it" if waiting else "is left out from now on"
        self._console.say(f"  The host at {host} {what}: {reason}")

    def _nothing(self, **_: object) -> None:
        """Joining and the end are told by the command itself."""


def duration(seconds: float) -> str:
    """A length of time in a person's words: "40 s", "4 min", "2 h 10 min"."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
