"""Which scene is rendered at which host: the waiting ones, the failed ones, the hosts left."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

TRIES = 3  # of one scene, the first included


@dataclass
class Attempts:
    """What one scene has gone through."""

    made: int = 0
    failed_at: set[str] = field(default_factory=set)
    reason: str = ""


class SceneQueue:
    """Scenes in their order; every host takes the next one that waits when it is free.

    A scene that failed goes to the end, and to another host where there is one. All methods
    belong to one event loop.

    Args:
        scenes: ids, in the order in which they are given out.
        hosts: names of the hosts that will take them.
        tries: how often a scene is tried before it is given up.
    """

    def __init__(self, scenes: Sequence[str], hosts: Sequence[str], tries: int = TRIES):
        self.done: list[str] = []
        self.failed: dict[str, str] = {}  # by scene: why
        self.attempts = {scene: Attempts() for scene in scenes}
        self._waiting = list(scenes)
        self._running: set[str] = set()
        self._ready = set(hosts)
        self._away: set[str] = set()
        self._tries = tries
        self._changed = asyncio.Event()

    @property
    def finished(self) -> bool:
        """Whether every scene is done or given up."""
        return not self._waiting and not self._running

    async def take(self, host: str) -> str | None:
        """The next scene for a host; waits while others may still give one back.

        Returns:
            The scene's id; None when there is nothing left to do.
        """
        while not self.finished:
            scene = next((one for one in self._waiting if self._suits(one, host)), None)
            if scene is not None:
                self._waiting.remove(scene)
                self._running.add(scene)
                self.attempts[scene].made += 1
                return scene
            await self._changed.wait()
        return None

    async def until_finished(self) -> None:
        """Wait until every scene is done or given up."""
        while not self.finished:
            await self._changed.wait()

    def finish(self, scene: str) -> None:
        """A scene is done."""
        self._running.remove(scene)
        self.done.append(scene)
        self._wake()

    def fail(self, scene: str, host: str, reason: str) -> bool:
        """A scene failed at a host.

        Returns:
            Whether it is tried again.
        """
        attempts = self.attempts[scene]
        attempts.failed_at.add(host)
        attempts.reason = reason
        self._running.remove(scene)
        again = attempts.made < self._tries
        if again:
            self._waiting.append(scene)
        else:
            self.failed[scene] = reason
        self._wake()
        return again

    def put_back(self, scene: str) -> None:
        """A scene was not tried after all: it is the next one to be given out."""
        self.attempts[scene].made -= 1
        self._running.remove(scene)
        self._waiting.insert(0, scene)
        self._wake()

    def host_away(self, host: str) -> None:
        """A host does not answer, but may come back."""
        self._ready.discard(host)
        self._away.add(host)
        self._wake()

    def host_back(self, host: str) -> None:
        """A host answers again."""
        self._away.discard(host)
        self._ready.add(host)
        self._wake()

    def host_left(self, host: str, reason: str) -> None:
        """A host is left out from now on; without any, the scenes that wait are given up."""
        self._ready.discard(host)
        self._away.discard(host)
        if not self._ready and not self._away:
            for scene in self._waiting:
                own = self.attempts[scene].reason
                self.failed[scene] = own or f"no host is left to render it ({reason})"
            self._waiting.clear()
        self._wake()

    def _suits(self, scene: str, host: str) -> bool:
        """Whether a host takes a scene: not where it failed, unless all that answer did."""
        failed_at = self.attempts[scene].failed_at
        return host not in failed_at or self._ready <= failed_at

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
