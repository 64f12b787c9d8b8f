"""Pictures of a rendered scene, for whoever shows it in small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PIL import Image

from .clip_frames import rgb_frames

if TYPE_CHECKING:
    from .clip_frames import Frame


class Frames(Protocol):
    """A batch of frames (h w 3) of which single ones can be taken."""

    def __getitem__(self, place: int) -> Frame: ...


def three_pictures(frames: Frames, count: int) -> list[Image.Image]:
    """The first, the middle and the last frame; no other one is read.

    Args:
        frames: of the scene.
        count: how many there are, at least one.
    """
    wanted = [0, (count - 1) // 2, count - 1]
    places = sorted(set(wanted))
    read = rgb_frames(frames[place] for place in places)
    found = dict(zip(places, read, strict=True))
    return [Image.fromarray(found[place]) for place in wanted]
