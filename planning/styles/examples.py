"""Worked examples, shown to a language model as earlier turns of the dialogue.

VideoStudio (arXiv:2401.01256, section 3.1) gives five in-context examples of various scenes, key
objects and backgrounds as history. Ours are data beside this file: whole answers of the style
`director`, from which the other styles' answers are taken, and frame by frame descriptions.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..request import PlanRequest

_HERE = Path(__file__).parent
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset("the and with his her its their into from over another one two then".split())


@dataclass(frozen=True)
class Example:
    """A request and a good answer to it."""

    request: PlanRequest
    answer: Mapping[str, Any]

    @property
    def scenes(self) -> list[dict[str, Any]]:
        """The scenes of the answer."""
        return list(self.answer.get("scenes", []))

    @property
    def text(self) -> str:
        """The words by which it is found."""
        told = [scene["prompt"] for scene in self.scenes] + list(self.answer.get("frames", []))
        return " ".join([self.request.prompt, *told])


@cache
def scene_examples() -> tuple[Example, ...]:
    """The examples of videos in scenes, the most general ones first."""
    return _load("examples.json")


@cache
def frame_examples() -> tuple[Example, ...]:
    """The examples of videos that are told frame by frame."""
    return _load("frame_examples.json")


def choose(examples: Sequence[Example], request: PlanRequest, count: int) -> list[Example]:
    """Choose examples that are like a request, the most similar one last.

    It is last because language models heed most what they read last.

    Args:
        examples: to choose from.
        request: what is wanted; words it shares with an example count most (those of the prompt
            twice), then the number of scenes where it is given, then whether the camera may move.
        count: how many.
    """
    wanted = _words(request.prompt)

    def distance(example: Example) -> tuple[int, int, bool]:
        shared = len(wanted & _words(example.text)) + len(wanted & _words(example.request.prompt))
        scenes = abs(len(example.scenes) - request.scenes) if request.scenes else 0
        return -shared, scenes, example.request.camera != request.camera

    return sorted(examples, key=distance)[:count][::-1]


def _load(name: str) -> tuple[Example, ...]:
    entries = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return tuple(Example(PlanRequest(**entry["request"]), entry["answer"]) for entry in entries)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold())) - _COMMON
