"""A small asynchronous client of the host's API: queue, events, history, files, interrupt."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp

from .errors import ClientError
from .job import FINAL_EVENTS, Event, JobResult, OutputFile, final_event, job_failure, rejection

IDLE_SECONDS = 3.0  # quiet for so long, history is asked whether the end was missed
LOST_SECONDS = 20.0  # unreachable for so long, the host counts as gone


class Client:
    """One connection to one host. Use it as an asynchronous context manager.

    Args:
        url: address of the host, such as the ``url`` of a Server.
    """

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        self.client_id = uuid.uuid4().hex
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> "Client":
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300))
        try:
            self._socket = await self._connect()
        except (aiohttp.ClientError, OSError) as error:
            await self._session.close()
            raise ClientError(
                f"No ComfyUI answers at {self.url} ({error}). Start one with `python director.py "
                "serve`, or give the address of a running one."
            ) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

    async def run(
        self,
        workflow: dict[str, Any],
        *,
        extra_data: dict[str, Any] | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> JobResult:
        """Queue a workflow (API format), follow it to its end and return what it made.

        Raises:
            PromptRejectedError: the workflow, or a part of it, is invalid.
            JobError: a node failed; the message names it.
            JobInterruptedError: it was interrupted.
            ClientError: the host went away.
        """
        prompt_id = await self.queue(workflow, extra_data=extra_data)
        executed = set()
        try:
            async for event in self.events(prompt_id):
                if event.type == "executing" and event.data.get("node"):
                    executed.add(event.data["node"])
                if on_event is not None:
                    on_event(event)
        except asyncio.CancelledError:  # Ctrl-C here must not leave the host working
            await self.interrupt(prompt_id)
            raise
        return await self.result(prompt_id, executed)

    async def queue(
        self, workflow: dict[str, Any], *, extra_data: dict[str, Any] | None = None
    ) -> str:
        """Queue a workflow and return its prompt id.

        The host queues the valid outputs of a workflow and merely mentions the others. Half a job
        is not what was asked for, so that is taken back and raised as well.
        """
        body = {"prompt": workflow, "client_id": self.client_id, "extra_data": extra_data or {}}
        # No second try: the first may have arrived, and the workflow would run twice.
        status, answer = await self._json("POST", "/prompt", body, patience=0)
        node_errors = answer.get("node_errors") or {}
        if "prompt_id" in answer and not node_errors:
            return answer["prompt_id"]
        if "prompt_id" in answer:
            await self.interrupt(answer["prompt_id"])
        raise rejection(workflow, answer.get("error"), node_errors, status)

    async def events(self, prompt_id: str) -> AsyncIterator[Event]:
        """Events of one prompt up to and including its final one.

        When the socket drops it is opened again; what was missed is not replayed by the host, so
        the end is then read from history. Every wait is bounded.
        """
        while True:
            event = await self._next_event()
            if event is not None and event.data.get("prompt_id") == prompt_id:
                yield event
                if event.type in FINAL_EVENTS:
                    return
            elif event is None:
                entry = await self._entry_or_queued(prompt_id)
                if entry is not None:
                    yield final_event(entry)
                    return

    async def result(self, prompt_id: str, executed: set[str] | None = None) -> JobResult:
        """What a finished prompt made; raises as ``run`` does if it failed."""
        while (entry := await self._entry_or_queued(prompt_id)) is None:
            await asyncio.sleep(0.05)  # the final event comes just before the history entry
        final = final_event(entry)
        if final.type != "execution_success":
            raise job_failure(final.type, final.data)
        messages = {kind: data for kind, data in entry["status"]["messages"]}
        started = messages["execution_start"]["timestamp"]
        return JobResult(
            prompt_id,
            entry["outputs"],
            cached=set(messages.get("execution_cached", {}).get("nodes", [])),
            executed=executed or set(),
            seconds=(final.data["timestamp"] - started) / 1000,
        )

    async def history(self, prompt_id: str) -> dict[str, Any] | None:
        """The host's history entry of a prompt; None while it is not finished."""
        _, answer = await self._json("GET", f"/history/{prompt_id}")
        return answer.get(prompt_id)

    async def object_info(self, node_id: str) -> dict[str, Any]:
        """The host's description of one node class; empty when it has no such node."""
        _, answer = await self._json("GET", f"/object_info/{node_id}")
        return answer.get(node_id, {})

    async def system_stats(self) -> dict[str, Any]:
        """The host's versions and devices."""
        _, answer = await self._json("GET", "/system_stats")
        return answer["system"]

    async def fetch(self, file: OutputFile) -> bytes:
        """The bytes of a file that the host wrote."""
        query = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        async with self._session.get(self.url + "/view", params=query) as reply:
            if reply.status != 200:
                raise ClientError(
                    f"The host has no file {file.filename!r} in its {file.type} folder any more "
                    f"(HTTP {reply.status}). Run the workflow again."
                )
            return await reply.read()

    async def upload(self, name: str, content: bytes, *, subfolder: str = "") -> OutputFile:
        """Put a file into the host's input folder, replacing one of the same name."""
        form = aiohttp.FormData({"type": "input", "subfolder": subfolder, "overwrite": "true"})
        form.add_field("image", content, filename=name)
        async with self._session.post(self.url + "/upload/image", data=form) as reply:
            if reply.status != 200:
                raise ClientError(
                    f"The host refused the upload of {name!r} (HTTP {reply.status}). Check the "
                    "file's name and its size (the host's --max-upload-size)."
                )
            answer = await reply.json()
        return OutputFile(answer["name"], answer["subfolder"], answer["type"])

    async def interrupt(self, prompt_id: str) -> None:
        """Stop a prompt, whether it is running or still waiting in the queue."""
        await self._json("POST", "/queue", {"delete": [prompt_id]})
        await self._json("POST", "/interrupt", {"prompt_id": prompt_id})

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(
            f"{self.url}/ws", params={"clientId": self.client_id}, max_msg_size=0, heartbeat=30
        )

    async def _next_event(self) -> Event | None:
        """The next JSON message, or None after a quiet while or a dropped socket."""
        if self._socket is None or self._socket.closed:
            try:
                self._socket = await self._connect()
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.5)
                return None
        try:
            message = await self._socket.receive(timeout=IDLE_SECONDS)
        except asyncio.TimeoutError:
            return None
        if message.type is aiohttp.WSMsgType.TEXT:
            content = message.json()
            return Event(content["type"], content.get("data") or {})
        if message.type is aiohttp.WSMsgType.BINARY:
            return Event("preview", {})
        await self._socket.close()
        return None

    async def _entry_or_queued(self, prompt_id: str) -> dict[str, Any] | None:
        """The history entry; None while the prompt waits or runs; raises if the host lost it."""
        entry = await self.history(prompt_id)
        if entry is not None:
            return entry
        _, queue = await self._json("GET", "/queue")
        waiting = [item[1] for item in queue["queue_running"] + queue["queue_pending"]]
        if prompt_id in waiting:
            return None
        entry = await self.history(prompt_id)  # it may have ended between the two questions
        if entry is None:
            raise ClientError(
                f"The host at {self.url} knows nothing of the workflow queued there; it was taken "
                "out of the queue, or the host restarted. Run the command again."
            )
        return entry

    async def _json(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        patience: float = LOST_SECONDS,
    ) -> tuple[int, dict[str, Any]]:
        """One API call; repeated for ``patience`` seconds while the host can't be reached."""
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            try:
                async with self._session.request(method, self.url + path, json=body) as reply:
                    text = await reply.text()
                    return reply.status, (await reply.json(content_type=None)) if text else {}
            except (aiohttp.ClientConnectionError, OSError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise ClientError(
                        f"The host at {self.url} does not answer any more ({error}). Look "
                        "into its log, then run the command again."
                    ) from error
                await asyncio.sleep(0.5)
