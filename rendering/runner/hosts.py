"""One host that renders scenes: connected, asked, fetched from, and waited for when it is away."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from ...host.client import Client
from ...host.errors import ClientError
from ...host.job import Event, OutputFile
from .scene_job import SAVER_ID, Prompt

COME_BACK_SECONDS = 120.0  # a host that restarts is waited for so long
FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0  # between two looks whether it is there again

Connect = Callable[[str], Client]


@dataclass(frozen=True)
class FinishedScene:
    """A rendered scene.

    Attributes:
        files: the content of each, in the clip's order.
        told: what the saving node says of the clip (frames, fps, format).
        seconds: how long the host worked on it.
    """

    files: tuple[bytes, ...]
    told: dict[str, Any]
    seconds: float


class SceneHost:
    """One host. Its errors are all ClientErrors.

    Args:
        url: its address.
        connect: makes the client of an address.
        machine: which machine it runs on, where that is known.
        pictures: content of files for its input folder, by name below it; they are put there
            whenever it is connected, for a host that was started anew may have lost them.
    """

    def __init__(
        self,
        url: str,
        connect: Connect = Client,
        *,
        machine: str = "",
        pictures: Mapping[str, bytes] | None = None,
    ):
        self.url = url.rstrip("/")
        self.machine = machine
        self._connect = connect
        self.pictures = pictures or {}
        self.versions: dict[str, str] = {}  # of the host, once it has been asked
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The connected client."""
        if self._client is None:
            raise ClientError(f"The host at {self.url} is not connected.")
        return self._client

    async def open(self) -> None:
        """Connect; raises ClientError when nobody answers, or refuses the pictures."""
        client = self._connect(self.url)
        self._client = await client.__aenter__()
        for name, content in self.pictures.items():
            folder, _, file = name.rpartition("/")
            await self._client.upload(file, content, subfolder=folder)

    async def close(self) -> None:
        """Give the connection up; safe to call twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(None, None, None)

    async def render(
        self, prompt: Prompt, extra_data: dict[str, Any], on_event: Callable[[Event], None]
    ) -> FinishedScene:
        """Run one scene's job and fetch its files.

        Raises:
            PromptRejectedError: the host can't run such a job at all.
            JobError: a node failed.
            ClientError: it was interrupted there, made no file, or the host went away.
        """
        try:
            result = await self.client.run(prompt, extra_data=extra_data, on_event=on_event)
            clips = result.outputs.get(SAVER_ID, {}).get("scenes", [])
            if not clips:
                raise ClientError(
                    f"The host at {self.url} ended the scene's job well, but wrote no clip. Look "
                    "into its log; its VideoDirector and this one may not fit together."
                )
            files = [await self.client.fetch(_file(entry)) for entry in clips]
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise ClientError(f"The host at {self.url} stopped answering ({error!r}).") from error
        return FinishedScene(tuple(files), dict(clips[0]), result.seconds)

    async def answers(self) -> bool:
        """Whether the host is there right now; connects anew, as the old socket may be dead."""
        try:
            await self.close()
            await self.open()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ClientError):
            return False
        return True

    async def comes_back(self, patience: float) -> bool:
        """Wait for the host, asking less and less often.

        Args:
            patience: seconds after which it is given up.
        """
        deadline = time.monotonic() + patience
        delay = FIRST_DELAY
        while not await self.answers():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            await asyncio.sleep(min(delay, left))
            delay = min(delay * 1.6, LONGEST_DELAY)
        return True


def _file(entry: dict[str, Any]) -> OutputFile:
    return OutputFile(entry["filename"], entry.get("subfolder", ""), entry.get("type", "output"))
