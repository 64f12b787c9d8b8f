"""A server that talks as OpenAI's does and says what a test has written down for it.

It runs in a thread and listens on localhost, so that a host in another process can ask it, too:

    with ScriptedServer([says("{}"), fails(500, "oops"), hangs()]) as server:
        ...  # base_url = server.url
    assert server.requests[0].body["messages"]
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Request:
    """One request that came in; names of headers are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class ScriptedServer:
    """Answers chat completions one after the other from a script.

    Args:
        script: replies in order (the request after the last one is answered with status 418), or
            a function of the request's body that gives the reply.
        models: names that ``/v1/models`` lists; None answers 404 there.
        ollama: whether the root greets as Ollama does and ``/api/generate`` is known.
    """

    def __init__(
        self,
        script: Iterable[Reply] | Callable[[Any], Reply],
        *,
        models: Iterable[str] | None = ("scripted",),
        ollama: bool = False,
    ) -> None:
        self.requests: list[Request] = []
        self._script = script if callable(script) else iter(script)
        self._models, self._ollama = models, ollama
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._port = 0

    @property
    def root(self) -> str:
        """Address of the server itself."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What a profile calls ``base_url``."""
        return f"{self.root}/v1"

    @property
    def asked(self) -> list[Any]:
        """The bodies of the chat completions that were asked for."""
        return [r.body for r in self.requests if r.path == "/v1/chat/completions"]

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        self._runner = self._run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port = runner.addresses[0][1]
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw) if raw else None
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Request(request.method, request.path, headers, body))
        if request.path == "/v1/chat/completions":
            return await self._next(body)(request)
        if request.path == "/v1/models" and self._models is not None:
            return web.json_response({"object": "list", "data": [{"id": m} for m in self._models]})
        if self._ollama and request.path == "/":
            return web.Response(text="Ollama is running")
        if self._ollama and request.path == "/api/generate":
            return web.json_response({"done": True, "done_reason": "unload"})
        return web.json_response({"error": {"message": "no such page"}}, status=404)

    def _next(self, body: Any) -> Reply:
        if callable(self._script):
            return self._script(body)
        return next(self._script, fails(418, "the test's script has ended"))


def says(
    text: str,
    *,
    piece: int = 40,
    pause: float = 0.0,
    finish: str | None = "stop",
    drops: bool = False,
    hangs_after: bool = False,
) -> Reply:
    """Stream a text.

    Args:
        text: the whole answer.
        piece: letters in one chunk.
        pause: seconds between two chunks.
        finish: the last chunk's ``finish_reason``; None sends no last chunk at all.
        drops: break the connection after the text.
        hangs_after: say nothing more after the text, and keep the connection open.
    """
    pieces = [text[at : at + piece] for at in range(0, len(text), piece)]
    deltas: list[Mapping[str, Any]] = [{"content": part} for part in pieces]
    return _streams(deltas, pause=pause, finish=finish, drops=drops, hangs_after=hangs_after)


def calls_tool(arguments: str) -> Reply:
    """Answer by calling a tool, the arguments in two pieces."""
    half = len(arguments) // 2
    calls = [
        {"index": 0, "id": "call_1", "type": "function", "function": {"name": "answer"}},
        {"index": 0, "function": {"arguments": arguments[:half]}},
        {"index": 0, "function": {"arguments": arguments[half:]}},
    ]
    return _streams([{"tool_calls": [call]} for call in calls], finish="tool_calls")


def refuses(text: str) -> Reply:
    """Refuse as OpenAI's models do."""
    return _streams([{"refusal": text}])


def thinks(thought: str, text: str) -> Reply:
    """Think aloud where reasoning models do, then answer."""
    return _streams([{"reasoning_content": thought}, {"content": text}])


def says_whole(body: Any, status: int = 200) -> Reply:
    """Answer with JSON in one piece, as servers do that do not stream."""

    async def reply(request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return reply


def fails(status: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with an error."""

    async def reply(request: web.Request) -> web.StreamResponse:
        error = {"error": {"message": message, "type": "scripted", "code": None}}
        return web.json_response(error, status=status, headers=headers)

    return reply


def sends(text: str, content_type: str = "text/html", status: int = 200) -> Reply:
    """Answer with any body, such as a web page."""

    async def reply(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type, status=status)

    return reply


def redirects(to: str, status: int = 307) -> Reply:
    """Point to another address."""

    async def reply(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": to})

    return reply


def hangs() -> Reply:
    """Take the request and never say a word."""

    async def reply(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    return reply


def echoes_headers() -> Reply:
    """Repeat in an error everything that came in the headers, keys included."""

    async def reply(request: web.Request) -> web.StreamResponse:
        told = " ".join(f"{name}: {value}" for name, value in request.headers.items())
        return web.json_response({"error": {"message": told}}, status=400)

    return reply


def _streams(
    deltas: list[Mapping[str, Any]],
    *,
    pause: float = 0.0,
    finish: str | None = "stop",
    drops: bool = False,
    hangs_after: bool = False,
) -> Reply:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for delta in deltas:
            await response.write(_event(delta, None))
            await asyncio.sleep(pause)
        if hangs_after:
            await asyncio.sleep(3600)
        if drops:
            request.transport.close()
            return response
        if finish is not None:
            await response.write(_event({}, finish))
            await response.write(b"data: [DONE]\n\n")
        return response

    return reply


def _event(delta: Mapping[str, Any], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [choice],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()
