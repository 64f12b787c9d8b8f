"""Small pictures of a scene's frames, for a browser to show."""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from .clip_frames import rgb_frames

if TYPE_CHECKING:
    from .clip_frames import Frame

MOST_SIDE = 384  # pixels
MOST_PICTURES = 128  # of one scene
_QUALITY = 85
_GONE = "the pictures are not there any more; render the scene again"


class ScenePictures:
    """JPEGs in a folder of their own, which goes when nobody holds this object any more.

    A scene of more than MOST_PICTURES frames has pictures of that many, evenly spread.

    Args:
        frames: all frames of the scene, one after the other.
        count: how many there are.
        parent: where the folder is made.

    Raises:
        ClipError: a frame is no RGB picture.
        OSError: the folder can't be written to.
    """

    def __init__(self, frames: Iterable[Frame], count: int, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        self.frames = count
        self.bytes = 0
        self._folder = Path(tempfile.mkdtemp(prefix="video_director_", dir=parent))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        chosen = frozenset(self._place(frame) for frame in range(count))
        for place, frame in enumerate(frames):
            if place in chosen:
                self._write(place, frame)

    def read(self, frame: int) -> bytes:
        """The JPEG of a frame, or of the one nearest before it that has a picture.

        Raises:
            LookupError: there is no such frame, or somebody has cleared its picture away.
        """
        if not 0 <= frame < self.frames:
            raise LookupError(f"there is no frame {frame}; the scene has {self.frames}")
        try:
            return self._path(self._place(frame)).read_bytes()
        except OSError:
            raise LookupError(_GONE) from None

    def _place(self, frame: int) -> int:
        """The frame whose picture stands for this one."""
        if self.frames <= MOST_PICTURES:
            return frame
        part = frame * MOST_PICTURES // self.frames
        return -(-part * self.frames // MOST_PICTURES)

    def _path(self, place: int) -> Path:
        return self._folder / f"{place:05}.jpg"

    def _write(self, place: int, frame: Frame) -> None:
        (pixels,) = rgb_frames([frame])
        picture = Image.fromarray(pixels)
        picture.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=_QUALITY)
        self.bytes += self._path(place).write_bytes(buffer.getvalue())
