"""Reads plans in whatever form they come: our own JSON and the papers' text formats."""

import re
from collections.abc import Callable

from ..plan_io import loads
from ..schema import PlanError, VideoPlan
from . import directt2v, lvd, videodirectorgpt, videostudio
from .drafts import Settings

__all__ = ["Settings", "read_plan"]

_Reader = Callable[[str, Settings], VideoPlan]
_FENCE = re.compile(r"^\s*```\w*[ \t]*\n(.*?)\n?```\s*$", re.DOTALL)
_LVD = re.compile(r"Frame[ _]?\d+[ \t*]*:\s*\[\s*\{|^\W*Background keyword\W*:", re.I | re.M)
_VIDEODIRECTORGPT = re.compile(r"Frame[ _]?\d+[ \t*]*:\s*(?:\[\s*\[|\[\s*\]|\{)", re.I)
_FRAME_KEY = re.compile(r"['\"]Frame[ _]?\d", re.I)
_OWN = re.compile(r"\"(?:version|scenes|fps)\"\s*:")

MAX_SCRIPT = 2**18

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
        text: a plan in our JSON (also inside a Markdown code fence) or in one of the papers'
            formats; see `FORMATS`.
        settings: what the papers' texts leave open: the prompt, frames per scene, fps and size.

    Raises:
        PlanError: the format is unknown (the known ones are listed), or the plan has problems.
    """
    fenced = _FENCE.match(text)
    plain = (fenced.group(1) if fenced else text).removeprefix("\ufeff").replace("\r\n", "\n")
    reader = _reader_for(plain)
    if reader is None:
        listed = "".join(f"\n  {form}" for form in FORMATS)
        raise PlanError(f"plan: this is none of the formats known; use one of these:{listed}")
    return reader(plain, settings or Settings())


def _reader_for(text: str) -> _Reader | None:
    braces = text.lstrip().startswith("{")
    if braces and (_OWN.search(text) or not _FRAME_KEY.search(text)):
        return _read_own
    if len(text) > MAX_SCRIPT:
        raise PlanError(f"plan: the script is longer than {MAX_SCRIPT} characters; shorten it")
    if not braces and _LVD.search(text):
        return lvd.read_lvd
    if braces or _VIDEODIRECTORGPT.search(text):
        return videodirectorgpt.read_videodirectorgpt
    if videostudio.STEP.search(text):
        return videostudio.read_videostudio
    return directt2v.read_directt2v if directt2v.is_directt2v(text) else None


def _read_own(text: str, settings: Settings) -> VideoPlan:
    return loads(text)
