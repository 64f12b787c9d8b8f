"""What a lint finds, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["warning", "note"]
_SHOWN = 40


@dataclass(frozen=True)
class Finding:
    """One thing in a plan that will hardly look as wished.

    path: where, such as scenes[2].layout[0].boxes.corgi.
    message: what is so.
    advice: what to change.
    rule: the name of the rule that found it.
    severity: a warning is nearly always a mistake; a note may well be meant.
    """

    path: str
    message: str
    advice: str
    rule: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.path}: {self.message}; {self.advice}"


def notes_text(findings: Sequence[Finding]) -> str:
    """Return findings as text for a node, one a line; never empty."""
    if not findings:
        return "no findings"
    lines = [f"{finding.severity}: {finding}" for finding in findings[:_SHOWN]]
    if len(findings) > _SHOWN:
        lines.append(f"and {len(findings) - _SHOWN} more")
    return "\n".join(lines)
