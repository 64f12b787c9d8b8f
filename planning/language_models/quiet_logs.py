"""Keeps the HTTP libraries from logging addresses, headers and prompts of our requests."""

from __future__ import annotations

import logging

# The threads that talk to servers bear this name, so other users of the libraries log as ever.
THREAD_NAME = "VideoDirector language model"

_LIBRARIES = ("openai", "httpx", "httpx2", "httpcore", "httpcore2")


def _not_ours(record: logging.LogRecord) -> bool:
    return record.threadName != THREAD_NAME


def keep_requests_out_of_logs() -> None:
    """Silence the libraries' loggers in our threads; to be called after they are imported."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in _LIBRARIES:
            logging.getLogger(name).addFilter(_not_ours)
