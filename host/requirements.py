"""Which packages each command needs: the host's, the pack's own, and the extras of pyproject.toml.

Read with the standard library alone: Python 3.10 has no tomllib, and nothing is installed yet.
"""

import ast
import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The known-good set for ComfyUI 0.30: torchaudio 2.11 is its last release and refuses a torch
# built for another CUDA; torchvision's CUDA build does not import on a CPU-only torch.
TORCH = ("torch==2.11.0", "torchvision==0.26.0", "torchaudio==2.11.0")
BASE = "base"


def requirements_of(group: str, host_dir: Path, project: Path = ROOT) -> list[str]:
    """Requirement lines of "base" (host and pack) or of an extra of pyproject.toml.

    Raises:
        KeyError: pyproject.toml has no such extra.
    """
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    if group != BASE:
        return _array(text, "project.optional-dependencies", group)
    lines = (host_dir / "requirements.txt").read_text(encoding="utf-8").splitlines()
    host = [line.split("#")[0].strip() for line in lines]
    return [*TORCH, *filter(None, host), *_array(text, "project", "dependencies")]


def digest_of(requirements: list[str]) -> str:
    """A short name for exactly this list."""
    return hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:16]


def _array(text: str, table: str, key: str) -> list[str]:
    """An array of strings in a TOML table; such an array is also a Python list."""
    section = re.search(rf"^\[{re.escape(table)}\]$(.*?)(?=^\[[a-z]|\Z)", text, re.M | re.S)
    start = re.search(rf"^{re.escape(key)} = \[", section.group(1), re.M) if section else None
    if start is None:
        raise KeyError(f"pyproject.toml has no [{table}] {key}")
    body = section.group(1)[start.end() - 1 :]
    for end in (found.end() for found in re.finditer(r"\]", body)):
        try:
            return list(ast.literal_eval(body[:end]))
        except SyntaxError:
            continue  # this bracket stood inside a string
    raise KeyError(f"pyproject.toml: [{table}] {key} is no array of strings")
