"""VideoStudio's scripts: `[step_i: [prompt; entities: a, b; background: c]]`.

arXiv:2401.01256, figures 2 and 3 of its supplement, and upstream gen_planner.py (which says
`step_i` where the paper says `scene_i`). The camera comes in a second list,
`[scene_i: [moving left, fast]]`, or as a last part `; camera: moving left, fast`.
"""

import re
from collections.abc import Iterator

from ..schema import PlanError, VideoPlan
from .drafts import DraftScene, Settings, build_plan
from .frame_lines import number_things, said, split_names

FORMAT = "VideoStudio: [step_1: [prompt; entities: a, b; background: c]]"
STEP = re.compile(r"(?:step|scene)\\?[_ ]?(\d{1,3})[ \t]*:[ \t]*\[", re.IGNORECASE)
_PART = re.compile(r"[;,.]\s*(entities|background|camera(?: movement)?)\s*:", re.IGNORECASE)
_BRACKET = re.compile(r"[\[\]]")
_DIRECTIONS = {
    "static": "static",
    "left": "left",
    "right": "right",
    "up": "up",
    "down": "down",
    "zoom in": "zoom_in",
    "zoom out": "zoom_out",
    "forward": "zoom_in",
    "backward": "zoom_out",
}
_SPEEDS = ("slow", "medium", "fast")


def read_videostudio(text: str, settings: Settings) -> VideoPlan:
    """Read the steps in their order, and the camera list where there is one.

    Raises:
        PlanError: a step that is not closed, stands twice or is missing, or has no prompt.
    """
    drafts: dict[int, DraftScene] = {}
    cameras: dict[int, dict[str, str]] = {}
    for number, line, body in _steps(text):
        camera = _camera(body)
        if camera:
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


def _steps(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield number, line and the text between the inner brackets of each step."""
    at = 0
    while match := STEP.search(text, at):
        line = text.count("\n", 0, match.start()) + 1
        depth, at = 1, match.end()
        while depth:
            bracket = _BRACKET.search(text, at)
            if bracket is None:
                raise PlanError(f"line {line}: step {match.group(1)} is not closed; end it with ]]")
            depth += 1 if bracket.group() == "[" else -1
            at = bracket.end()
        yield int(match.group(1)), line, " ".join(text[match.end() : at - 1].split())


def _scene(number: int, line: int, body: str) -> DraftScene:
    prompt, *rest = _PART.split(body)
    parts = {rest[i].lower().split()[0]: rest[i + 1].strip() for i in range(0, len(rest), 2)}
    if not prompt.strip(" ;,."):
        raise PlanError(
            f"line {line}: step {number} has no prompt; write "
            "[prompt; entities: a, b; background: c]"
        )
    return DraftScene(
        prompt=prompt.strip(" ;,"),
        things=number_things(split_names(parts.get("entities", ""))),
        background=said(parts.get("background", "")),
        camera=_camera(parts.get("camera", "")),
    )


def _camera(text: str) -> dict[str, str]:
    """Read "moving left, fast"; {} when the text is no camera movement."""
    words = [word.strip().lower().replace("_", " ") for word in text.split(",")]
    direction = _DIRECTIONS.get(words[0].removeprefix("moving ").removeprefix("move "))
    if direction is None or len(words) > 2 or (len(words) == 2 and words[1] not in _SPEEDS):
        return {}
    return {"direction": direction, "speed": words[1] if len(words) == 2 else "medium"}
