"""A folder in which a rendering can stop at any instant, and go on.

It holds ``manifest.json``, ``plan.json`` and, for each scene, takes numbered from 1 in
``scenes/<scene id>/<number>/``, each with its files and a ``take.json``. A take is written below
``.unfinished`` and renamed when it is complete, so that a take in its place is whole.
"""

import contextlib
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..planning import plan_io
from ..planning.schema import VideoPlan
from .run_disk import explaining_full_disk, replace_file, size_of, sync_tree
from .run_errors import RunFolderError
from .run_lock import run_lock
from .run_manifest import RunManifest, SceneRecord, TakeFacts, TakeRecord, dump
from .run_recovery import (
    MANIFEST,
    PLAN,
    UNFINISHED,
    is_run_folder,
    keep_damaged,
    recover,
    remove_leftovers,
)
from .take_files import is_whole, list_files, take_folder
from .take_writing import put_in_place


class RunFolder:
    """One run folder. Reading needs no lock, writing does. Threads may share an object.

    Make one with `open`.
    """

    def __init__(self, root: Path, manifest: RunManifest) -> None:
        self.root = root
        self._manifest = manifest
        self._locked = False
        self._writing = threading.RLock()

    @classmethod
    def open(cls, path: Path | str, create: bool = False) -> "RunFolder":
        """Open a run folder for reading; nothing in it is changed.

        Args:
            path: the folder.
            create: whether to make a folder that is missing, or to begin a run in one without.

        Raises:
            RunFolderError: it is no folder, or holds no run and ``create`` is false.
            RunFolderVersionError: a newer version of the pack wrote it.
        """
        root = Path(path).resolve()
        if root.exists() and not root.is_dir():
            raise RunFolderError(f"{root.name!r} is a file; give a folder for the run.")
        if create:
            _make(root)
        elif not is_run_folder(root):
            raise RunFolderError(
                f"There is no run in the folder {root.name!r}, for it has no {MANIFEST}. Give the "
                "folder of an earlier run."
            )
        return cls(root, recover(root).manifest)

    @property
    def manifest(self) -> RunManifest:
        """What the folder holds, as last read or written. Not to be changed from outside."""
        return self._manifest

    @contextlib.contextmanager
    def lock(self, timeout: float = 0.0) -> Iterator["RunFolder"]:
        """Be the folder's only writer; the folder is read anew and leftovers are removed.

        Args:
            timeout: seconds to wait for another writer; 0 refuses at once.

        Raises:
            RunFolderBusyError: another process, or another object in this one, writes.
            RunFolderVersionError: a newer version of the pack wrote the folder meanwhile.
            RunFolderFullError: the disk is full.
        """
        with run_lock(self.root, timeout):
            with self._full_disk_named():
                recovered = recover(self.root)  # first: what is too new stays untouched
                remove_leftovers(self.root)
                keep_damaged(self.root, recovered)
                self._manifest = recovered.manifest
                if recovered.changed:
                    self._write(recovered.manifest)
            self._locked = True
            try:
                yield self
            finally:
                with self._writing:
                    self._locked = False

    @contextlib.contextmanager
    def new_take(
        self, scene_id: str, hash: str, *, expected_bytes: int = 0, **facts: Any
    ) -> Iterator[Path]:
        """Write one more take of a scene: ``with run.new_take(...) as folder``.

        Whatever is in the folder when the block ends becomes the take. When the block raises, the
        folder is removed and the run is as it was before.

        Args:
            scene_id: the scene's id in the plan.
            hash: the scene's content hash.
            expected_bytes: about how much will be written, for the message when the disk is full.
            facts: frames, fps, width, height, seed, and where known seconds, versions, machine.

        Raises:
            RunFolderError: the folder is not locked, or the id is no scene's.
            RunFolderFullError: the disk is full.
            ValueError: the facts are wrong, or the block left no files, or odd ones.
        """
        checked = TakeFacts(hash=hash, **facts)
        take_folder(self.root, scene_id, 1)
        folder = self.root / UNFINISHED / f"{scene_id}-{secrets.token_hex(4)}"
        try:
            with explaining_full_disk(
                self.root,
                f"A take of scene {scene_id}",
                lambda: max(expected_bytes, size_of(folder)),
            ):
                with self._writer():
                    folder.mkdir()
                yield folder
                files = list_files(folder)
                sync_tree(folder)
                with self._writer():
                    scene = self._scene(scene_id)
                    take = put_in_place(self.root, scene_id, scene, folder, checked, files)
                    takes = [*scene.takes, take]
                    self._write_scene(scene_id, scene.model_copy(update={"takes": takes}))
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # not there any more when all went well

    def done(self, scene_id: str, hash: str) -> TakeRecord | None:
        """The take of a scene to use: the chosen one if it fits, else the newest that fits.

        A take fits when it has the scene's hash. One of another hash that a person chose fits, too,
        for as long as the scene is what it was when they did.

        Args:
            scene_id: the scene's id in the plan.
            hash: the scene's content hash.

        Returns:
            A take whose files are all there and check out by sha256; None where there is none.
        """
        scene = self._scene(scene_id)
        chosen = None if scene.chosen is None else scene.take(scene.chosen)
        if chosen is not None and hash in (chosen.hash, scene.chosen_for):
            if is_whole(self.root, scene_id, chosen):
                return chosen
        return self.newest(scene_id, hash)

    def newest(self, scene_id: str, hash: str) -> TakeRecord | None:
        """The newest take of a scene that has this hash and is whole, whatever is chosen."""
        fitting = [take for take in self._scene(scene_id).takes if take.hash == hash]
        fitting.sort(key=lambda take: take.number, reverse=True)
        return next((take for take in fitting if is_whole(self.root, scene_id, take)), None)

    def whole_take(self, scene_id: str, number: int) -> TakeRecord:
        """A take by its number, whatever its hash.

        Raises:
            RunFolderError: there is no such take, or its files are damaged.
        """
        take = self._known_take(scene_id, number)
        if not is_whole(self.root, scene_id, take):
            raise RunFolderError(
                f"Take {number} of scene {scene_id} is damaged; name another one, or put its files "
                f"in {take_folder(self.root, scene_id, number)} right."
            )
        return take

    def takes(self, scene_id: str) -> list[TakeRecord]:
        """All takes of a scene, oldest first; their files are not looked at."""
        return list(self._scene(scene_id).takes)

    def next_take(self, scene_id: str) -> int:
        """The number of one take more of a scene."""
        return self._scene(scene_id).next_number

    def take_folder(self, scene_id: str, number: int) -> Path:
        """Where the files of a take are.

        Raises:
            RunFolderError: the id is no scene's.
        """
        return take_folder(self.root, scene_id, number)

    def choose(self, scene_id: str, number: int | None, hash: str | None = None) -> None:
        """Choose a take of a scene for good; None goes back to the newest that fits.

        Args:
            scene_id: the scene's id in the plan.
            number: of the take.
            hash: the scene's content hash as it is now; a take of another hash is then used until
                the scene changes. None chooses it for its own hash alone.

        Raises:
            RunFolderError: there is no such take, or the folder is not locked.
        """
        with self._writer():
            if number is not None:
                self._known_take(scene_id, number)
            choice = {"chosen": number, "chosen_for": None if number is None else hash}
            self._write_scene(scene_id, self._scene(scene_id).model_copy(update=choice))

    def set_plan(
        self,
        plan: VideoPlan,
        settings: Mapping[str, Any] | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        """Set the plan to render; scenes that are no longer in it keep their takes.

        Args:
            plan: the plan, also written to plan.json.
            settings: everything set outside the plan, as plain data; None leaves what is there.
            versions: of pack and host; None leaves what is there.

        Raises:
            RunFolderError: the folder is not locked.
            RunFolderFullError: the disk is full.
            ValueError: the settings are no plain data.
        """
        with self._writer(), self._full_disk_named():
            old = self._manifest
            new = RunManifest(
                version=old.version,
                plan=plan,
                settings=old.settings if settings is None else dict(settings),
                versions=old.versions if versions is None else dict(versions),
                scenes=old.scenes,
            )
            self._write(new)
            replace_file(self.root / PLAN, plan_io.dumps(plan).encode(), self.root / UNFINISHED)

    def _scene(self, scene_id: str) -> SceneRecord:
        return self._manifest.scenes.get(scene_id, SceneRecord())

    def _known_take(self, scene_id: str, number: int) -> TakeRecord:
        scene = self._scene(scene_id)
        take = scene.take(number)
        if take is None:
            known = ", ".join(str(one.number) for one in scene.takes) or "none yet"
            raise RunFolderError(
                f"Scene {scene_id[:80]!r} has no take {number}; its takes: {known}."
            )
        return take

    def _write_scene(self, scene_id: str, scene: SceneRecord) -> None:
        scenes = {**self._manifest.scenes, scene_id: scene}
        with self._full_disk_named():
            self._write(self._manifest.model_copy(update={"scenes": scenes}))

    def _write(self, manifest: RunManifest) -> None:
        replace_file(self.root / MANIFEST, dump(manifest), self.root / UNFINISHED)
        self._manifest = manifest

    def _full_disk_named(self) -> contextlib.AbstractContextManager[None]:
        return explaining_full_disk(
            self.root, "The run's manifest", lambda: len(dump(self._manifest))
        )

    @contextlib.contextmanager
    def _writer(self) -> Iterator[None]:
        with self._writing:
            if not self._locked:
                raise RunFolderError(
                    f"The run folder {self.root.name!r} is written without its lock; write inside "
                    "`with run.lock():`."
                )
            yield


def _make(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"The run folder {root.name!r} can't be made ({error.strerror}); use another folder."
        ) from error
