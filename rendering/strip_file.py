"""The film strip of one rendering in a file, drawn again when its scenes are ready."""

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from .film_strip import StripScene, draw_film_strip
from .run_disk import replace_file


class StripFile:
    """A PNG of its own name.

    Args:
        folder: where it is written.
        scenes: all that are shown, in order; without pictures.
        size: width and height of their frames.
    """

    def __init__(self, folder: Path, scenes: Sequence[StripScene], size: tuple[int, int]) -> None:
        self.path = folder / f"film_strip_{secrets.token_hex(8)}.png"
        self._scenes, self._size = scenes, size

    def write(self, pictures: Mapping[str, Sequence[Image.Image]]) -> None:
        """Draw the strip with the first, middle and last frames of the scenes that have some.

        Raises:
            OSError: the folder can't be written to.
        """
        shown = [replace(scene, pictures=pictures.get(scene.id)) for scene in self._scenes]
        file = io.BytesIO()
        draw_film_strip(shown, self._size).save(file, "PNG")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self.path, file.getvalue())
