"""The lines of a script: `Frame i: [...]`, `Scene i: …`, `Background: …` and the like.

LVD and VideoDirectorGPT share the frame lines; scripts of scenes without frames have the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..schema import MAX_SCENES, PlanError
from .literal import LiteralError, read_literal
from .names import said, split_names
from .places import Places

_BEFORE = r"^[ \t>*#`•-]*(?:\d{1,2}[.)][ \t*]*)?"
FRAME = re.compile(
    rf"(?:{_BEFORE}|(?<=[\]),;.}}])[ \t])"
    r"(?:Key)?[ -]?Frame[ _#]*(?P<frame>\d{1,4})[ \t*`]*(?:\([^()\n]{0,30}\))?[ \t*`]*[:：=]"
    r"(?=[ \t*`]*(?:[\[{(【［｛]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(
    _BEFORE + r"\[?(?:(?:Scene|Shot|Clip)[ _#-]*(?P<scene>\d{1,3})"
    r"(?:[ \t]*\([^()\n]{0,40}\))?(?:[ \t*\]]*[:：.–—-]|[ \t*\]]*$)"
    r"|(?P<head>Caption|(?:Scene )?(?:Description|Prompt)|Background(?: keyword| entity)?|Setting"
    r"|(?:(?:Main |Key )?(?:Foreground )?(?:Entities|Objects|Characters)|Foregrounds?)"
    r"|Camera(?: move(?:ment)?| motion)?|Reasoning)[ \t*]*[:：])(?P<text>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_KEYWORD = re.compile(r"Background(?: keyword)?[ \t*]{0,9}:", re.IGNORECASE)
_ENOUGH = 20  # problems, that further ones need not be looked for
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass
class FrameLine:
    """One frame line: where it stands, its literal and the text behind it."""

    number: int
    line: int
    value: object
    rest: str


@dataclass
class Block:
    """The lines of one scene; `number` is the one that it is given, 0 where it has none."""

    line: int
    number: int = 0
    prompt: str = ""
    background: str | None = None
    camera: str | None = None
    entities: list[str] = field(default_factory=list)
    frames: list[FrameLine] = field(default_factory=list)


def read_blocks(text: str, *, frames: bool = True) -> list[Block]:
    """Read a text of headings and frame lines into one block per scene.

    A scene begins at `Scene i:` or `Caption:`, or where the frames count from 1 again.

    Args:
        text: the script.
        frames: whether there must be a frame line.

    Raises:
        PlanError: a frame line is not followed by a literal, or frames do not count up by one.
    """
    script = _Script(text)
    script.read()
    problems = script.problems
    if frames and not any(block.frames for block in script.blocks) and not problems:
        problems.append("plan: no line begins with a frame; begin each with 'Frame 1:' and so on")
    found = [block for block in script.blocks if block.frames or (block.number and block.prompt)]
    problems += [problem for block in found for problem in _counting_problems(block)]
    if problems:
        raise PlanError(problems)
    return found


class _Script:
    def __init__(self, text: str) -> None:
        self.text, self.places = text, Places(text)
        self.blocks: list[Block] = []
        self.problems: list[str] = []

    def read(self) -> None:
        marks = [*_HEADING.finditer(self.text), *FRAME.finditer(self.text)]
        marks.sort(key=lambda mark: mark.start())
        ends = [*(mark.start() for mark in marks[1:]), len(self.text)][: len(marks)]
        for mark, end in zip(marks, ends, strict=True):
            if len(self.problems) >= _ENOUGH:
                return
            if mark.re is FRAME:
                self._frame(mark, end)
            else:
                self._heading(mark, end)

    def _heading(self, mark: re.Match[str], end: int) -> None:
        head, scene = (mark.group("head") or "").lower(), int(mark.group("scene") or 0)
        text = mark.group("text").strip(" \t*`")
        # What a heading alone on its line is about stands below it.
        text = text or _paragraph(self.text[mark.end() : end])
        starts = bool(scene) or (head in ("caption", "prompt") and self._framed())
        if starts or not self.blocks:
            self._begin(Block(self.places.line(mark.start()), scene))
        block = self.blocks[-1]
        if head.startswith(("background", "setting")):
            block.background = said(text)
        elif head.startswith("camera"):
            block.camera = said(text)
        elif head.endswith(("entities", "objects", "characters")) or head.startswith("foreground"):
            block.entities = split_names(text)
        elif head != "reasoning":
            block.prompt = text.strip('"“”') or block.prompt

    def _begin(self, block: Block) -> None:
        if len(self.blocks) >= MAX_SCENES:
            raise PlanError(f"line {block.line}: there are more than {MAX_SCENES} scenes; cut some")
        self.blocks.append(block)

    def _framed(self) -> bool:
        return bool(self.blocks and self.blocks[-1].frames)

    def _frame(self, mark: re.Match[str], end: int) -> None:
        line, number = self.places.line(mark.start()), int(mark.group("frame"))
        begin = mark.end()
        while begin < end and self.text[begin] in " \t*`":
            begin += 1
        try:
            value, after = read_literal(self.text, begin, end, close=True)
        except LiteralError as error:
            self.problems.append(
                f"line {self.places.line(error.position)}: in frame {number}, {error}; write the "
                "frame as a list of names and boxes"
            )
            return
        if not self.blocks or (self._framed() and number <= self.blocks[-1].frames[0].number):
            self._begin(Block(line))
        rest = self.text[after:end].strip(" \t,;*`]").split("\n", 1)[0].strip(" \t,;*")
        self.blocks[-1].frames.append(FrameLine(number, line, value, rest))
        if keyword := _KEYWORD.match(rest):
            self.blocks[-1].background = said(rest[keyword.end() :])


def _paragraph(text: str) -> str:
    """Return the first paragraph of a text as one line."""
    return " ".join(_BLANK_LINE.split(text.strip(), maxsplit=1)[0].split()).strip("*`")


def _counting_problems(block: Block) -> Iterator[str]:
    first = min(block.frames[0].number, 1) if block.frames else 1
    for expected, frame in enumerate(block.frames, start=first):
        if frame.number != expected:
            yield (
                f"line {frame.line}: frame {frame.number} where frame {expected} should be; "
                "number the frames 1, 2, 3, … without gaps"
            )
            return
