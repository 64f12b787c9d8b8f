"""A camera's path as a person types it: one line for every frame that is told."""

import re

from pydantic import ValidationError

from .problems import describe
from .schema import CameraPose, PlanError

_LINE = re.compile(r"^\s*(?:frame\s*)?(\d{1,6})\s*:\s*(.*)$", re.IGNORECASE)
_VALUE = re.compile(r"^(pan_x|pan_y|zoom|roll)\s*[=:]?\s*([-+]?\d*\.?\d+)$", re.IGNORECASE)
_EXAMPLE = '"8: pan_x 0.25, zoom 1.5"'


def read_path(text: str) -> list[CameraPose]:
    """Read lines such as "8: pan_x 0.25, zoom 1.5"; what a line leaves out is as at rest.

    Raises:
        PlanError: with every line that cannot be read, or frames that do not ascend.
    """
    poses: list[CameraPose] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            pose = _read_line(line)
        except PlanError as error:
            problems += [f"line {number}: {problem}" for problem in error.problems]
            continue
        if poses and pose.frame <= poses[-1].frame:
            problems.append(
                f"line {number}: frame {pose.frame} does not come after frame {poses[-1].frame}; "
                "sort the lines by frame and give each frame once"
            )
        poses.append(pose)
    if problems:
        raise PlanError(problems)
    return poses


def _read_line(line: str) -> CameraPose:
    match = _LINE.match(line)
    if match is None:
        raise PlanError(f"{line.strip()[:60]!r} has no frame; write it as {_EXAMPLE}")
    values: dict[str, float] = {}
    for part in match[2].split(","):
        told = _VALUE.match(part.strip())
        if told is None or told[1].lower() in values:
            raise PlanError(
                f"{part.strip()[:60]!r} is not one of pan_x, pan_y, zoom and roll with a number, "
                f"each once; write the line as {_EXAMPLE}"
            )
        values[told[1].lower()] = float(told[2])
    try:
        return CameraPose(frame=int(match[1]), **values)
    except ValidationError as error:
        raise PlanError(describe(error, CameraPose)) from error
