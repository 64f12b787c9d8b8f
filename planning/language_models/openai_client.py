"""Any server that talks as OpenAI's does: OpenAI, Ollama, llama.cpp, vLLM, LM Studio, OpenRouter.

Only chat completions are used, streamed, so an answer can be watched and broken off.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..asking import Heard, Message
from .answer_forms import FORMS, response_format
from .answers import MAX_LETTERS, Answer
from .errors import LanguageModelError
from .failures import Diagnosis, Failure
from .listening import run_async_listening
from .ollama import unload_ollama
from .profile import Profile
from .scrubbing import Scrubber
from .sdk import MISSING, open_client, request_of

_FIRST_WAIT = 0.5  # seconds; doubled at each further try
_LONGEST_WAIT = 60.0  # a server that wants more is not waited for


class _Sight:
    """What the caller's thread sees of the answer that is coming in."""

    def __init__(self) -> None:
        self.answer = Answer()


class OpenAIModel:
    """A model behind an address.

    Args:
        profile: of kind "openai".
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._scrubber = Scrubber(profile)
        self._diagnosis = Diagnosis(profile, self._scrubber)
        self._form = 0  # of FORMS: the strictest one that the server has not refused

    def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, heard: Heard
    ) -> str:
        """Return the whole answer; see ``asking.LanguageModel``.

        Raises:
            LanguageModelError: no answer came; the message says what to change.
        """
        sight = _Sight()
        result = run_async_listening(
            lambda: self._in_time(messages, schema, sight),
            lambda: heard(self._scrubber.answer(sight.answer.text)),
        )
        if isinstance(result, Failure):
            raise LanguageModelError(self._profile.name, result.problem)
        heard(result)
        return result

    def unload(self) -> None:
        """Ask an Ollama server to free the model's memory; elsewhere nothing happens."""
        unload_ollama(self._profile)

    async def _in_time(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, sight: _Sight
    ) -> str | Failure:
        limit = self._profile.options.timeout
        try:
            client = open_client(self._profile)
            async with client:
                asking = self._step_down(client, messages, schema, sight)
                return await asyncio.wait_for(asking, limit)
        except ImportError:
            return Failure(MISSING)
        except asyncio.TimeoutError:
            return Failure(
                f"the answer took longer than {limit:g} s; raise the profile's options.timeout, "
                "ask for fewer scenes or use a faster model"
            )
        except Exception as error:
            return self._diagnosis.of(error, 0)

    async def _step_down(
        self,
        client: Any,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        sight: _Sight,
    ) -> str | Failure:
        """Ask for the strictest form of answer first, and more loosely where it is refused."""
        request = request_of(self._profile, messages)
        last = len(FORMS) - 1
        for number in range(last if schema is None else self._form, last):
            wanted = response_format(FORMS[number], schema)
            outcome = await self._try(client, {**request, "response_format": wanted}, sight)
            if isinstance(outcome, str):
                self._form = number
            if isinstance(outcome, str) or not outcome.about_format:
                return outcome
        outcome = await self._try(client, request, sight)
        if schema is not None and isinstance(outcome, str):
            self._form = last
        return outcome

    async def _try(self, client: Any, request: Mapping[str, Any], sight: _Sight) -> str | Failure:
        attempt = 1
        while True:
            sight.answer = Answer()
            outcome = await self._once(client, request, sight.answer)
            if isinstance(outcome, str) or outcome.about_format or not outcome.again:
                return outcome
            wait = _FIRST_WAIT * 2 ** (attempt - 1) if outcome.wait is None else outcome.wait
            if wait > _LONGEST_WAIT:
                told = f"{outcome.problem}; it wants to be left alone for {wait:.0f} s"
                return replace(outcome, problem=told)
            if attempt == self._profile.options.tries:
                return replace(outcome, problem=f"{outcome.problem} (tries: {attempt})")
            await asyncio.sleep(wait)
            attempt += 1

    async def _once(self, client: Any, request: Mapping[str, Any], answer: Answer) -> str | Failure:
        try:
            stream = await client.chat.completions.create(**request)
            try:
                failure = await self._read(stream, answer)
            finally:
                await stream.close()
        except Exception as error:
            return self._diagnosis.of(error, answer.letters)
        return failure or answer.conclude(self._scrubber)

    async def _read(self, stream: Any, answer: Answer) -> Failure | None:
        kind = stream.response.headers.get("content-type", "").lower()
        if "html" in kind:
            return Failure(
                "the server sent a web page instead of an answer; correct the profile's "
                "base_url, which mostly ends in /v1"
            )
        if "application/json" in kind:  # a server that does not stream
            return await self._read_whole(stream, answer)
        async for part in stream:
            if not answer.add(part):
                break
        return None

    async def _read_whole(self, stream: Any, answer: Answer) -> Failure | None:
        raw = bytearray()
        async for piece in stream.response.aiter_bytes():
            raw += piece
            if len(raw) > 4 * MAX_LETTERS:
                return Failure("the server's answer is too long to be a plan; use another model")
        body = json.loads(raw)
        if isinstance(body, dict) and body.get("error"):
            return self._diagnosis.of_body(body)
        answer.add(body)
        return None
