"""Questions that are answered with JSON, and the smaller ones about broken scenes alone."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..asking import Message, Question
from ..readers.json_text import extract_json
from ..schema import PlanError
from .answer_schemas import Schema
from .cast import name_key

T = TypeVar("T")
_SCENE = re.compile(r"^scenes\[(\d+)\]")
_ADDED = ("entities", "backgrounds")


def json_question(
    messages: tuple[Message, ...],
    schema: Schema,
    build: Callable[[object], T],
    bare: str = "",
) -> Question[T]:
    """A question whose answer is one JSON object.

    Args:
        messages: the dialogue.
        schema: of the answer.
        build: makes the result of the answer's data; raises PlanError.
        bare: the property that a list is taken for which comes without the object around it.
    """

    def read(text: str) -> T:
        return build(_object(text, bare))

    return Question(messages, schema, read)


def scenes_question(
    messages: tuple[Message, ...], schema: Schema, build: Callable[[object], T]
) -> Question[T]:
    """A question for scenes, of which only the broken ones are asked again.

    Args:
        messages: the dialogue.
        schema: of the answer, an object with a list ``scenes``.
        build: makes the result of the answer's data; raises PlanError whose problems begin with
            the path of the scene where they concern only one.
    """
    whole = json_question(messages, schema, build, "scenes")

    def mend(reply: str, error: PlanError) -> Question[T] | None:
        data = _object(reply, "scenes") if _broken(error) else None
        if not isinstance(data, Mapping) or not isinstance(data.get("scenes"), list):
            return None
        broken = _broken(error)
        if len(broken) == len(data["scenes"]):
            return None
        asked = _asked_again(messages, reply, error, broken)
        return json_question(
            asked, schema, lambda part: _merged(data, part, broken, build), "scenes"
        )

    return Question(messages, schema, whole.read, mend)


def _object(text: str, bare: str) -> object:
    data = extract_json(text)
    return {bare: data} if bare and isinstance(data, list) else data


def _broken(error: PlanError) -> list[int]:
    """The scenes that all problems are about; none where some are about something else."""
    found = [_SCENE.match(problem) for problem in error.problems]
    return sorted({int(match[1]) for match in found if match}) if all(found) else []


def _asked_again(
    messages: tuple[Message, ...], reply: str, error: PlanError, broken: list[int]
) -> tuple[Message, ...]:
    listed = "\n".join(f"- {problem}" for problem in error.problems)
    which = ", ".join(f"scenes[{index}]" for index in broken)
    told = (
        f"Most of that answer is good, but not {which}:\n{listed}\n"
        f"Write only {which} anew, with this put right: an answer of the same form whose list "
        f"scenes has {len(broken)} in this order. The other scenes stay; what is described "
        "already need not be described again. Write nothing else."
    )
    answer, more = Message(role="assistant", content=reply), Message(role="user", content=told)
    return (*messages, answer, more)


def _merged(
    data: Mapping[str, Any], part: object, broken: list[int], build: Callable[[object], T]
) -> T:
    new = part.get("scenes") if isinstance(part, Mapping) else None
    if isinstance(new, list) and len(new) == len(data["scenes"]):
        new = [new[index] for index in broken]  # all were written anew
    if not isinstance(part, Mapping) or not isinstance(new, list) or len(new) != len(broken):
        came = len(new) if isinstance(new, list) else "no list of them"
        raise PlanError(f"scenes: {came} came where {len(broken)} are needed; write just these")
    whole = {**data, "scenes": list(data["scenes"])}
    for index, scene in zip(broken, new, strict=True):
        whole["scenes"][index] = scene
    for key in _ADDED:
        whole[key] = [*_listed(data, key), *_unheard(_listed(data, key), _listed(part, key))]
    try:
        return build(whole)
    except PlanError as error:
        raise PlanError([_in_part(problem, broken) for problem in error.problems]) from error


def _listed(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _unheard(known: list[Any], more: list[Any]) -> list[Any]:
    """What is described for the first time; the good scenes rest on the first descriptions."""
    names = {name_key(str(_name(item))) for item in known}
    return [item for item in more if name_key(str(_name(item))) not in names]


def _name(item: Any) -> object:
    return item.get("name") if isinstance(item, Mapping) else item


def _in_part(problem: str, broken: list[int]) -> str:
    """A problem by its path in the smaller answer."""
    match = _SCENE.match(problem)
    if match is None or int(match[1]) not in broken:
        return problem
    return f"scenes[{broken.index(int(match[1]))}]{problem[match.end() :]}"
