"""Any Chromium of this machine, headless, for the browser tests and the workflow twins."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NO_CHROMIUM = "no Chromium found: apt-get install chromium, or name one in CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Path of a Chromium: CHROMIUM, one on PATH, or the one Playwright installed."""
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium, closed with all its processes on the way out.

    Raises:
        RuntimeError: there is no Chromium on this machine.
    """
    if (executable := find_chromium()) is None:
        raise RuntimeError(NO_CHROMIUM)
    flags = ["--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--no-proxy-server"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        try:
            yield browser
        finally:
            browser.close()
