"""How far a scene is, out of what its host tells."""

from ...host.job import Event
from ..progress import SAMPLER
from .events import Listener, RunEvent, TimeLeft


class SceneSteps:
    """Turns a host's events into the progress of one scene; each sampling step is told once.

    Args:
        scene: its id.
        time_left: is told how far the scene is.
        listener: is told the progress.
    """

    def __init__(self, scene: str, time_left: TimeLeft, listener: Listener):
        self._scene = scene
        self._time_left = time_left
        self._listener = listener
        self._told: tuple[float, float] | None = None
        self._node = ""

    def place(self) -> str:
        """Where in the scene the host is, for messages; the host itself names Render Plan."""
        scene, _, step = self._node.rpartition(".")
        return f" (in the step {step!r} of the scene)" if scene.endswith(f".{self._scene}") else ""

    def __call__(self, event: Event) -> None:
        """Take one event of the host."""
        if event.type == "executing":
            self._node = event.data.get("node") or self._node
        if event.type != "progress_state":
            return
        for node_id, state in event.data["nodes"].items():
            found = SAMPLER.search(node_id)
            if found and found.groups() == (self._scene, "sample"):
                self._reached(state["value"], state["max"])

    def _reached(self, step: float, steps: float) -> None:
        if (step, steps) == self._told or not steps:
            return
        self._told = (step, steps)
        self._time_left.reached(self._scene, step / steps)
        left = self._time_left.seconds()
        data = {"scene": self._scene, "step": int(step), "steps": int(steps)}
        data["seconds_left"] = None if left is None else round(left, 1)
        self._listener(RunEvent("progress", data))
