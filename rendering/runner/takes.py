"""Puts the files of finished scenes into the run folder, and finds them there again."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ...host.errors import ClientError
from ..clip_files import SUFFIXES, picture_name
from ..clip_frames import ClipError
from ..run_folder import RunFolder
from ..take_clips import CLIP, open_take
from .hosts import FinishedScene
from .request import SceneState


class Origin(Protocol):
    """What renders scenes: a host, or a worker of a cluster."""

    url: str  # or another name that tells it from the others
    versions: dict[str, str]
    machine: str


class TakeKeeper:
    """Keeps the takes of one run.

    Args:
        folder: locked.
        states: by scene id.
        size: width and height of the frames.
        hosts: where they come from; each tells its versions and its machine.
    """

    def __init__(
        self,
        folder: RunFolder,
        states: Mapping[str, SceneState],
        size: tuple[int, int],
        hosts: Sequence[Origin],
    ):
        self._folder = folder
        self._states = states
        self._size = size
        self._hosts = {host.url: host for host in hosts}

    async def keep(self, scene: str, clip: FinishedScene, host: str) -> int:
        """Write a take; returns its number. Cancelling waits until it is written.

        Raises:
            ClientError: the clip is not what was asked for.
            RunFolderError: the disk is full.
        """
        writing = asyncio.ensure_future(asyncio.to_thread(self._write, scene, clip, host))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait({writing})  # a finished scene is not thrown away
            raise

    def _write(self, scene: str, clip: FinishedScene, host: str) -> int:
        state, origin = self._states[scene], self._hosts[host]
        width, height = self._size
        with self._folder.new_take(
            scene,
            state.hash,
            expected_bytes=sum(map(len, clip.files)),
            frames=state.scene.frames,
            fps=clip.told["fps"],
            width=width,
            height=height,
            seed=state.seed,
            seconds=clip.seconds,
            versions=origin.versions,
            machine=origin.machine,
        ) as folder:
            write_files(folder, clip)
            self._require_right(scene, folder, host)
        return self._folder.takes(scene)[-1].number

    def _require_right(self, scene: str, folder: Path, host: str) -> None:
        try:
            found = open_take(folder, scene)
        except ClipError as error:
            raise ClientError(f"The host at {host} sent a damaged clip: {error}") from error
        wanted = (self._states[scene].scene.frames, *self._size)
        arrived = (found.frames, found.width, found.height)
        if arrived != wanted:
            raise ClientError(
                f"The host at {host} sent {arrived[0]} frames of {arrived[1]}x{arrived[2]} for "
                f"scene {scene}, and {wanted[0]} of {wanted[1]}x{wanted[2]} were asked for. "
                "Its VideoDirector and this one may not fit together; update both."
            )


def write_files(folder: Path, clip: FinishedScene) -> None:
    """Write a clip's files under names of our own: a host's names are not to be trusted.

    Raises:
        ClientError: the clip has a format that is not known here.
    """
    kind = clip.told.get("format")
    if kind not in SUFFIXES:
        raise ClientError(f"The host sent a clip in the format {kind!r}, which is not known here.")
    if kind != "png":
        (folder / f"{CLIP}{SUFFIXES[kind]}").write_bytes(clip.files[0])
        return
    (folder / CLIP).mkdir()
    for place, content in enumerate(clip.files):
        (folder / CLIP / picture_name(place)).write_bytes(content)
