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
_TRIFLES = 1000  # brackets in sentences; no reply has so many
_SERIOUS = 24  # letters that were JSON before it broke; a bracket in a sentence breaks earlier


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


_STRICT = json.JSONDecoder(object_pairs_hook=_without_twins)


@dataclass(frozen=True)
class Found:
    """Values that follow each other directly in a text, from `start` to `end`; mostly one."""

    values: list[object]
    start: int
    end: int

    @property
    def value(self) -> object:
        """The only one, or the list of them."""
        return self.values[0] if len(self.values) == 1 else self.values

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
        values, broken = _search(text, parts)
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


class _Search:
    """Looks for values in a part of a text, up to the first broken one that is no trifle."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.found: list[Found] = []
        self.broken: list[Broken] = []
        # Each failure of the strict reader may cost as much time as the text is long.
        self.strict_tries = 16

    def run(self) -> None:
        at, trifles = self.start, 0
        while opening := _OPENING.search(self.text, at, self.end):
            begin = opening.start()
            try:
                value, at = self._read(begin)
                self._add(value, begin, at)
            except LiteralError as error:
                self.broken.append(Broken(error.with_traceback(None), begin, self.end))
                if self.broken[-1].serious:
                    # What follows may well be a part of this, so nothing more is looked for.
                    return
                trifles += 1
                if trifles == _TRIFLES:
                    return
                del self.broken[1:]
                at = max(error.reached, opening.end())

    def _read(self, begin: int) -> tuple[object, int]:
        """Read what is sound JSON fast, and all else with patience."""
        if self.strict_tries:
            try:
                value, after = _STRICT.raw_decode(self.text, begin)
                if after <= self.end:
                    return value, after
            except (ValueError, RecursionError):
                self.strict_tries -= 1
        return read_literal(self.text, begin, self.end, close=True)

    def _add(self, value: object, begin: int, after: int) -> None:
        """Take up a value; values that follow each other directly are one list."""
        before = self.found[-1] if self.found else None
        joins = before is not None and _BETWEEN.fullmatch(self.text, before.end, begin)
        if _GOES_ON.match(self.text, after, self.end) or (
            joins and _CLOSER.match(self.text, after, self.end)
        ):
            raise LiteralError("the brackets before this do not match", after)
        if before is None or not joins:
            self.found.append(Found([value], begin, after))
        else:
            values = before.values
            values.append(value)
            self.found[-1] = Found(values, before.start, after)


def _search(text: str, parts: list[tuple[int, int]]) -> tuple[list[Found], list[Broken]]:
    searches = [_Search(text, start, end) for start, end in parts]
    for search in searches:
        search.run()
    values = [found for search in searches for found in search.found]
    return values, [broken for search in searches for broken in search.broken]
