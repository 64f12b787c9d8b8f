"""Collects a model's answer from the parts in which it comes, and judges it."""

from __future__ import annotations

from typing import Any

from .failures import Failure
from .scrubbing import Scrubber

MAX_LETTERS = 2_000_000


class Answer:
    """An answer on its way; another thread may look at ``text`` meanwhile."""

    def __init__(self) -> None:
        self._content: list[str] = []
        self._arguments: dict[Any, list[str]] = {}
        self._refusal: list[str] = []
        self._finish: str | None = None
        self._letters = 0

    @property
    def text(self) -> str:
        """What the model has written so far."""
        return "".join(list(self._content))

    @property
    def letters(self) -> int:
        """How many letters have come, those of tool calls and refusals included."""
        return self._letters

    def add(self, part: Any) -> bool:
        """Add a chunk of a stream or a whole completion, as objects of the SDK or as JSON.

        Returns:
            Whether more may be added; False once the answer is too long to be a plan.
        """
        choices = _field(part, "choices")
        if not isinstance(choices, list) or not choices:
            return True
        choice = choices[0]
        said = _field(choice, "delta") or _field(choice, "message")
        self._keep(self._content, _field(said, "content"))
        self._keep(self._refusal, _field(said, "refusal"))
        for place, call in enumerate(_field(said, "tool_calls") or []):
            number = _field(call, "index")
            pieces = self._arguments.setdefault(place if number is None else number, [])
            self._keep(pieces, _field(_field(call, "function"), "arguments"))
        finish = _field(choice, "finish_reason")
        self._finish = finish if isinstance(finish, str) and finish else self._finish
        return self._letters <= MAX_LETTERS

    def conclude(self, scrubber: Scrubber) -> str | Failure:
        """The text of the answer, or why it is none."""
        if self._letters > MAX_LETTERS:
            return Failure(
                f"the answer is longer than {MAX_LETTERS} letters, which is no plan; set the "
                "profile's options.max_tokens or use another model"
            )
        if self._refusal or self._finish in ("length", "content_filter", None):
            return self._stopped(scrubber)
        if self.text.strip():
            return scrubber.answer(self.text)
        called = ["".join(pieces) for _, pieces in sorted(self._arguments.items(), key=str)]
        arguments = next(filter(str.strip, called), "")
        if arguments:  # some models answer a JSON Schema by calling a tool of that form
            return scrubber.answer(arguments)
        if self._arguments:
            return Failure("the model called a tool and said nothing; use another model")
        return Failure("the answer is empty; use another model", again=True)

    def _stopped(self, scrubber: Scrubber) -> Failure:
        if self._refusal:
            told = scrubber.message("".join(self._refusal))
            return Failure(f"the model refuses to answer ({told}); change the prompt")
        if self._finish == "length":
            return Failure(
                f"the answer was cut off after {self._letters} letters; raise the profile's "
                "options.max_tokens or the server's context, or ask for fewer scenes"
            )
        if self._finish == "content_filter":
            return Failure("the server's content filter stopped the answer; change the prompt")
        if not self._letters:
            return Failure("the connection ended without an answer; see the server's log", True)
        return Failure(
            f"the connection ended after {self._letters} letters, before the answer did; see the "
            "server's log",
            True,
        )

    def _keep(self, pieces: list[str], piece: object) -> None:
        if isinstance(piece, str) and piece:
            pieces.append(piece)
            self._letters += len(piece)


def _field(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, dict) else getattr(of, name, None)
