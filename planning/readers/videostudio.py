"""VideoStudio's scripts, as the paper, its supplement and its code write them.

arXiv:2401.01256: `[Scene 1: prompt, foreground, background, camera move]` (equation 1),
`[scene_1: [prompt; entities: a, b; background: c]]` with the camera in a second list
`[scene_1: [moving left, fast]]` or as a last part `; camera: moving left, fast` (figures 2 and 3
of the supplement), and upstream gen_planner.py, which says `step_i`.
"""

import re
from collections.abc import Iterator

from ..schema import PlanError, VideoPlan
from .cameras import read_camera
from .drafts import DraftScene, Settings, build_plan
from .places import Places
from .scene_parts import UnclearParts, draft_scene, split_parts

FORMAT = (
    "VideoStudio: [step_1: [prompt; entities: a, b; background: c]] or "
    "[Scene 1: prompt, foreground, background, camera move]"
)
# Either a bracket opens before the number or one opens behind it.
STEP = re.compile(
    r"(?:\[[ \t*]{0,9}(?P<outer>)|\b)(?:step|scene|shot)\\?[_ -]?(?P<number>\d{1,3})"
    r"[ \t*]{0,9}(?:\][ \t]{0,9})?[:：][ \t*]{0,9}(?P<inner>\[)?",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[\[\]]")


def is_videostudio(text: str) -> bool:
    """Tell whether a text has a step in brackets."""
    return next(_marks(text), None) is not None


def read_videostudio(text: str, settings: Settings) -> VideoPlan:
    """Read the steps in their order, and the camera list where there is one.

    Raises:
        PlanError: a step that is not closed, stands twice or is missing, has no prompt, or has
            parts that cannot be told apart.
    """
    drafts: dict[int, DraftScene] = {}
    cameras: dict[int, dict[str, str]] = {}
    for number, line, body in _steps(text):
        if camera := read_camera(body):
            cameras[number] = camera
        elif number in drafts:
            raise PlanError(f"line {line}: step {number} stands twice; renumber the steps")
        elif number != len(drafts) + 1:
            raise PlanError(
                f"line {line}: step {number} where step {len(drafts) + 1} should be; "
                "number the steps 1, 2, 3, … without gaps"
            )
        else:
            drafts[number] = _scene(number, line, body)
    for number, camera in cameras.items():
        if number not in drafts:
            raise PlanError(f"step {number}: has a camera but no prompt; add the step itself")
        drafts[number].camera = camera
    return build_plan(list(drafts.values()), settings)


def _marks(text: str) -> Iterator[re.Match[str]]:
    return (
        mark
        for mark in STEP.finditer(text)
        if mark.group("outer") is not None or mark.group("inner")
    )


def _steps(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield number, line and the text inside the brackets of each step."""
    places = Places(text)
    marks = list(_marks(text))
    nexts = [*(mark.start() for mark in marks[1:]), len(text)][: len(marks)]
    for mark, limit in zip(marks, nexts, strict=True):
        line, number = places.line(mark.start()), int(mark.group("number"))
        end = _closing(text, mark.end(), limit)
        if end is None and limit == len(text):
            raise PlanError(f"line {line}: step {number} is not closed; end it with ]]")
        yield number, line, " ".join(text[mark.end() : limit if end is None else end].split())


def _closing(text: str, at: int, limit: int) -> int | None:
    """Return where the bracket is closed that is open at a place; None where it is not."""
    depth = 1
    for bracket in _BRACKET.finditer(text, at, limit):
        depth += 1 if bracket.group() == "[" else -1
        if depth == 0:
            return bracket.start()
    return None


def _scene(number: int, line: int, body: str) -> DraftScene:
    try:
        parts = split_parts(body)
    except UnclearParts:
        raise PlanError(
            f"line {line}: step {number} has parts that cannot be told apart; write "
            "[prompt; entities: a, b; background: c; camera: moving left, slow]"
        ) from None
    if not parts.prompt:
        raise PlanError(
            f"line {line}: step {number} has no prompt; write "
            "[prompt; entities: a, b; background: c]"
        )
    return draft_scene(parts, f"line {line}: step {number}")
