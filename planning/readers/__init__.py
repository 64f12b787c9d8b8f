"""Reads plans in whatever form they come: our own JSON and the papers' text formats.

What stands around the plan in a language model's reply is seen through, and the usual damage is
repaired; where a repair would be a guess, the error names the place.
"""

import re
from collections.abc import Callable

from ..schema import PlanError, VideoPlan
from . import directt2v, lvd, scene_lines, videodirectorgpt, videostudio
from .chatter import is_html, opening_words, plain_punctuation, without_fences, without_thinking
from .drafts import Settings
from .frame_lines import FRAME
from .json_text import find_values, main_value, strict_json
from .values import read_value

__all__ = ["FORMATS", "Settings", "read_plan"]

_Reader = Callable[[str, Settings], VideoPlan]
_LVD = re.compile(
    r"Frame[ _#]?\d{1,4}[^\n\[{\"']{0,40}[:：=][\s*`]{0,9}\[\s{0,99}\{", re.IGNORECASE
)
_FRAMES = re.compile(
    r"Frame[ _#]?\d{1,4}[^\n\[{\"']{0,40}[:：=][\s*`]{0,9}(?:[\[(]\s{0,99}[\[(\"'“\]]|\{)", re.I
)
_KEYWORD = re.compile(r"Background keyword[ \t*]{0,9}:", re.IGNORECASE)
_SCENES = re.compile(
    r"[\"'“”](?:scenes|shots)[\"'“”]\s{0,9}[:：]\s{0,99}[\[{【｛]|\bscenes\s{0,9}:\s{0,99}\[\s{0,99}\{",
    re.IGNORECASE,
)

MAX_SCRIPT = 2**21

FORMATS = (
    "VideoDirector: the JSON of Save Plan",
    videostudio.FORMAT,
    videodirectorgpt.FORMAT,
    lvd.FORMAT,
    directt2v.FORMAT,
)


def read_plan(text: str, settings: Settings | None = None) -> VideoPlan:
    """Read a plan, finding out its format.

    Args:
        text: a plan in our JSON or almost, or in one of the papers' formats (see `FORMATS`), also
            inside of a language model's reply.
        settings: what the text leaves open: the prompt, frames per scene, fps and size.

    Raises:
        PlanError: the format is unknown (the known ones are listed), or the plan has problems.
    """
    settings = settings or Settings()
    value = strict_json(text)
    if value is not None:
        return read_value(value, settings)
    if len(text) > MAX_SCRIPT:
        raise PlanError(f"plan: the script is longer than {MAX_SCRIPT} characters; shorten it")
    reply = without_thinking(text)
    script = plain_punctuation(without_fences(reply))
    reader = None if _SCENES.search(script) else _reader_of_marks(script)
    if reader:
        return reader(script, settings)
    values = find_values(reply)
    if values:
        return read_value(main_value(values).value, settings)
    reader = _reader_of_marks(script)
    plan = reader(script, settings) if reader else _read_lines(script, settings)
    if plan is None:
        raise _unknown(opening_words(text), is_html(text))
    return plan


def _reader_of_marks(text: str) -> _Reader | None:
    """Return the reader of the format whose brackets are in a text."""
    if _LVD.search(text) or (_KEYWORD.search(text) and FRAME.search(text)):
        return lvd.read_lvd
    if _FRAMES.search(text):
        return videodirectorgpt.read_videodirectorgpt
    return videostudio.read_videostudio if videostudio.is_videostudio(text) else None


def _read_lines(text: str, settings: Settings) -> VideoPlan | None:
    """Read the formats that are lines with headings or numbers; None where there are none."""
    if entries := directt2v.framed(text):
        return directt2v.read_directt2v(text, entries, settings)
    if blocks := scene_lines.scene_blocks(text):
        return scene_lines.read_scene_lines(blocks, settings)
    entries = directt2v.numbered(text)
    return directt2v.read_directt2v(text, entries, settings) if entries else None


def _unknown(begins: str, html: bool) -> PlanError:
    if html:
        return PlanError(
            f"plan: line 1: this is a web page and no plan ({begins}); look whether the language "
            "model's server answers"
        )
    listed = "".join(f"\n  {form}" for form in FORMATS)
    return PlanError(
        f"plan: this is none of the formats known ({begins}); use one of these:{listed}"
    )
