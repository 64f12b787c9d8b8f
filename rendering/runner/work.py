"""What a run has to render, for whoever renders it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from ..run_folder import RunFolder
from .events import Listener, TimeLeft
from .hashes import rendered_size
from .request import RunRequest, SceneState
from .scene_job import JobMaker, Prompt
from .takes import Origin, TakeKeeper


@dataclass(frozen=True)
class Work:
    """The missing scenes of a run.

    Attributes:
        request: what was asked for.
        maker: makes the scenes' jobs.
        folder: where their takes go; locked.
        scenes: those to render, by id, in the plan's order.
        listener: is told every event.
    """

    request: RunRequest
    maker: JobMaker
    folder: RunFolder
    scenes: Mapping[str, SceneState]
    listener: Listener

    def prompt(self, scene: str) -> Prompt:
        """The job of a scene."""
        state = self.scenes[scene]
        return self.maker.prompt(scene, state.seed if state.is_retake else None)

    def time_left(self) -> TimeLeft:
        """A fresh estimate over all of them."""
        return TimeLeft({name: state.scene.frames for name, state in self.scenes.items()})

    def keeper(self, origins: Sequence[Origin]) -> TakeKeeper:
        """Puts takes away that come from these hosts or workers."""
        return TakeKeeper(self.folder, self.scenes, rendered_size(self.maker), origins)


Renderer = Callable[[Work], Awaitable[dict[str, str]]]  # returns why, of scenes that are given up
