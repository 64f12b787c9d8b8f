"""How far the scenes of a plan are while one host renders them, in a person's words."""

import time
from collections.abc import Callable, Mapping

from .runner.events import TimeLeft
from .runner.terminal import duration


class PlanProgress:
    """Scenes of one job, some of which are there already.

    Args:
        frames: frames by id, of every scene that is shown, in order.
        kept: which take of it is used, in words, by id, of scenes that are in a run folder.
        unchanged: whether further scenes may turn out to be in the host's memory. That is only
            known when their turn comes, so that the time left is a bound until then.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        frames: Mapping[str, int],
        kept: Mapping[str, str],
        *,
        unchanged: bool,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._places = {scene: place for place, scene in enumerate(frames, 1)}
        self._kept = dict(kept)
        self._unchanged = unchanged
        self._waiting = {scene for scene in frames if scene not in kept}
        self._begun: list[str] = []
        self._left = TimeLeft({scene: frames[scene] for scene in self._waiting}, clock)

    def begin(self, scene: str) -> None:
        """A sampler of a scene begins; with a video model there are two, the picture's first."""
        if scene in self._waiting:
            self._waiting.remove(scene)
            self._begun.append(scene)
            self._left.begin(scene)

    def reach(self, scene: str, step: int, steps: int, *, picture: bool = False) -> str:
        """A sampler has made a step; returns what to tell of it.

        Args:
            scene: whose.
            step: how many are made.
            steps: of how many.
            picture: whether it draws the picture of which a video model makes a clip.
        """
        if not picture:
            self._left.reached(scene, step / steps)
        what = ", picture" if picture else ""
        where = f"scene {self._places[scene]} of {len(self._places)}{what}"
        return f"{where}, step {step} of {steps}{self._time_left()}"

    def pass_by(self, scene: str) -> None:
        """A scene is there; if it never began, the host had it in its memory."""
        if scene in self._waiting:
            self._waiting.remove(scene)
            self._left.leave_out(scene)

    def summary(self) -> str:
        """What to tell at the end."""
        memory = len(self._places) - len(self._begun) - len(self._kept)
        takes = "; ".join(f"{scene}: {take}" for scene, take in self._kept.items())
        parts = [
            f"{len(self._begun)} rendered ({', '.join(self._begun)})" if self._begun else "",
            f"{memory} unchanged" if memory else "",
            f"{len(self._kept)} from the run folder ({takes})" if self._kept else "",
        ]
        count = len(self._places)
        return f"{count} scene{'s' * (count > 1)}: {', '.join(filter(None, parts))}"

    def _time_left(self) -> str:
        seconds = self._left.seconds()
        if seconds is None:
            return ""
        bound = "up to about" if self._unchanged and self._waiting else "about"
        return f", {bound} {duration(seconds)} left"
