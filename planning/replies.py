"""Texts of language models that were asked by hand: what to ask, and how to read any reply.

For whoever has a text node of its own, or none in the graph at all: the question of a style as
text, and a reader that takes its answer as well as plans and the papers' formats.
"""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from .asking import Message, Question
from .readers import Settings, read_plan
from .readers.json_text import extract_json
from .request import PlanRequest
from .schema import PlanError, VideoPlan
from .styles import write_plan

T = TypeVar("T")
ONE_QUESTION = ("director", "frames")  # the styles that ask once
_OF_A_SCENE = {"camera_direction", "boxes", "reasoning"}


class _Asked(Exception):
    def __init__(self, question: Question[Any]) -> None:
        self.question = question


def question_of(request: PlanRequest, style: str) -> tuple[Message, ...]:
    """What a style asks: instructions, examples, and the request at the end.

    Raises:
        PlanError: the style needs more than one question, or cannot do what is asked.
        ValueError: an unknown style.
    """

    def ask(question: Question[T]) -> NoReturn:
        raise _Asked(question)

    try:
        write_plan(request, style, ask)
    except _Asked as asked:
        if style in ONE_QUESTION:
            return asked.question.messages
    raise PlanError(
        f"style: {style!r} asks several times, which takes a profile; use one of "
        f"{', '.join(ONE_QUESTION)}"
    )


def as_text(messages: tuple[Message, ...]) -> str:
    """A dialogue as one text, for nodes that take only a prompt."""
    said = {"system": "", "user": "Request:\n", "assistant": "Answer:\n"}
    parts = [f"{said[message['role']]}{message['content']}" for message in messages]
    return "\n\n".join([*parts, "Answer:\n"])


def read_reply(text: str, settings: Settings) -> VideoPlan:
    """Read a plan, a text in one of the papers' formats, or an answer to ``question_of``.

    Args:
        text: with chatter around it, if need be.
        settings: what the text leaves open.

    Raises:
        PlanError: with every problem of the text.
    """
    answer = _answer_in(text)
    if answer is None:
        return read_plan(text, settings)
    style, told, frames = answer
    request = PlanRequest(
        settings.prompt.strip() or told.strip() or "a video",
        frames or settings.frames,
        settings.fps,
        settings.width,
        settings.height,
    )
    return write_plan(request, style, lambda question: question.read(text))


def _answer_in(text: str) -> tuple[str, str, int] | None:
    """The style that a text is an answer in, what the video shows, its frames where it has them."""
    try:
        data = extract_json(text)
    except PlanError:
        return None
    if not isinstance(data, Mapping) or "version" in data:
        return None
    if "summary" in data and isinstance(data.get("frames"), list):
        return "frames", str(data["summary"]), len(data["frames"])
    scenes = data.get("scenes")
    if not isinstance(scenes, list) or not all(isinstance(scene, Mapping) for scene in scenes):
        return None
    if any(_OF_A_SCENE & scene.keys() for scene in scenes):
        return "director", " ".join(str(scene.get("prompt", "")) for scene in scenes), 0
    return None
