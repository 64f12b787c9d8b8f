"""One run: a locked folder, the scenes that are missing there, and the video of all of them."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...host.errors import DirectorError
from ..clip_frames import ClipError
from ..run_folder import RunFolder
from .dispatch import Dispatcher
from .events import Listener, RunEvent, TimeLeft
from .hashes import rendered_size
from .hosts import SceneHost
from .joined import write_storyboard, write_video
from .preflight import preflight
from .request import RunRequest, SceneState, scene_states
from .scene_job import JobMaker
from .scene_queue import SceneQueue
from .takes import TakeKeeper


@dataclass(frozen=True)
class RenderedPlan:
    """What a run left behind.

    Attributes:
        folder: the run folder.
        done: ids of the plan's scenes that are there, in its order.
        failed: why, by scene id, of those that were given up.
        video: the joined video; None while scenes are missing.
    """

    folder: Path
    done: tuple[str, ...]
    failed: dict[str, str]
    video: Path | None


class Run:
    """A run whose folder is locked. Make one with `opened_run`."""

    def __init__(self, request: RunRequest, maker: JobMaker, folder: RunFolder, listener: Listener):
        self._request = request
        self._maker = maker
        self._folder = folder
        self._listener = listener
        self._states = scene_states(request, maker, folder)
        self._failed: dict[str, str] = {}

    @property
    def missing(self) -> list[SceneState]:
        """Scenes that are to be rendered."""
        return [state for state in self._states if state.wanted]

    def begin(self) -> None:
        """Write down what is to be rendered, and tell it."""
        settings = {"render": self._maker.rendering, "format": self._request.clip_format}
        self._folder.set_plan(self._request.plan, settings)
        write_storyboard(self._folder, self._maker)
        self._listener(plan_event(self._request, self._states))

    async def render(self, servers: Sequence[str], machine: str = "") -> None:
        """Render the missing scenes. Cancelled, it stops the hosts and keeps what is done.

        Args:
            servers: addresses of the hosts, at least one.
            machine: which machine they run on, where that is known.

        Raises:
            PreflightError: it would not work; nothing was queued.
            RunFolderError: the folder can't be written any more.
        """
        hosts = [SceneHost(url) for url in unique(servers)]
        missing = {state.scene.id: state for state in self.missing}
        try:
            await preflight(hosts, list(missing), self._maker, self._folder.root)
            size = rendered_size(self._maker)
            queue = SceneQueue(list(missing), [host.url for host in hosts])
            await Dispatcher(
                queue,
                hosts,
                prompt_of=lambda scene: self._prompt(missing[scene]),
                extra_data=self._maker.workflow.extra_data(),
                keep=TakeKeeper(self._folder, missing, size, hosts, machine).keep,
                listener=self._listener,
                time_left=TimeLeft({name: one.scene.frames for name, one in missing.items()}),
                patience=self._request.patience,
            ).run()
            self._failed = queue.failed
        finally:
            for host in hosts:
                await host.close()

    def finish(self) -> RenderedPlan:
        """Join all scenes, unless some are missing.

        Raises:
            DirectorError: the video can't be written.
        """
        takes = {
            state.scene.id: take.number
            for state in self._states
            if (take := self._folder.done(state.scene.id, state.hash))
        }
        video = None
        if len(takes) == len(self._states):
            video = self._join(takes)
            self._listener(RunEvent("joined", {"video": str(video)}))
        self._listener(RunEvent("done", {"done": list(takes), "failed": self._failed}))
        return RenderedPlan(self._folder.root, tuple(takes), self._failed, video)

    def _prompt(self, state: SceneState) -> dict:
        return self._maker.prompt(state.scene.id, state.seed if state.is_retake else None)

    def _join(self, takes: dict[str, int]) -> Path:
        try:
            return write_video(self._folder, self._maker, takes)
        except (ClipError, OSError) as error:
            raise DirectorError(
                f"All scenes are rendered, but they can't be joined: {error}. Put that right and "
                "run the command again; no scene will be rendered twice."
            ) from error


@contextlib.contextmanager
def opened_run(request: RunRequest, listener: Listener) -> Iterator[Run]:
    """The request's run folder, made where missing, and locked as long as the block lasts.

    Raises:
        RunFolderError: it is in use by another runner, or no folder for a run.
        DirectorError: a scene is asked for that the plan does not have.
    """
    request.require_scenes()
    maker = request.maker()
    folder = RunFolder.open(request.folder, create=True)
    with folder.lock():
        run = Run(request, maker, folder, listener)
        run.begin()
        yield run


def plan_event(request: RunRequest, states: Sequence[SceneState]) -> RunEvent:
    """Tells what would be rendered and what is there."""
    scenes = [
        {
            "scene": state.scene.id,
            "hash": state.hash,
            "frames": state.scene.frames,
            "done": state.take is not None,
            "render": state.wanted,
        }
        for state in states
    ]
    return RunEvent("plan", {"folder": str(request.folder), "scenes": scenes})


def unique(servers: Sequence[str]) -> list[str]:
    """Addresses without slashes at the end, each once: a host given twice works no faster."""
    return list(dict.fromkeys(url.rstrip("/") for url in servers))
