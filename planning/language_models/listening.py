"""Work in a thread while the caller's thread listens and may break it off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from threading import Event, Thread
from typing import Any, TypeVar

from .quiet_logs import THREAD_NAME

T = TypeVar("T")
_EVERY = 0.1  # seconds between two looks
_PARTING = 0.5  # seconds for the broken-off work to close what it opened


def run_listening(
    work: Callable[[], T], cancel: Callable[[], None], listen: Callable[[], None]
) -> T:
    """Run work in a thread of its own and return its result.

    Args:
        work: runs in the other thread; its exceptions are passed on.
        cancel: tells the work to stop; called in the caller's thread.
        listen: called in the caller's thread ten times a second; what it raises stops the work
            and is passed on at once, even where the work does not heed ``cancel``.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name=THREAD_NAME, daemon=True).start()
    try:
        while not future.done():
            listen()
            wait([future], timeout=_EVERY)
    except BaseException:
        cancel()
        wait([future], timeout=_PARTING)
        raise
    return future.result()


def run_async_listening(
    work: Callable[[], Coroutine[Any, Any, T]], listen: Callable[[], None]
) -> T:
    """Run a coroutine as ``run_listening`` runs a function; the caller may be in an event loop."""
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    broken_off = Event()

    async def main() -> T:
        task = asyncio.current_task()
        if task is not None:
            started.append((asyncio.get_running_loop(), task))
        if broken_off.is_set():
            raise asyncio.CancelledError
        return await work()

    def cancel() -> None:
        broken_off.set()
        for loop, task in started:
            with suppress(RuntimeError):  # the loop has just closed: nothing is left to stop
                loop.call_soon_threadsafe(task.cancel)

    return run_listening(lambda: asyncio.run(main()), cancel, listen)
