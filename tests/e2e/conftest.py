"""One real host for all end-to-end tests, and clients of it."""

import json
import os
import urllib.request
from pathlib import Path

import pytest
import pytest_asyncio
from video_director.host.client import Client
from video_director.host.server import OPENER, Server

ROOT = Path(__file__).resolve().parents[2]
HOST = Path(os.environ.get("COMFYUI_PATH") or ROOT / ".host" / "ComfyUI")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A running host with this pack, shared by the session; ``server.url`` is its address."""
    if not (HOST / "main.py").is_file():
        pytest.fail(f"{HOST} is no ComfyUI; run the tests with `python director.py test`")
    with Server(HOST, tmp_path_factory.mktemp("base")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server):
    """One Chromium for a file of tests; the server outlives it."""
    from .browser import NO_CHROMIUM, find_chromium, open_browser  # most tests need no browser

    if find_chromium() is None:
        pytest.skip(NO_CHROMIUM)
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def open_frontend(browser, server):
    """Open pages of the frontend; all are closed after the test."""
    from .frontend import Frontend

    pages = []

    def opened(**options):
        pages.append(Frontend(browser, server.url, **options))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


@pytest_asyncio.fixture
async def client(server):
    """A connected API client of its own for each test."""
    async with Client(server.url) as connected:
        yield connected


@pytest.fixture(scope="session")
def object_info(server):
    """The server's description of every node it has, by class name."""
    with OPENER.open(urllib.request.Request(f"{server.url}/object_info"), timeout=60) as reply:
        return json.load(reply)
