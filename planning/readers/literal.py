"""Reads the JSON-like and Python-like values that language models write, evaluating nothing.

Lists, tuples and dicts of text and numbers are understood, with the usual damage: trailing and
missing commas, comments, smart and single quotes, quotes inside of quoted text, names without
quotes, full-width punctuation, Python's and JSON's words, closing brackets left out at the end.
What could mean two things is an error that says where it stands. Reading takes linear time, and
the nesting is limited.

The libraries that repair JSON (json_repair 0.64) were tried first: they keep silent about what
they guess, such as the rest of a text that was cut off, name no place, and took quadratic time.
"""

import re
from dataclasses import dataclass

from .quoting import QUOTES, read_quoted

_MAX_DEPTH = 64
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,3})?(?![\w.])")
_NUMBERS = re.compile(r"((?:-?\d{1,9}(?:\.\d{1,9})?, ?){1,3}-?\d{1,9}(?:\.\d{1,9})?)\]")
_WORDS: dict[str, object] = {
    "none": None,
    "null": None,
    "undefined": None,
    "true": True,
    "false": False,
}
_SPACE = re.compile(r"[\s\ufeff\u200b]*")
_BARE_KEY = re.compile(r"[^\W\d]\w*(?=\s*[:：])")
_BARE = re.compile(
    r"[^\W\d_][^\[\](){}［］【】（）｛｝,，:：;；"
    r"\"“”„«»「」『』`'#/=<>|\\\n]*"
)
_AFTER_BARE = re.compile(r"\s*(?:[\])},，;；］】）｝])|[ \t]*\n")
_CLOSERS = (
    dict.fromkeys("[［【", "]］】") | dict.fromkeys("(（", ")）") | dict.fromkeys("{｛", "}｝")
)
_ANY_CLOSER = "]］】)）}｝"
_BRACES = "{｛"
_SOLID = frozenset("[]{},:\"'0123456789")
_COMMAS = ",，;；"
_COLONS = ":：="


class LiteralError(ValueError):
    """The text is no literal.

    Attributes:
        position: what is wrong stands here.
        reached: how far the text was looked at.
        left_out: an ellipsis stands in place of a value.
    """

    def __init__(
        self, message: str, position: int, reached: int | None = None, left_out: bool = False
    ) -> None:
        super().__init__(message)
        self.position = position
        self.reached = position if reached is None else reached
        self.left_out = left_out


def read_literal(
    text: str, start: int = 0, end: int | None = None, *, close: bool = False
) -> tuple[object, int]:
    """Read one literal from `start` on; whatever follows it is left alone.

    Args:
        text: where it stands.
        start, end: the part of the text to be read; the end of the text when `end` is None.
        close: close the brackets that are open at the end, where no value is cut off.

    Returns:
        The value (list, dict, str, int, float, bool or None) and the position after it.

    Raises:
        LiteralError: there is no literal at that place.
    """
    reader = _Reader(text, len(text) if end is None else end, close)
    return reader.value(start)


@dataclass
class _Open:
    """A bracket that is open: where, what closes it, and what it holds so far."""

    at: int
    closers: str
    last: object = None


class _Reader:
    def __init__(self, text: str, end: int, close: bool) -> None:
        self.text, self.end, self.close = text, end, close
        self.open: list[_Open] = []

    def value(self, at: int) -> tuple[object, int]:
        at = self._skip(at)
        sign = self._sign(at)
        if sign in _CLOSERS:
            if len(self.open) >= _MAX_DEPTH:
                raise LiteralError("brackets are nested too deeply", at)
            self.open.append(_Open(at, _CLOSERS[sign]))
            value, after = self._pairs(at + 1) if sign in _BRACES else self._items(at + 1)
            self.open.pop()
            return value, after
        if sign in QUOTES:
            return self._quoted(at)
        return self._scalar(at)

    def _sign(self, at: int) -> str:
        return self.text[at] if at < self.end else " "

    def _items(self, at: int) -> tuple[list[object], int]:
        numbers = _NUMBERS.match(self.text, at, self.end)  # boxes are many: worth a short cut
        if numbers and self.open[-1].closers[0] == "]":
            return [_number(part) for part in numbers.group(1).split(",")], numbers.end()
        items: list[object] = []
        while True:
            at = self._skip(at)
            after = self._closed(at)
            if after is not None:
                return items, after
            if self.text[at : at + 1].isalpha() and _BARE_KEY.match(self.text, at, self.end):
                item, at = self._named(at)
            else:
                item, at = self.value(at)
            items.append(item)
            self.open[-1].last = item
            at = self._comma(at)

    def _named(self, at: int) -> tuple[object, int]:
        """Read `caption: "…"` in a list, as a dict of that one pair."""
        name, after = self._key(at)
        value, after = self.value(self._skip(after) + 1)
        return {name: value}, after

    def _pairs(self, at: int) -> tuple[dict[str, object], int]:
        pairs: dict[str, object] = {}
        while True:
            at = self._skip(at)
            after = self._closed(at)
            if after is not None:
                return pairs, after
            key, after = self._key(at)
            if key in pairs:
                raise LiteralError(f"the key {key[:40]!r} stands twice", at)
            after = self._skip(after)
            if self._sign(after) not in _COLONS:
                raise LiteralError("a ':' is missing after the key", after)
            pairs[key], at = self.value(after + 1)
            self.open[-1].last = pairs[key]
            at = self._comma(at)

    def _key(self, at: int) -> tuple[str, int]:
        if self._sign(at) in QUOTES:
            return self._quoted(at, key=True)
        if bare := _BARE_KEY.match(self.text, at, self.end):
            return bare.group(), bare.end()
        if (number := _NUMBER.match(self.text, at, self.end)) and number.group().isdigit():
            return number.group(), number.end()
        raise LiteralError("a key must be a name in quotes", at)

    def _quoted(self, start: int, *, key: bool = False) -> tuple[str, int]:
        quoted = read_quoted(self.text, start, self.end, key=key)
        if quoted is None:
            message = f"the closing {self.text[start]} is missing of the text that begins here"
            raise LiteralError(message, start, self.end)
        return quoted

    def _scalar(self, at: int) -> tuple[object, int]:
        if number := _NUMBER.match(self.text, at, self.end):
            return _number(number.group()), number.end()
        bare = _BARE.match(self.text, at, self.end)
        word = bare.group().rstrip() if bare else ""
        if bare and word.lower() in _WORDS:
            return _WORDS[word.lower()], at + len(word)
        if bare and self.open and _AFTER_BARE.match(self.text, bare.end(), self.end):
            return word, bare.end()
        if self.text.startswith(("...", "…"), at, self.end):
            raise LiteralError("something is left out here", at, left_out=True)
        if at >= self.end and self.open:
            raise LiteralError("the text ends here and is cut off", at)
        raise LiteralError("a list, a name in quotes or a number is missing", at)

    def _closed(self, at: int) -> int | None:
        """Return the position after the bracket that closes here; None where none does."""
        if at >= self.end:
            return at if self.close else None
        sign = self.text[at]
        if sign in self.open[-1].closers:
            return at + 1
        return at if sign in _ANY_CLOSER and self._implies(sign) else None

    def _implies(self, sign: str) -> bool:
        """Tell whether an outer bracket's end also ends this one: not where a number may lack."""
        ends_outer = any(sign in bracket.closers for bracket in self.open[:-1])
        return ends_outer and isinstance(self.open[-1].last, list | dict | str)

    def _comma(self, at: int) -> int:
        after = self._skip(at)
        if self._sign(after) in _COMMAS:
            return after + 1
        if self._closed(after) is not None:
            return after
        if after < self.end and self._begins(at, after):
            return after
        closer = self.open[-1].closers[0]
        raise LiteralError(f"a ',' or '{closer}' is missing", after)

    def _begins(self, at: int, after: int) -> bool:
        """Tell whether a next value clearly begins here, so that only the comma is missing."""
        sign = self.text[after]
        if sign in QUOTES or sign in _CLOSERS:
            return True
        return self.text.find("\n", at, after) >= 0

    def _skip(self, at: int) -> int:
        """Return the position after space and comments."""
        if at < self.end and self.text[at] in _SOLID:
            return at
        while True:
            space = _SPACE.match(self.text, at, self.end)
            at = space.end() if space else at
            if self.text.startswith(("//", "#"), at, self.end):
                after = self.text.find("\n", at, self.end)
            elif self.text.startswith("/*", at, self.end):
                after = self.text.find("*/", at + 2, self.end)
                after = after if after < 0 else after + 2
            else:
                return at
            at = self.end if after < 0 else after


def _number(written: str) -> int | float:
    whole = written.strip().lstrip("+-").isdigit()
    return int(written) if whole else float(written)
