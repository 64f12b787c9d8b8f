"""The `Frame i: [...]` lines that LVD and VideoDirectorGPT share, and the lines around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..schema import Box, PlanError
from .drafts import Thing
from .literal import LiteralError, read_literal

FRAME = re.compile(r"^[ \t>*-]*Frame[ _]?(\d{1,4})[ \t*]*:", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(
    r"^[ \t>*-]*(?P<head>(?:Scene|Step)[ _]?\d{1,3}|Caption|(?:Scene )?Description|Prompt"
    r"|Background(?: keyword)?|Entities|Reasoning)[ \t*]*:(?P<text>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_NOTHING = {"", "none", "n/a", "null", "-"}


@dataclass
class FrameLine:
    """One frame line: where it stands, its literal and the text behind it."""

    number: int
    line: int
    value: object
    rest: str


@dataclass
class Block:
    """The lines of one scene."""

    line: int
    titled: bool = False
    prompt: str = ""
    background: str | None = None
    entities: list[str] = field(default_factory=list)
    frames: list[FrameLine] = field(default_factory=list)


def read_blocks(text: str) -> list[Block]:
    """Read a text of headings and frame lines into one block per scene.

    A scene begins at `Scene i:` or `Caption:`, or where the frames count from 1 again.

    Raises:
        PlanError: a frame line is not followed by a literal, or frames do not count up by one.
    """
    blocks: list[Block] = []
    problems: list[str] = []
    for position, head, rest in _marks(text):
        line = text.count("\n", 0, position) + 1
        if isinstance(rest, int):
            _add_frame(text, line, int(head), rest, blocks, problems)
        else:
            _add_heading(line, head, rest.strip(" \t*"), blocks)
    if not any(block.frames for block in blocks) and not problems:
        problems.append("plan: no line begins with a frame; begin each with 'Frame 1:' and so on")
    found = [block for block in blocks if block.frames or (block.titled and block.prompt)]
    problems += [problem for block in found for problem in _counting_problems(block)]
    if problems:
        raise PlanError(problems)
    return found


def _marks(text: str) -> Iterator[tuple[int, str, str | int]]:
    """Yield position, heading and its text, or position, frame number and where its value is."""
    marks: list[tuple[int, str, str | int]] = [
        (match.start(), match.group("head").lower(), match.group("text"))
        for match in _HEADING.finditer(text)
    ]
    marks += [(match.start(), match.group(1), match.end()) for match in FRAME.finditer(text)]
    return iter(sorted(marks, key=lambda mark: mark[0]))


def _add_heading(line: int, head: str, text: str, blocks: list[Block]) -> None:
    titled = head[-1].isdigit()
    tells = titled or head in ("caption", "prompt", "description", "scene description")
    if not blocks or titled or (head in ("caption", "prompt") and blocks[-1].frames):
        blocks.append(Block(line, titled))
    block = blocks[-1]
    if tells:
        block.prompt = text or block.prompt
    elif head.startswith("background"):
        block.background = said(text)
    elif head == "entities":
        block.entities = split_names(text)


def _add_frame(
    text: str, line: int, number: int, at: int, blocks: list[Block], problems: list[str]
) -> None:
    try:
        value, end = read_literal(text, at)
    except LiteralError as error:
        where = text.count("\n", 0, error.position) + 1
        problems.append(
            f"line {where}: in frame {number}, {error}; write the frame as a list of names "
            "and boxes"
        )
        return
    if not blocks or (number == 1 and blocks[-1].frames):
        blocks.append(Block(line))
    rest = text[end:].split("\n", 1)[0].strip(" \t,;*")
    blocks[-1].frames.append(FrameLine(number, line, value, rest))


def _counting_problems(block: Block) -> Iterator[str]:
    for expected, frame in enumerate(block.frames, start=1):
        if frame.number != expected:
            yield (
                f"line {frame.line}: frame {frame.number} where frame {expected} should be; "
                "number the frames 1, 2, 3, … without gaps"
            )
            return


def said(text: str) -> str | None:
    """Return a name without the punctuation around it; None for "none" and the like."""
    name = text.strip(" \t.;\"'[]")
    return None if name.lower() in _NOTHING else name


def split_names(text: str) -> list[str]:
    """Split a list of names at commas; [] for "none"."""
    return [name for part in text.split(",") if (name := said(part))]


def number_things(names: list[str]) -> list[Thing]:
    """Number things of the same name in the order they are listed."""
    counts: dict[tuple[str, int], int] = {}
    things = []
    for name in names:
        key = Thing(name).key()
        counts[key] = counts.get(key, 0) + 1
        things.append(Thing(name, counts[key]))
    return things


def visible_box(box: Box) -> Box | None:
    """Clip a box (xyxy) to the frame; None when nothing of it is inside, or it has no size."""
    x0, y0, x1, y1 = box
    if x0 > x1 or y0 > y1:
        return box  # the invariants name what is wrong with it
    clipped = (max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0))
    return clipped if clipped[0] < clipped[2] and clipped[1] < clipped[3] else None


def four_numbers(value: object) -> Box | None:
    """Return a box of four finite numbers as floats, or None when the value is none."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [
        float(number)
        for number in value
        if isinstance(number, int | float) and not isinstance(number, bool)
    ]
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) == 4 else None
