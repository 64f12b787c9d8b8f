"""Finds the JSON that a language model's reply holds, whatever stands around it."""

from ..plan_io import MAX_BYTES
from ..schema import PlanError
from .chatter import fences, opening_words, without_thinking
from .json_search import STRICT, Broken, Found, search
from .literal import LiteralError
from .places import Places


def extract_json(text: str) -> object:
    """Return the JSON value of a reply, as plain data: a dict or a list.

    Markdown fences, words before and behind, thinking blocks and the usual damage are seen
    through (see `literal`). Where a reply holds several values the longest counts, and of those
    about as long the last, which corrects the earlier ones; values that follow each other
    directly (JSON lines) are one list.

    Args:
        text: the whole reply.

    Raises:
        PlanError: there is no JSON, or it is broken where a repair would be a guess; the line is
            named.
    """
    value = strict_json(text)
    if value is not None:
        return value
    values = find_values(without_thinking(text))
    if not values:
        raise PlanError(
            f"reply: holds no JSON ({opening_words(text)}); answer with the JSON alone, in "
            "{braces} or [brackets]"
        )
    return main_value(values).value


def main_value(values: list[Found]) -> Found:
    """Return the longest value, or the last of those that are about as long."""
    longest = max(found.length for found in values)
    return [found for found in values if 2 * found.length >= longest][-1]


def strict_json(text: str) -> object:
    """Return the dict or list that the whole text is, without any repair; None if it is none.

    Raises:
        PlanError: the text is far too long.
    """
    if len(text) > MAX_BYTES:
        raise PlanError(f"reply: is longer than {MAX_BYTES} characters; shorten it")
    value: object = text.removeprefix("\ufeff")
    for _ in range(2):  # some models write their JSON as one quoted text
        if not isinstance(value, str) or not value.lstrip().startswith(("{", "[", '"')):
            break
        try:
            value = STRICT.decode(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict | list) else None


def find_values(text: str) -> list[Found]:
    """Return the dicts and lists in the fences of a text, or else in all of it, in their order.

    Raises:
        PlanError: the longest of them is broken; the line is named.
    """
    weak: list[Broken] = []
    for parts in (fences(text), [(0, len(text))]):
        values, broken = search(text, parts)
        weak += broken
        longest = max((outcome.length for outcome in values), default=0)
        # A form with "..." is what a model says it will fill in.
        strong = [each for each in broken if each.serious and not (values and each.error.left_out)]
        if strong:
            worst = max(strong, key=lambda outcome: outcome.length)
            if worst.length > longest:
                raise PlanError(told(text, worst.error)) from worst.error
        if values:
            return values
    if weak:
        raise PlanError(told(text, weak[0].error)) from weak[0].error
    return []


def told(text: str, error: LiteralError) -> str:
    """Say where and what is wrong with a literal."""
    line = Places(text).line(error.position)
    near = " ".join(text[error.position : error.position + 40].split())
    return (
        f"line {line}: {error}, at {near!r}; correct the JSON there"
        if near
        else (f"line {line}: {error}; complete the JSON, or allow a longer answer")
    )
