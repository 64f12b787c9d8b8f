"""Asks a language model until its answer can be used, a bounded number of times.

As VideoStudio (arXiv:2401.01256, section 3.1) verifies the format after each round; but what was
wrong is told, and only what was wrong is asked again where it can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypedDict, TypeVar

from .schema import PlanError

T = TypeVar("T")
_SHOWN = 1500  # letters of a failed answer in the error


class Message(TypedDict):
    """One message of a dialogue; ``role`` is system, user or assistant."""

    role: str
    content: str


Heard = Callable[[str], None]


class LanguageModel(Protocol):
    """Whoever answers."""

    def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, heard: Heard
    ) -> str:
        """Return the whole answer.

        Args:
            messages: the dialogue so far, the last one to be answered.
            schema: JSON Schema of the answer, for models that can be held to it; None for text.
            heard: called with the text so far, several times a second also while nothing comes;
                what it raises ends the request at once and is passed on.
        """


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked, and how the answer is read.

    messages: the dialogue, the last message to be answered.
    schema: JSON Schema of the answer; None where it is text.
    read: makes the answer of the text that came back; raises PlanError.
    mend: a smaller question about the broken part of an answer alone, whose ``read`` gives the
        whole answer; gives None where the parts cannot be told apart.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None
    read: Callable[[str], T]
    mend: Callable[[str, PlanError], Question[T] | None] | None = None


class Ask(Protocol):
    """Puts a question and returns what was made of the answer."""

    def __call__(self, question: Question[T]) -> T:
        """Raises AnswerError where no answer could be used."""


class AnswerError(PlanError):
    """No answer could be used.

    Attributes:
        reply: the last one.
        attempts: how many there were.
    """

    def __init__(self, error: PlanError, reply: str, attempts: int) -> None:
        self.reply, self.attempts = reply, attempts
        super().__init__(error.problems)

    def _text(self) -> str:
        shown = self.reply if len(self.reply) <= _SHOWN else f"{self.reply[:_SHOWN]} …"
        times = "once" if self.attempts == 1 else f"{self.attempts} times"
        return (
            f"the language model was asked {times} and no answer can be used: {super()._text()}\n"
            f"Its last answer was:\n{shown or '(nothing)'}"
        )


def again(question: Question[T], reply: str, error: PlanError) -> Question[T]:
    """The same question with the failed answer and what was wrong with it."""
    listed = "\n".join(f"- {problem}" for problem in error.problems)
    told = Message(
        role="user",
        content="That answer cannot be used:\n"
        f"{listed}\nAnswer again in full and in the same form, with this put right. Write nothing "
        "else.",
    )
    messages = (*question.messages, Message(role="assistant", content=reply), told)
    return Question(messages, question.schema, question.read, question.mend)


class Memory(Protocol):
    """Keeps answers, such as ``kept_answers.KeptAnswers``."""

    def recall(self, messages: Sequence[Message], schema: Mapping[str, Any] | None) -> list[str]:
        """What was answered to a question, failed answers first."""

    def keep(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        answers: Sequence[str],
    ) -> None:
        """Keep the answers that led to a usable one."""


class Asker:
    """Puts questions to one language model.

    Args:
        model: who answers.
        heard: see ``LanguageModel.complete``.
        memory: keeps answers; None asks every time.
        tries: answers to one question, failed ones included.
    """

    def __init__(
        self, model: LanguageModel, heard: Heard, memory: Memory | None = None, tries: int = 3
    ) -> None:
        if tries < 1:
            raise ValueError(f"tries is {tries}; at least one is needed")
        self.model, self.heard, self.memory, self.tries = model, heard, memory, tries

    def __call__(self, question: Question[T]) -> T:
        """Ask, and ask again where the answer cannot be read.

        Raises:
            AnswerError: after the last try.
        """
        first = question
        kept = self.memory.recall(question.messages, question.schema) if self.memory else []
        recalled, answers = iter(kept), []
        asked = question
        last = len(kept) + self.tries  # kept answers that an older reader could use count for none
        for attempt in range(1, last + 1):
            reply = next(recalled, None)
            if reply is None:
                reply = self.model.complete(asked.messages, asked.schema, self.heard)
            answers.append(reply)
            try:
                answer = asked.read(reply)
            except PlanError as error:
                if attempt == last:
                    raise AnswerError(error, reply, attempt) from error
                part = question.mend(reply, error) if question.mend else None
                question = part or question
                asked = part or again(question, reply, error)
                continue
            if self.memory and answers != kept:
                self.memory.keep(first.messages, first.schema, answers)
            return answer
        raise AssertionError("the last try returns or raises")
