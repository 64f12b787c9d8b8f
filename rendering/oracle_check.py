"""Reads a finished video with the miniature's oracle: are the asked objects in the frames?

A check of the miniature that every demo prints about itself, made on the delivered, compressed
video and not on the pictures before it.
"""

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
from PIL import Image

from ..miniature import vocabulary
from ..miniature.oracle import Found, Reading, read_picture
from ..planning.layout import boxes_at
from ..planning.schema import Scene, VideoPlan

READ_SIZE = (128, 128)
SINGULAR = {plural: kind for kind, plural in vocabulary.PLURALS.items()}


@dataclass(frozen=True)
class OracleCheck:
    """Counts over all frames.

    unreadable: names of the entities the oracle has no word for.
    looks: how often entities that several scenes share were found, and how often they were found
        with the mark and second colour that each of them has most often.
    """

    objects_asked: int
    objects_found: int
    frames: int
    frames_complete: int
    unreadable: tuple[str, ...]
    looks: tuple[int, int]

    def sentence(self) -> str:
        """The check as one line for the terminal."""
        if not self.objects_asked:
            return "The prompt asks for nothing that the miniature can draw; nothing was checked."
        share = self.objects_found / self.objects_asked
        complete = self.frames_complete / self.frames
        unread = f" Not checked: {', '.join(self.unreadable)}." if self.unreadable else ""
        return (
            f"The oracle found {self.objects_found} of {self.objects_asked} asked objects "
            f"({share:.0%}); {self.frames_complete} of {self.frames} frames ({complete:.0%}) show "
            f"all that was asked of them.{self._looks()}{unread}"
        )

    def _looks(self) -> str:
        found, same = self.looks
        if not found:
            return ""
        return f" What several scenes share looks the same in {same} of {found} findings."


def check_video(video: bytes, plan: VideoPlan) -> OracleCheck:
    """Read every frame of ``video`` and look for what its scene of ``plan`` asks.

    Raises:
        ValueError: the video has another number of frames than the plan.
    """
    asked = [_asked(plan, scene, frame) for scene in plan.scenes for frame in range(scene.frames)]
    frames = read_frames(video)
    if len(frames) != len(asked):
        raise ValueError(f"the video has {len(frames)} frames and its plan {len(asked)}")
    read = [
        _read(frame).objects if wanted else () for frame, wanted in zip(frames, asked, strict=True)
    ]
    found = [_count_found(there, wanted) for there, wanted in zip(read, asked, strict=True)]
    totals = [wanted.total() for wanted in asked]
    return OracleCheck(
        objects_asked=sum(totals),
        objects_found=sum(found),
        frames=len(frames),
        frames_complete=sum(a == b for a, b in zip(found, totals, strict=True)),
        unreadable=tuple(
            entity.name
            for entity in plan.entities
            if entity.kind == "foreground" and drawable(entity.name) is None
        ),
        looks=_same_looks(plan, asked, read),
    )


def drawable(name: str) -> tuple[str, str | None] | None:
    """Kind and colour that a name asks for ("the red ball": ball, red); None for other things."""
    words = re.findall(r"[a-z]+", name.lower())
    kinds = [SINGULAR.get(word, word) for word in words]
    kind = next((word for word in kinds if word in vocabulary.KINDS), None)
    colour = next((word for word in words if word in vocabulary.COLOURS), None)
    return None if kind is None else (kind, colour)


def read_frames(video: bytes) -> list[np.ndarray]:
    """All frames of a video file, uint8 [h, w, 3]."""
    with av.open(io.BytesIO(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def _asked(plan: VideoPlan, scene: Scene, frame: int) -> Counter:
    """How many of each (kind, colour) the frame shall show: those that have a box at that time."""
    names = {entity.id: entity.name for entity in plan.entities}
    present = boxes_at(scene, frame) if scene.layout else scene.entities
    wanted = (drawable(names[entity]) for entity in scene.entities if entity in present)
    return Counter(one for one in wanted if one is not None)


def _read(frame: np.ndarray) -> Reading:
    shown = Image.fromarray(frame).resize(READ_SIZE, Image.Resampling.LANCZOS)
    return read_picture(np.asarray(shown))


def _count_found(objects: Sequence[Found], wanted: Counter) -> int:
    there = Counter((one.kind, one.colour) for one in objects)
    count = 0
    for kind, colour in sorted(wanted.elements(), key=lambda one: one[1] is None):
        match = next(
            (key for key, n in there.items() if n and key[0] == kind and colour in (None, key[1])),
            None,
        )
        if match:  # each object answers one question only; questions with a colour come first
            there[match] -= 1
            count += 1
    return count


def _same_looks(
    plan: VideoPlan, asked: Sequence[Counter], read: Sequence[Sequence[Found]]
) -> tuple[int, int]:
    """Of what several scenes share: times it was found, and times it had its usual look.

    Where a frame shows several of one kind and colour, none of them is taken for the entity.
    """
    findings = [0, 0]
    for entity in plan.entities:
        wanted = drawable(entity.name)
        scenes = sum(entity.id in scene.entities for scene in plan.scenes)
        if wanted is None or scenes < 2:
            continue
        kind, colour = wanted
        looks: Counter = Counter()
        for there, expected in zip(read, asked, strict=True):
            own = [one for one in there if one.kind == kind and colour in (None, one.colour)]
            if expected[wanted] == len(own) == 1:
                looks[own[0].colour, own[0].mark, own[0].second_colour] += 1
        findings[0] += looks.total()
        findings[1] += max(looks.values(), default=0)
    return findings[0], findings[1]
