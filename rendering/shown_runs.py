"""Remembers what was rendered lately, so that a browser can be shown its pictures.

A run is known by an id that nobody can guess. Whoever asks names a run, a scene, a take and a
frame; all of them are looked up among what is known, and none becomes part of a path before.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .clip_frames import ClipError
from .run_errors import RunFolderError
from .run_folder import RunFolder
from .run_manifest import TAKE_FILE, TakeRecord
from .scene_pictures import ScenePictures
from .strip_file import StripFile
from .take_clips import open_take

MOST_RUNS = 64
MOST_BYTES = 2**29  # of pictures on the disk
ONLY_TAKE = 1  # the number of a scene's take where no run folder counts them


class _Taken(NamedTuple):
    """Pictures of a take in a run folder."""

    record: TakeRecord
    pictures: ScenePictures


class ShownRun:
    """One rendering of a plan.

    Args:
        plan_hash: of the plan that was rendered.
        scenes: the number of frames by id of the rendered scenes, in order.
        root: the run folder; None where scenes are not kept.
        temp: where pictures are written to.
    """

    def __init__(
        self, plan_hash: str, scenes: Mapping[str, int], root: Path | None, temp: Path
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.plan_hash = plan_hash
        self.root = root
        self.taken: OrderedDict[tuple[str, int], _Taken] = OrderedDict()
        self.strip: StripFile | None = None  # its scenes in one picture
        self._scenes, self._temp = dict(scenes), temp
        self._used: dict[str, int] = {}
        self._shown: dict[str, ScenePictures] = {}
        self._making = threading.Lock()

    def show(self, scene: str, pictures: ScenePictures) -> bool:
        """Give pictures of a scene that no folder keeps; tells whether they are new."""
        if scene not in self._scenes or self._shown.get(scene) is pictures:
            return False
        self._shown[scene], self._used[scene] = pictures, ONLY_TAKE
        return True

    def use(self, scene: str, take: int) -> None:
        """Tell which take of the run folder is used for a scene."""
        self._used[scene] = take

    def described(self) -> dict[str, Any]:
        """Scenes, their takes, which of them is used and which one a person chose, as plain data.

        Raises:
            LookupError: the run folder is gone.
        """
        folder = self._folder()
        scenes = [
            {
                "id": scene,
                "frames": frames,
                "used": self._used.get(scene),
                "chosen": _chosen(folder, scene),
                "takes": [
                    {"take": number, "frames": count}
                    for number, count in self._takes(folder, scene).items()
                ],
            }
            for scene, frames in self._scenes.items()
        ]
        return {"run": self.id, "plan": self.plan_hash, "scenes": scenes}

    def ready(self, scene: str, take: int) -> ScenePictures | None:
        """The pictures of a take where they are there already."""
        if self.root is None:
            return self._shown.get(scene) if take == ONLY_TAKE else None
        taken = self.taken.get((scene, take))
        return taken and taken.pictures

    def pictures(self, scene: str, take: int) -> ScenePictures:
        """The pictures of a take; those of a take in a run folder are made now if need be.

        Raises:
            LookupError: there is no such scene or take, or its files are damaged or links.
        """
        with self._making:
            found = self.ready(scene, take)
            if found is None:
                found = self._made(scene, take)
        return found

    def pictures_held(self) -> Iterator[ScenePictures]:
        """All pictures that this run keeps from being removed."""
        yield from self._shown.copy().values()
        yield from (taken.pictures for taken in self.taken.copy().values())

    def take_over(self, earlier: "ShownRun") -> None:
        """Use pictures again that were made for another run of the same folder."""
        folder = self._folder()
        known = {} if folder is None else {scene: folder.takes(scene) for scene in self._scenes}
        for (scene, take), taken in earlier.taken.copy().items():
            if taken.record in known.get(scene, []):
                self.taken[scene, take] = taken

    def _folder(self) -> RunFolder | None:
        if self.root is None:
            return None
        try:
            return RunFolder.open(self.root)
        except (RunFolderError, OSError):
            raise LookupError("the run folder is gone; render the plan again") from None

    def _takes(self, folder: RunFolder | None, scene: str) -> dict[int, int]:
        """Number of frames by number of the take."""
        if folder is not None:
            return {take.number: take.frames for take in folder.takes(scene)}
        shown = self._shown.get(scene)
        return {} if shown is None else {ONLY_TAKE: shown.frames}

    def _made(self, scene: str, take: int) -> ScenePictures:
        folder = self._folder()
        if scene not in self._scenes:
            raise LookupError("there is no such scene in this run")
        if folder is None or take not in self._takes(folder, scene):
            raise LookupError("there is no such take of this scene")
        try:
            record = folder.whole_take(scene, take)
            place = folder.take_folder(scene, take)
            _refuse_others(place, record)
            clip = open_take(place, scene)
            pictures = ScenePictures(clip, clip.frames, self._temp)
        except (RunFolderError, ClipError, OSError):
            raise LookupError("this take cannot be shown; its files are damaged") from None
        self.taken[scene, take] = _Taken(record, pictures)
        return pictures


class ShownRuns:
    """The newest runs, as many as MOST_RUNS, with pictures of MOST_BYTES at most."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, ShownRun] = OrderedDict()
        self._newest: dict[str, str] = {}  # run's id by whose it is
        self._lock = threading.Lock()

    def begin(
        self, owner: str, plan_hash: str, scenes: Mapping[str, int], root: Path | None, temp: Path
    ) -> ShownRun:
        """Remember a run that begins.

        Args:
            owner: who renders; the run is its newest until it begins another one.
            plan_hash, scenes, root, temp: see `ShownRun`.
        """
        run = ShownRun(plan_hash, scenes, root, temp)
        with self._lock:
            before = next((r for r in reversed(self._runs.values()) if r.root == root), None)
            self._runs[run.id] = run
            self._newest[owner] = run.id
            self._newest = {name: id for name, id in self._newest.items() if id in self._runs}
        if root is not None and before is not None:
            run.take_over(before)
        self.shrink()
        return run

    def find(self, run_id: str) -> ShownRun:
        """The run of an id.

        Raises:
            LookupError: there is none, or it was too long ago.
        """
        with self._lock:
            run = self._runs.get(run_id)
        if run is None:
            raise LookupError("there is no such run; the server remembers the latest ones only")
        return run

    def newest_of(self, owner: str) -> ShownRun | None:
        """The run that somebody began last."""
        with self._lock:
            return self._runs.get(self._newest.get(owner, ""))

    def shrink(self) -> None:
        """Forget the oldest runs where there are too many, or too many pictures."""
        with self._lock:
            while len(self._runs) > MOST_RUNS or (len(self._runs) > 1 and self._too_large()):
                self._runs.popitem(last=False)
            for run in self._runs.values():
                while len(run.taken) > 1 and self._too_large():
                    run.taken.popitem(last=False)

    def _too_large(self) -> bool:
        held = {one for run in self._runs.values() for one in run.pictures_held()}
        return sum(one.bytes for one in held) > MOST_BYTES


def _chosen(folder: RunFolder | None, scene: str) -> int | None:
    """The take of a scene that a person chose."""
    record = folder and folder.manifest.scenes.get(scene)
    return record.chosen if record else None


def _refuse_others(folder: Path, record: TakeRecord) -> None:
    """Refuse files that no record speaks of: nobody has checked them, and links may be among them.

    Raises:
        RunFolderError: there are some.
    """
    allowed = {*record.files, TAKE_FILE}
    allowed |= {parent.as_posix() for name in record.files for parent in Path(name).parents}
    for path in folder.rglob("*"):
        if path.is_symlink() or path.relative_to(folder).as_posix() not in allowed:
            raise RunFolderError("There are other files than those of the take in its folder.")
