"""The frames of a scene, wherever they lie, read one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    Frame = np.ndarray | Tensor  # h w 3: uint8, or floats of 0 to 1

_FINEST_RATE = 1001  # denominator of 24000/1001 and its like


class ClipError(ValueError):
    """Frames or files that can't be used; says which, and what to change."""


@dataclass(frozen=True)
class Clip:
    """The frames of one scene, in memory or in a file.

    Attributes:
        name: the scene's id, or the file's name; errors name it.
        frames: how many there are.
        fps: frames per second.
        width: in pixels.
        height: in pixels.
        read: begins to read the frames at the first; may be called again.
        channels: values per pixel.
        read_one: reads the frame of a place, counted from 0, without those before it; None where
            that is not possible.
    """

    name: str
    frames: int
    fps: Fraction
    width: int
    height: int
    read: Callable[[], Iterator[Any]]
    channels: int = 3
    read_one: Callable[[int], Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        """Read the frames, as many as were announced.

        Raises:
            ClipError: there are fewer.
        """
        count = 0
        for frame in self.read():
            if count == self.frames:
                break
            count += 1
            yield frame
        if count < self.frames:
            raise ClipError(
                f"{self.name}: reading ended after {count} of {self.frames} frames; the file is "
                "damaged, so render the scene again"
            )

    def frame(self, place: int) -> Any:
        """Read a single frame, counted from 0.

        Raises:
            ClipError: it can't be read.
        """
        if not 0 <= place < self.frames:
            raise IndexError(f"{self.name}: there is no frame {place}; it has {self.frames}")
        if self.read_one is not None:
            return self.read_one(place)
        return next(islice(self, place, None))


def clip_in_memory(name: str, images: Any, fps: float | Fraction) -> Clip:
    """A clip of frames that are in memory.

    Args:
        name: the scene's id.
        images: (f h w c), numpy or torch; uint8, or floats of 0 to 1.
        fps: frames per second.

    Raises:
        ClipError: the shape is another, or the frame rate not above 0.
    """
    if images.ndim != 4:
        raise ClipError(
            f"{name}: got images of shape {tuple(images.shape)}, but a clip is frames, height, "
            "width, channels; put its frames into one batch"
        )
    frames, height, width, channels = (int(size) for size in images.shape)
    return Clip(name, frames, exact_rate(fps), width, height, lambda: iter(images), channels)


def exact_rate(fps: float | Fraction) -> Fraction:
    """Frames per second as a fraction that video files can hold.

    Raises:
        ClipError: it is not above 0, or no number.
    """
    rate = Fraction(fps).limit_denominator(_FINEST_RATE) if 0 < fps < float("inf") else Fraction()
    if not rate:
        raise ClipError(f"a frame rate of {fps} is impossible; give frames per second above 0")
    return rate


def rgb_frames(frames: Iterable[Frame]) -> Iterator[np.ndarray]:
    """Frames as (h w 3) uint8, rounded to the nearest value, all of the first one's size.

    Raises:
        ClipError: a frame is no RGB picture, holds NaN, or differs in size.
    """
    size = None
    for place, frame in enumerate(frames):
        pixels = _in_numpy(frame)
        if pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ClipError(
                f"frame {place} has the shape {pixels.shape}, but height, width and 3 channels "
                "(RGB) are needed; take out the alpha channel if there is one"
            )
        size = size or pixels.shape
        if pixels.shape != size:
            raise ClipError(
                f"frame {place} is {pixels.shape[1]}x{pixels.shape[0]}, but the first is "
                f"{size[1]}x{size[0]}; the frames of one file need one size"
            )
        if pixels.dtype != np.uint8:
            pixels = _rounded(pixels, place)
        yield np.ascontiguousarray(pixels)


def _in_numpy(frame: Any) -> np.ndarray:
    if isinstance(frame, np.ndarray):
        return frame
    frame = frame.detach().cpu()
    return (frame.float() if frame.is_floating_point() else frame).numpy()


def _rounded(pixels: np.ndarray, place: int) -> np.ndarray:
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ClipError(
            f"frame {place} holds {pixels.dtype}; frames are uint8, or floats of 0 to 1"
        )
    if np.isnan(pixels).any():
        raise ClipError(
            f"frame {place} holds NaN, which is no colour: the model or its VAE overflowed; run "
            "it in fp32 or bf16"
        )
    return np.rint(np.clip(pixels, 0.0, 1.0) * 255.0).astype(np.uint8)
