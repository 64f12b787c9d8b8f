"""Tells scripts which content the files have that a workflow names, so that a scene rendered with
other weights is not taken for the same."""

import asyncio
import json

from aiohttp import web
from server import PromptServer

from ..rendering.digests import file_digest
from ..rendering.manifest import miniature_digests, pack_version
from ..rendering.runner.host_files import MOST_NAMES, ROUTE
from .named_files import named_file
from .own_folder import digest_memory
from .route_answers import Refusal, answering, body_text


def add_digest_route() -> None:
    """Make the running server answer; without one there is nothing to do."""
    server = getattr(PromptServer, "instance", None)  # absent outside a running server
    if server is not None:
        server.routes.post(ROUTE)(answer)


@answering
async def answer(request: web.Request) -> web.Response:
    """sha256 of named models and inputs, and of the pack's own weights.

    Body: ``{"names": ["sd_xl_base_1.0.safetensors", …]}``; names of no file are left out.
    """
    try:
        names = json.loads(await body_text(request))["names"]
    except (ValueError, KeyError, TypeError):
        names = None
    if not isinstance(names, list) or len(names) > MOST_NAMES:
        raise Refusal(400, f'the body must be {{"names": [up to {MOST_NAMES}]}}')
    asked = [name for name in names if isinstance(name, str)]
    # Digests of large files take seconds when they are asked for first.
    files = await asyncio.to_thread(_digests, asked)
    return web.json_response(
        {"pack": pack_version(), "miniature": miniature_digests(), "files": files}
    )


def _digests(names: list[str]) -> dict[str, str]:
    memory = digest_memory()
    found = {name: named_file(name) for name in names}
    return {name: file_digest(path, memory) for name, path in found.items() if path}
