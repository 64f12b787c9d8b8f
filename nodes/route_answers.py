"""What all of the pack's routes have in common: whom they answer, what they read, how they refuse.

They answer the host's own pages and programs, and no page of somebody else's.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from ..planning.schema import PlanError

_LOG = logging.getLogger(__name__)
MOST_BYTES = 4 * 2**20  # of a body; Edit Plan shows no larger plans either
_SECONDS = 30.0  # for a body to arrive
_AT_ONCE = 2
_MOST_WAITING = 64
_PROBLEMS_TOLD = 100

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Refusal(Exception):
    """A request that is not answered as it wishes.

    Attributes:
        status: of HTTP, 4xx.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def answering(handler: Handler) -> Handler:
    """A handler that tells what is wrong as JSON, and answers no other site's page."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.Response:
        try:
            _check_origin(request)
            response = await handler(request)
        except Refusal as refusal:
            response = refused(refusal.status, str(refusal))
        except LookupError as error:
            response = refused(404, str(error.args[0]))
        except PlanError as error:
            text = f"the plan cannot be used: {error}"
            response = refused(400, text, problems=error.problems[:_PROBLEMS_TOLD])
        except Exception:  # the asker learns nothing of the inside
            _LOG.exception("%s %s", request.method, request.rel_url.path)
            response = refused(500, "the server failed; its log says why")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def refused(status: int, text: str, **more: Any) -> web.Response:
    """What is wrong with a request, as JSON."""
    return web.json_response({"error": text, **more}, status=status)


async def body_text(request: web.Request) -> str:
    """A request's body, MOST_BYTES at most, which is all that is ever read of it.

    Raises:
        Refusal: it is larger, compressed, too slow, or no text.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(415, "send the body as it is, not compressed")
    if (request.content_length or 0) > MOST_BYTES:
        raise Refusal(413, f"the body is larger than {MOST_BYTES} bytes")
    try:
        raw = await asyncio.wait_for(_read(request), _SECONDS)
    except asyncio.TimeoutError:
        raise Refusal(408, f"the body did not arrive within {_SECONDS:.0f} seconds") from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, f"byte {error.start} of the body is not UTF-8") from None


async def _read(request: web.Request) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Refusal(413, f"the body is larger than {MOST_BYTES} bytes")
    return bytes(raw)


class Workers:
    """Runs what takes long beside the event loop, a few at once; refuses when too many wait."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def run(self, work: Callable[..., Any], *values: Any) -> Any:
        """Call a function in a thread.

        Raises:
            Refusal: too many calls wait already.
        """
        if self._waiting >= _MOST_WAITING:
            raise Refusal(429, "too much is asked at once; ask again in a moment")
        self._waiting += 1
        try:
            async with self._free:
                return await asyncio.to_thread(work, *values)
        finally:
            self._waiting -= 1


def _check_origin(request: web.Request) -> None:
    """Refuse what another site's page asks.

    The host refuses cross-site requests, too, but not those of other ports of the same machine,
    none where it is not reached as localhost, and none with ``--enable-cors-header``.

    Raises:
        Refusal: it does.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin")
        own = origin is None or _address(origin) == request.headers.get("Host", "").lower()
    if not own:
        raise Refusal(403, "this is for pages of this server only")


def _address(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None
