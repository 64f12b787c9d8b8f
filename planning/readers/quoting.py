"""Reads a text in quotes, of whichever kind, whose quotes inside may lack their backslash."""

import re

# Each opening quote with those that may close it.
QUOTES = {
    '"': '"',
    "'": "'’",
    "`": "`'",
    "“": '”“"',
    "”": '”"',
    "„": '”“"',
    "«": "»",
    "‘": "’'",
    "’": "’'",
    "「": "」",
    "『": "』",
}
# A quote closes its text only where something follows that can follow a text: so quotes inside of
# a text need no backslash.
_VALUE_STARTS = r"[\[({【［（｛\"'`“”„«‘’「『\d.+\-\])}］】）｝]|//|/\*|\#|…"
_CLOSES_VALUE = re.compile(
    rf"\s*(?:\Z|[\])}}］】）｝]|//|/\*|\#|[,，;；]\s*(?:\Z|{_VALUE_STARTS}"
    r"|(?:true|false|null|none|undefined)\b|[^\W\d]\w*\s*[:：]))"
    r"|[ \t]*[,，;；]?[ \t]*\n"
    r"|\s+(?P<quote>[\"'“])[^\"'“”\n]{1,60}[\"'”]\s*(?:[:：]|[,，\])}])",
    re.IGNORECASE,
)
_CLOSES_KEY = re.compile(r"\s*(?:\Z|[:：=,，\])}］】）｝])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_TWINS = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_STOPS = {quote: re.compile(rf"[\\{''.join(ends)}]") for quote, ends in QUOTES.items()}


def read_quoted(text: str, start: int, end: int, *, key: bool) -> tuple[str, int] | None:
    """Read the text whose opening quote stands at `start`.

    Args:
        text: where it stands.
        start, end: its opening quote, and the end of what may be read.
        key: it is a key, behind which a colon follows.

    Returns:
        The text, its escapes resolved, and the position after it; None where nothing closes it.
    """
    stop, closes = _STOPS[text[start]], _CLOSES_KEY if key else _CLOSES_VALUE
    at, escaped = start + 1, False
    while found := stop.search(text, at, end):
        at = found.end()
        if found.group() == "\\":
            escaped, at = True, at + 1
        elif closes.match(text, at, end):
            written = text[start + 1 : at - 1]
            return (_unescaped(written) if escaped else written), at
    return None


def _unescaped(written: str) -> str:
    plain = _ESCAPE.sub(_meaning, written)
    return _TWINS.sub(_joined, plain)


def _meaning(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    return chr(int(code, 16)) if code else _ESCAPES.get(letter, letter)


def _joined(twins: re.Match[str]) -> str:
    return twins.group().encode("utf-16", "surrogatepass").decode("utf-16")
