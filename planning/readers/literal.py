"""Reads the Python-like literals that language models write, without evaluating anything.

Lists, tuples and dicts of text and numbers are understood: also JSON's words, a trailing comma,
`.25`, and an apostrophe inside a 'single quoted' name. The nesting is limited.
"""

import re

_MAX_DEPTH = 12
_NUMBER = re.compile(r"[-+]?(?:\d{1,15}\.?\d{0,20}|\.\d{1,20})(?:[eE][-+]?\d{1,3})?(?![\w.])")
_WORD = re.compile(r"[A-Za-z]+")
_WORDS = {
    "None": None,
    "null": None,
    "True": True,
    "true": True,
    "False": False,
    "false": False,
}
_SPACE = re.compile(r"\s*")
_CLOSES_TEXT = re.compile(r"\s*(?:[,:\]})]|$)")
_ESCAPES = {"n": "\n", "t": "\t"}


class LiteralError(ValueError):
    """The text is no literal; `position` is where reading stopped."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def read_literal(text: str, start: int = 0) -> tuple[object, int]:
    """Read one literal from `start` on; whatever follows it is left alone.

    Returns:
        The value (list, dict, str, int, float, bool or None) and the position after it.

    Raises:
        LiteralError: there is no literal at that place.
    """
    return _Reader(text).value(start, 0)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def value(self, at: int, depth: int) -> tuple[object, int]:
        at = self._skip_space(at)
        if depth > _MAX_DEPTH:
            raise LiteralError("brackets are nested too deeply", at)
        sign = self.text[at : at + 1]
        if sign == "[":
            return self._items(at + 1, "]", depth)
        if sign == "(":
            return self._items(at + 1, ")", depth)
        if sign == "{":
            return self._pairs(at + 1, depth)
        if sign and sign in "'\"":
            return self._quoted(at + 1, sign)
        return self._scalar(at)

    def _items(self, at: int, end: str, depth: int) -> tuple[list[object], int]:
        items: list[object] = []
        while True:
            at = self._skip_space(at)
            if self.text.startswith(end, at):
                return items, at + 1
            item, at = self.value(at, depth + 1)
            items.append(item)
            at = self._comma(at, end)

    def _pairs(self, at: int, depth: int) -> tuple[dict[str, object], int]:
        pairs: dict[str, object] = {}
        while True:
            at = self._skip_space(at)
            if self.text.startswith("}", at):
                return pairs, at + 1
            key, after = self.value(at, depth + 1)
            if not isinstance(key, str | int):
                raise LiteralError("a key must be a name in quotes", at)
            if str(key) in pairs:
                raise LiteralError(f"the key {str(key)[:40]!r} stands twice", at)
            after = self._skip_space(after)
            if not self.text.startswith(":", after):
                raise LiteralError("a ':' is missing after the key", after)
            pairs[str(key)], at = self.value(after + 1, depth + 1)
            at = self._comma(at, "}")

    def _quoted(self, at: int, quote: str) -> tuple[str, int]:
        letters: list[str] = []
        while at < len(self.text):
            letter = self.text[at]
            if letter == "\\" and at + 1 < len(self.text):
                letters.append(_ESCAPES.get(self.text[at + 1], self.text[at + 1]))
                at += 2
                continue
            if letter == quote and _CLOSES_TEXT.match(self.text, at + 1):
                return "".join(letters), at + 1
            letters.append(letter)
            at += 1
        raise LiteralError(f"the closing {quote} is missing", at)

    def _scalar(self, at: int) -> tuple[object, int]:
        if number := _NUMBER.match(self.text, at):
            written = number.group()
            plain = written.lstrip("+-").isdigit()
            return (int(written) if plain else float(written)), number.end()
        word = _WORD.match(self.text, at)
        if word and word.group() in _WORDS:
            return _WORDS[word.group()], word.end()
        raise LiteralError("a list, a name in quotes or a number is missing", at)

    def _comma(self, at: int, end: str) -> int:
        at = self._skip_space(at)
        if self.text.startswith(",", at):
            return at + 1
        if not self.text.startswith(end, at):
            raise LiteralError(f"a ',' or '{end}' is missing", at)
        return at

    def _skip_space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at
