"""One run: a locked folder, the scenes that are missing there, and the video of all of them."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...host.errors import DirectorError
from ..clip_frames import ClipError
from ..plan_pictures import kept as keep_pictures
from ..run_disk import explaining_full_disk
from ..run_folder import RunFolder
from ..run_recovery import is_run_folder
from .dispatch import Dispatcher
from .events import Listener, RunEvent
from .host_files import read_digests
from .hosts import SceneHost
from .joined import write_storyboard, write_video
from .preflight import preflight
from .request import RunRequest, SceneState, scene_states
from .scene_job import JobMaker
from .scene_queue import SceneQueue
from .work import Renderer, Work

PICTURES = "pictures"  # in a run folder: those that the plan names
MODELS = "models"  # in a manifest's settings: digests, for when no host answers


@dataclass(frozen=True)
class RenderedPlan:
    """What a run left behind.

    Attributes:
        folder: the run folder.
        done: ids of the plan's scenes that are there, in its order.
        failed: why, by scene id, of those that were given up.
        video: the joined video; None while scenes are missing.
        takes: number of the take that is used, by scene id.
    """

    folder: Path
    done: tuple[str, ...]
    failed: dict[str, str]
    video: Path | None
    takes: dict[str, int] = field(default_factory=dict)


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
        request = self._request
        settings = {
            "render": self._maker.rendering,
            "format": request.clip_format,
            MODELS: dict(request.models),
        }
        self._folder.set_plan(request.plan, settings)
        for state in self._states:
            if state.scene.id in self._request.choose:
                number = self._request.choose[state.scene.id]
                self._folder.choose(state.scene.id, number, state.hash)
        room = sum(map(len, request.pictures.values()))
        with explaining_full_disk(self._folder.root, "The plan's storyboard", lambda: room):
            keep_pictures(self._folder.root / PICTURES, request.pictures)
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
        pictures = self._request.pictures
        hosts = [SceneHost(url, machine=machine, pictures=pictures) for url in unique(servers)]
        work = self._work()
        try:
            await preflight(hosts, list(work.scenes), self._maker, self._folder.root)
            queue = SceneQueue(list(work.scenes), [host.url for host in hosts])
            await Dispatcher(
                queue,
                hosts,
                prompt_of=work.prompt,
                extra_data=self._maker.workflow.extra_data(),
                keep=work.keeper(hosts).keep,
                listener=self._listener,
                time_left=work.time_left(),
                patience=self._request.patience,
            ).run()
            self._failed = queue.failed
        finally:
            for host in hosts:
                await host.close()

    async def render_with(self, renderer: Renderer) -> None:
        """Let something else than servers render the missing scenes, such as a cluster."""
        self._failed = await renderer(self._work())

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
        return RenderedPlan(self._folder.root, tuple(takes), self._failed, video, takes)

    def _work(self) -> Work:
        missing = {state.scene.id: state for state in self.missing}
        return Work(self._request, self._maker, self._folder, missing, self._listener)

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
        DirectorError: a scene is asked for that the plan does not have, or a take is chosen that
            the folder does not have.
    """
    request.require_scenes()
    maker = request.maker()
    folder = RunFolder.open(request.folder, create=True)
    with folder.lock():
        run = Run(request, maker, folder, listener)
        run.begin()
        yield run


def remembered_models(folder: Path) -> dict[str, str]:
    """Digests of weights that an earlier run into this folder knew."""
    if not is_run_folder(folder):
        return {}
    return read_digests(RunFolder.open(folder).manifest.settings.get(MODELS))


def plan_event(request: RunRequest, states: Sequence[SceneState]) -> RunEvent:
    """Tells what would be rendered and what is there."""
    scenes = [
        {
            "scene": state.scene.id,
            "hash": state.hash,
            "frames": state.scene.frames,
            "done": state.take is not None,
            "render": state.wanted,
            "take": state.take,
            "take_fits": state.take_fits,
        }
        for state in states
    ]
    return RunEvent("plan", {"folder": str(request.folder), "scenes": scenes})


def unique(servers: Sequence[str]) -> list[str]:
    """Addresses without slashes at the end, each once: a host given twice works no faster."""
    return list(dict.fromkeys(url.rstrip("/") for url in servers))
