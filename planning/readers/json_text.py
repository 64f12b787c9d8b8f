"""Finds the JSON that a language model's reply holds, whatever stands around it."""

import json
import re
from dataclasses import dataclass

from ..plan_io import MAX_BYTES
from ..schema import PlanError
from .chatter import fences, opening_words, without_thinking
from .literal import LiteralError, read_literal
from .places import Places

# A bracket that can begin JSON: "[1]" and "[see above]" in a sentence do not.
_OPENING = re.compile(
    r"[\[【［]\s*(?=[\"'“„‘`「『{｛\[【［]|//|/\*|\#)|[{｛]\s*(?=[\"'“„‘`「『]|[^\W\d]\w*\s*[:：]|//|/\*|\#)"
)
_BETWEEN = re.compile(r"[\s,;]*")
_GOES_ON = re.compile(r"\s*(?:[\]}]\s*,\s*[\"{\[]|,\s*[\"'][^\"'\n]{1,40}[\"']\s*:)")
_CLOSER = re.compile(r"\s*[\]}]")
_SERIOUS = 24  # letters that were JSON before it broke; a bracket in a sentence breaks earlier


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


_STRICT = json.JSONDecoder(object_pairs_hook=_without_twins)


@dataclass(frozen=True)
class Found:
    """A value in a text, from `start` to `end`."""

    value: object
    start: int
    end: int

    @property
    def length(self) -> int:
        """Letters that it takes."""
        return self.end - self.start


@dataclass(frozen=True)
class Broken:
    """JSON that begins at `start` and cannot be read; `end` is the end of its fence or text."""

    error: LiteralError
    start: int
    end: int

    @property
    def length(self) -> int:
        """Letters that may belong to it."""
        return self.end - self.start

    @property
    def serious(self) -> bool:
        """Whether so much of it could be read that it is no bracket in a sentence."""
        return self.error.reached - self.start > _SERIOUS


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
            value = _STRICT.decode(value)
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
        found = [outcome for start, end in parts for outcome in _search(text, start, end)]
        values = [outcome for outcome in found if isinstance(outcome, Found)]
        broken = [outcome for outcome in found if isinstance(outcome, Broken)]
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


def _search(text: str, start: int, end: int) -> list[Found | Broken]:
    """Return what can be read in a part of a text, up to the first thing that cannot."""
    outcomes: list[Found | Broken] = []
    run: list[Found] = []
    at = start
    while opening := _OPENING.search(text, at, end):
        begin = opening.start()
        joins = bool(run) and _BETWEEN.fullmatch(text, run[-1].end, begin) is not None
        if not joins:
            outcomes += _joined(run)
            run = []
        try:
            value, at = _read(text, begin, end)
            if joins and _CLOSER.match(text, at, end):
                begin, run = run[0].start, []
                raise LiteralError("the brackets before this do not match", at)
            if _GOES_ON.match(text, at, end):
                raise LiteralError("the brackets before this do not match", at)
            run.append(Found(value, begin, at))
        except LiteralError as error:
            broken = Broken(error, begin, end)
            outcomes += [*_joined(run), broken]
            run = []
            if broken.serious:
                # What follows may well be a part of this, so nothing more is looked for.
                return outcomes
            at = max(error.reached, opening.end())
    return [*outcomes, *_joined(run)]


def _read(text: str, begin: int, end: int) -> tuple[object, int]:
    """Read what is sound JSON fast, and all else with patience."""
    try:
        value, after = _STRICT.raw_decode(text, begin)
        if after <= end:
            return value, after
    except (ValueError, RecursionError):
        pass
    return read_literal(text, begin, end, close=True)


def _joined(run: list[Found]) -> list[Found]:
    if len(run) < 2:
        return run
    return [Found([found.value for found in run], run[0].start, run[-1].end)]
