"""The clip in a take of a run folder, whoever put it there."""

from pathlib import Path

from .clip_files import SUFFIXES, open_clip
from .clip_frames import Clip

CLIP = "clip"  # a take's file or folder of pictures, whatever its suffix


def open_take(folder: Path, scene: str) -> Clip:
    """The clip in a take's folder.

    Args:
        folder: with one file or folder called ``CLIP``, in any of the formats.
        scene: the scene's id, for messages.

    Raises:
        ClipError: there is none, or it is damaged.
    """
    found = [folder / f"{CLIP}{suffix}" for suffix in SUFFIXES.values()]
    path = next((path for path in found if path.exists()), folder / CLIP)
    return open_clip(path, scene)
