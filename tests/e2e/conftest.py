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
