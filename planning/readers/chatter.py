"""What stands around a plan in a language model's reply."""

import re

_THOUGHT = re.compile(
    r"<(/?)(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad)>|◁(/?)think▷",
    re.IGNORECASE,
)
_FINAL = re.compile(r"<\|channel\|>final(?:<\|[a-z_]{1,20}\|>\w{0,20})?<\|message\|>")
_MARKS = re.compile(r"<\|[^|<>\n]{1,40}\|>|</?s>|\[/?INST\]")
_VISIBLE = re.compile(r"[^\n]")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+-]*[ \t]*(?=\n)|(?:jsonc?5?|python|text|yaml)\b")
_HTML = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t>]*(?:```+|~~~+)[ \t]*\w*[ \t]*$", re.MULTILINE)
_FULL_WIDTH = str.maketrans("［］【】｛｝：；，", "[][]{}:;,")
_SHOWN = 60


def without_thinking(text: str) -> str:
    """Blank out what a model thought aloud, and the marks of its chat template.

    Every position and line stays what it was, but a carriage return becomes a space.
    """
    plain = text.replace("\ufeff", " ").replace("\r\n", " \n").replace("\r", "\n")
    parts, kept, opened = [], 0, None
    for tag in _THOUGHT.finditer(plain):
        closes = tag.group(1) or tag.group(2)
        if closes:
            # Chat templates may swallow the opening tag: then all before it is a thought.
            begin = kept if opened is None else opened
            parts += [plain[kept:begin], _blank(plain[begin : tag.end()])]
            kept, opened = tag.end(), None
        elif opened is None:
            opened = tag.start()
    plain = "".join([*parts, plain[kept:]])
    finals = [match.end() for match in _FINAL.finditer(plain)]
    if finals:
        plain = _blank(plain[: finals[-1]]) + plain[finals[-1] :]
    return _MARKS.sub(lambda mark: _blank(mark.group()), plain)


def without_fences(text: str) -> str:
    """Blank out the marks of Markdown's code fences and inline code."""
    plain = re.sub(
        r"^[ \t>]*(?:```+|~~~+)[^\n\[{]*$", lambda m: _blank(m.group()), text, flags=re.M
    )
    return plain.replace("```", "   ").replace("`", " ")


def plain_punctuation(text: str) -> str:
    """Put ASCII in the place of full-width brackets, colons, semicolons and commas."""
    return text.translate(_FULL_WIDTH)


def fences(text: str) -> list[tuple[int, int]]:
    """Return where the contents of a text's code fences begin and end; an open one ends last."""
    marks = [match.span() for match in re.finditer("```+|^~~~+", text, re.MULTILINE)]
    bounds = [*marks, (len(text), len(text))] if len(marks) % 2 else marks
    result = []
    for (_, begin), (end, _) in zip(bounds[::2], bounds[1::2], strict=True):
        language = _LANGUAGE.match(text, begin, end)
        begin = language.end() if language else begin
        if end - begin > 1:
            result.append((begin, end))
    return result


def is_html(text: str) -> bool:
    """Tell whether a text is a web page, as servers send with errors."""
    return bool(_HTML.match(text.removeprefix("\ufeff")))


def opening_words(text: str) -> str:
    """Say how a text begins."""
    words = " ".join(text[:400].split())
    if not words:
        return "it is empty"
    return f"it begins with {words[:_SHOWN] + ' …' if len(words) > _SHOWN else words!r}"


def _blank(part: str) -> str:
    return _VISIBLE.sub(" ", part)
