"""Text on pictures: Pillow's built-in font, with help for the letters it lacks.

The built-in font knows little more than ASCII, and names in a plan may be in any script. A letter
it lacks is taken from the first font of the system that has it, else from its plain base letter
(é becomes e), else it becomes an empty box.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice

from PIL import ImageDraw, ImageFont

from .paper import Font, Paper

Colour = tuple[int, int, int]

_LINE_HEIGHT = 1.32
_ASCENT = 0.98
_MISSING = "\uffff"
_BOX = "[]"
_SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "Arial Unicode.ttf",
    "arial.ttf",
    "msyh.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "malgun.ttf",
    "Nirmala.ttf",
    "segoeui.ttf",
)


def line_height(size: int) -> int:
    """Return the distance of two lines of text in pixels."""
    return round(size * _LINE_HEIGHT)


def can_draw(text: str) -> bool:
    """Tell whether this system has fonts for all letters of a text."""
    return all(_BOX not in _drawable(letter)[1] for letter in _clean(text))


def text_width(text: str, size: int) -> int:
    """Return how wide a line of text is in pixels."""
    return round(sum(_font(name, size).getlength(run) for name, run in _runs(text)))


def draw_text(
    canvas: ImageDraw.ImageDraw | Paper,
    position: tuple[int, int],
    text: str,
    size: int,
    fill: Colour,
) -> None:
    """Draw one line of text with its upper left corner at `position`."""
    x, y = float(position[0]), position[1] + round(size * _ASCENT)
    for name, run in _runs(text):
        font = _font(name, size)
        canvas.text((x, y), run, font=font, fill=fill, anchor="ls")
        x += font.getlength(run)


def wrap_text(text: str, size: int, width: int, max_lines: int) -> list[str]:
    """Break text into lines of at most `width` pixels; "…" ends a text that needs more lines."""
    lines = list(islice(_lines(_clean(text), size, width), max_lines + 1))
    if len(lines) <= max_lines:
        return lines
    return [*lines[: max_lines - 1], shorten(f"{lines[max_lines - 1]} …", size, width)]


def shorten(text: str, size: int, width: int) -> str:
    """Cut a line so that it is at most `width` pixels wide, ending in "…" where it was cut."""
    text = _clean(text)
    if text_width(text, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(f"{text[:middle].rstrip(' …')}…", size) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{text[:low].rstrip(' …')}…"


def _lines(text: str, size: int, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, size) <= width:
            line = longer
            continue
        if line:
            yield line
        while text_width(word, size) > width and len(word) > 1:
            fitting = _fitting(word, size, width)
            yield word[:fitting]
            word = word[fitting:]
        line = word
    if line:
        yield line


def _fitting(word: str, size: int, width: int) -> int:
    """Return how many letters of a word too wide for a line fit on it, at least one."""
    low, high = 1, len(word) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(word[:middle], size) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _clean(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed).split())


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Split a line into (font name, letters), so that each run can be shaped as one."""
    current, letters = "", ""
    for letter in text:
        name, drawn = _drawable(letter)
        if letters and (letter == " " or unicodedata.combining(letter)):
            name, drawn = current, letter
        if name != current and letters:
            yield current, letters
            letters = ""
        current, letters = name, letters + drawn
    if letters:
        yield current, letters


@cache
def _drawable(letter: str) -> tuple[str, str]:
    """Return the font for a letter ("" is the built-in one) and what to draw in it."""
    names = ("", *_SYSTEM_FONTS)
    for name in names:
        if _has(name, letter):
            return name, letter
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if c.isascii())
    return "", plain or _BOX


def _has(name: str, letter: str) -> bool:
    if letter == " ":
        return True
    try:
        font = _font(name, 24)
    except OSError:  # this system has no such font
        return False
    drawn, missing = font.getmask(letter), font.getmask(_MISSING)
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)


@cache
def _font(name: str, size: int) -> Font:
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
