"""DirecT2V's frame-level direction: one description per frame.

arXiv:2305.14330, figure 3: `Frame 1 (00:00) A bright, sunny park …`, several frames in one
paragraph or each on its line; a numbered list (`1. A bright park …`) and a list of quoted texts
(`["A bright park …", "…"]`) are read the same way. Frames that count from 1 again are a next
scene.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..schema import PlanError, VideoPlan
from .drafts import DraftScene, Settings, build_plan
from .places import Places

FORMAT = 'DirecT2V: Frame 1 (00:00) description, Frame 2 (00:01) … or 1. 2. 3. lines or ["…", "…"]'
_TIME = r"[(\[]\d{1,2}[:.]\d{2}(?:[.:]\d{1,3})?[^()\[\]\n]{0,20}[)\]]"
_FRAME = re.compile(
    rf"(?:^[ \t>*#`•-]*(?:\d{{1,4}}[.)][ \t*]*)?(?:Key)?[ -]?Frame[ _#]*(\d{{1,4}})\b"
    rf"(?:[ ]?(?:/|of)[ ]?\d{{1,4}})?[ \t*]*"
    rf"(?:{_TIME}|\([^()\n]{{0,30}}\))?[ \t*]*[:：.\-–—]?"
    rf"|\bFrame[ _#]?(\d{{1,4}})[ \t*]*{_TIME}[ \t*]*[:：.\-–—]?"
    r"|^[ \t>*#-]*第[ ]?(\d{1,4})[ ]?帧[ \t*]*[:：]?)",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(r"^[ \t>]*(\d{1,4})[.)、][ \t]+", re.MULTILINE)
_HEADING = re.compile(r"^[ \t>*#]*(?:Scene|Shot)[ _]?\d{1,3}\b", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_USER_PROMPT = re.compile(
    r"^[ \t]*(?:Setting[ \t]+)?(?:User[ \t]+)?Prompt[ \t]*:?[ \t]*[\"“](.+?)[\"”]",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class Entry:
    """A frame's number, where it stands, and what it shows."""

    number: int
    at: int
    description: str


def framed(text: str) -> list[Entry]:
    """Return the descriptions of a text that calls them frames; [] for fewer than two."""
    named = "frame" in text.lower() or "帧" in text
    return _entries(_FRAME, text) if named else []


def numbered(text: str) -> list[Entry]:
    """Return the items of a text that numbers them; [] for fewer than two."""
    return _entries(_LISTED, text)


def read_directt2v(text: str, entries: Sequence[Entry], settings: Settings) -> VideoPlan:
    """Read a scene with a prompt for every frame.

    Raises:
        PlanError: frames are missing, stand twice or have no description.
    """
    places = Places(text)
    scenes: list[list[str]] = []
    first = expected = 0
    for entry in entries:
        if not scenes or (entry.number == first and len(scenes[-1]) > 1):
            scenes.append([])
            first = expected = min(entry.number, 1)
        line = places.line(entry.at)
        if entry.number != expected:
            raise PlanError(
                f"frame {entry.number}: stands where frame {expected} should be, in line {line}; "
                "describe every frame once, in order"
            )
        if not entry.description:
            raise PlanError(
                f"frame {entry.number}: has no description, in line {line}; say what the frame "
                "shows"
            )
        scenes[-1].append(entry.description)
        expected += 1
    user = _USER_PROMPT.search(text)
    return frames_plan(scenes, settings, user.group(1) if user else "")


def frames_plan(scenes: Sequence[list[str]], settings: Settings, prompt: str = "") -> VideoPlan:
    """Make a plan of the frames' descriptions of each scene.

    Args:
        scenes: the descriptions.
        settings: whose prompt comes before the text's own.
        prompt: what the text says the video is about.

    Raises:
        PlanError: a description is empty, or there are too many.
    """
    told = settings.prompt.strip() or prompt
    drafts = [
        DraftScene(prompt=told if told and len(scenes) == 1 else prompts[0], frame_prompts=prompts)
        for prompts in scenes
    ]
    return build_plan(drafts, settings, told)


def _entries(pattern: re.Pattern[str], text: str) -> list[Entry]:
    matches = list(pattern.finditer(text))
    numbers = [int(match[match.lastindex or 0]) for match in matches]
    if len(numbers) < 2 or numbers[0] > 1:
        return []
    headings = [match.start() for match in _HEADING.finditer(text)]
    ends = _ends([match.start() for match in matches], headings, len(text))
    bodies = [text[match.end() : end] for match, end in zip(matches, ends, strict=True)]
    bodies[-1] = _without_farewell(bodies)
    return [
        Entry(number, match.start(), " ".join(body.split()).strip(' *#-`"“”'))
        for number, match, body in zip(numbers, matches, bodies, strict=True)
    ]


def _ends(starts: list[int], headings: list[int], end: int) -> list[int]:
    """Return where each entry ends: at the next entry, or at a heading between the two."""
    ends, place = [], 0
    for start, after in zip(starts, [*starts[1:], end], strict=True):
        while place < len(headings) and headings[place] <= start:
            place += 1
        within = place < len(headings) and headings[place] < after
        ends.append(headings[place] if within else after)
    return ends


def _without_farewell(bodies: list[str]) -> str:
    """Return the last body with no more paragraphs than the others have."""
    most = max(len(_paragraphs(body)) for body in bodies[:-1])
    return "\n".join(_paragraphs(bodies[-1])[: max(most, 1)])


def _paragraphs(body: str) -> list[str]:
    return [part for part in _BLANK_LINE.split(body) if part.strip(" \t\n*-#")]
