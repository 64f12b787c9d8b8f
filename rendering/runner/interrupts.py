"""Ctrl-C and a polite kill, as a cancellation that lets the work clean up."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_interruptible(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, as asyncio.run does; a signal cancels it.

    A KeyboardInterrupt may be raised at any place, also where a host has just been given a job
    that nobody would stop then. A cancellation arrives only where the work waits.

    Raises:
        KeyboardInterrupt: a signal came, and the work has cleaned up.
    """
    if threading.current_thread() is not threading.main_thread():  # signals go elsewhere
        return asyncio.run(work)
    before = {sign: signal.getsignal(sign) for sign in SIGNALS}
    try:
        return asyncio.run(_cancelled_by_signals(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


async def _cancelled_by_signals(work: Coroutine[Any, Any, Result]) -> Result:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for sign in SIGNALS:
        # Windows has no such handlers; there asyncio.run takes care of Ctrl-C.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(sign, task.cancel)
    return await work
