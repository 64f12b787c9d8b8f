"""Looks for the values in a text that is not all JSON."""

import json
import re
from dataclasses import dataclass

from .literal import LiteralError, read_literal

# A bracket that can begin JSON: "[1]" and "[see above]" in a sentence do not.
_OPENING = re.compile(
    r"[\[【［]\s*(?=[\"'“„‘`「『{｛\[【［]|//|/\*|\#)|[{｛]\s*(?=[\"'“„‘`「『]|\w{1,40}\s*[:：]|//|/\*|\#)"
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


STRICT = json.JSONDecoder(object_pairs_hook=_without_twins)


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
    """JSON that begins at `start` and cannot be read.

    Attributes:
        error: why not.
        start, end: where it begins, and the end of its fence or text: all may belong to it.
        serious: it is no bracket in a sentence.
    """

    error: LiteralError
    start: int
    end: int
    serious: bool

    @property
    def length(self) -> int:
        """Letters that may belong to it."""
        return self.end - self.start


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
        while trifles < _TRIFLES and (opening := _OPENING.search(self.text, at, self.end)):
            begin = opening.start()
            try:
                value, at = self._read(begin)
            except LiteralError as error:
                serious = error.reached - begin > _SERIOUS
                self._break(error, begin, serious)
                at = max(error.reached, opening.end())
                trifles += 1
            else:
                serious = not self._add(value, begin, at)
            if serious:
                # What follows may well be a part of this, so nothing more is looked for.
                return

    def _break(self, error: LiteralError, begin: int, serious: bool) -> None:
        if serious or not self.broken:
            broken = Broken(error.with_traceback(None), begin, self.end, serious)
            self.broken.append(broken)

    def _read(self, begin: int) -> tuple[object, int]:
        """Read what is sound JSON fast, and all else with patience."""
        if self.strict_tries:
            try:
                value, after = STRICT.raw_decode(self.text, begin)
                if after <= self.end:
                    return value, after
            except (ValueError, RecursionError):
                self.strict_tries -= 1
        return read_literal(self.text, begin, self.end, close=True)

    def _add(self, value: object, begin: int, after: int) -> bool:
        """Take up a value; values that follow each other directly are one list.

        Returns:
            False where what follows shows that a bracket has closed too early.
        """
        before = self.found[-1] if self.found else None
        if before and _BETWEEN.fullmatch(self.text, before.end, begin):
            begin = before.start
            before.values.append(value)
            self.found[-1] = Found(before.values, begin, after)
            wrong = _GOES_ON.match(self.text, after, self.end) or _CLOSER.match(
                self.text, after, self.end
            )
        else:
            self.found.append(Found([value], begin, after))
            wrong = _GOES_ON.match(self.text, after, self.end)
        if wrong:
            error = LiteralError("the brackets before this do not match", after)
            self._break(error, begin, serious=True)
        return not wrong


def search(text: str, parts: list[tuple[int, int]]) -> tuple[list[Found], list[Broken]]:
    """Look for values in some parts of a text, each for itself.

    Returns:
        What was found, in its order, and what was broken.
    """
    searches = [_Search(text, start, end) for start, end in parts]
    for each in searches:
        each.run()
    values = [found for each in searches for found in each.found]
    return values, [broken for each in searches for broken in each.broken]
