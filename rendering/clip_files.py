"""Clips as files: whole or not there at all, written and read one frame at a time.

| format | file | what is kept |
| --- | --- | --- |
| ffv1 | .mkv | every pixel |
| png | a folder of 00000.png, 00001.png … | every pixel |
| mp4 | .mp4, h264 | what the eye sees |
| webm | .webm, vp9 | what the eye sees |
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image, PngImagePlugin

from .clip_encoding import RATE_TAG, encode_video
from .clip_frames import Clip, ClipError, exact_rate, rgb_frames

if TYPE_CHECKING:
    from .clip_frames import Frame
    from .join_audio import Sound

SUFFIXES = {"ffv1": ".mkv", "png": "", "mp4": ".mp4", "webm": ".webm"}
_PNG_EFFORT = 4  # the host's own


def write_clip(
    path: Path,
    frames: Iterable[Frame],
    kind: str,
    fps: float | Fraction,
    metadata: Mapping[str, str] | None = None,
    sound: Sound | None = None,
) -> Clip:
    """Write frames to a file, or to a folder of pictures; returns the clip to read them again.

    A file of this name is replaced, a folder is not. What was written is counted again before it
    gets its name, as a disk that fills up is not always reported.

    Args:
        path: the file or folder; folders above it are made.
        frames: (h w 3), uint8 or floats of 0 to 1, taken one at a time.
        kind: a key of SUFFIXES.
        fps: frames per second.
        metadata: text by name, such as {"workflow": JSON}, kept in the file; in each of pictures.
        sound: what is heard, for mp4 and webm.

    Raises:
        ClipError: the frames or the sound can't be written so, or the folder is there already.
        OSError: the disk is full, or the place can't be written to.
    """
    if kind not in SUFFIXES:
        raise ClipError(f"the format {kind!r} is unknown; take one of {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise ClipError(f"the folder {path.name} is there already; give another name")
    rate = exact_rate(fps)
    pixels = rgb_frames(frames)
    with _failure_named(path, kind), whole_or_nothing(path) as place:
        if kind == "png":
            written = _write_pictures(place, pixels, rate, metadata or {}, sound)
        else:
            written = encode_video(place, pixels, kind, rate, metadata or {}, sound)
        found = open_clip(place)
        if (found.frames, found.fps) != (written, rate):
            raise ClipError(
                f"{path.name}: {written} frames were written at {rate} fps, but "
                f"{found.frames} at {found.fps} can be read again; the disk may be full, so make "
                "room and try again"
            )
    if kind == "png":
        reading = {"read": partial(_read_pictures, path), "read_one": partial(_read_picture, path)}
    else:
        reading = {"read": partial(_read_video, path), "read_one": partial(_read_still, path, rate)}
    return replace(found, **reading)


def open_clip(path: Path, name: str | None = None) -> Clip:
    """Look at a file or a folder of pictures; its frames are read only when asked for.

    Args:
        path: a video file, or a folder as `write_clip` makes it.
        name: what errors call it; else the file's name.

    Raises:
        ClipError: it is missing, damaged, or no clip.
    """
    name = name or path.stem
    with _damage_named(path):
        return _open_pictures(path, name) if path.is_dir() else _open_video(path, name)


@contextmanager
def whole_or_nothing(path: Path) -> Iterator[Path]:
    """A place to write to that becomes ``path`` at the end; on failure nothing is left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=path.parent))
    try:
        yield folder / path.name
        os.replace(folder / path.name, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _failure_named(path: Path, kind: str) -> Iterator[None]:
    """Say which file can't be written, and not in which folder of the user's."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), path.name) from None
    except av.error.FFmpegError as error:
        raise ClipError(
            f"{path.name} can't be written as {kind} ({error.strerror}); take another format"
        ) from error


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turn what PyAV and Pillow say of a damaged file into a ClipError."""
    try:
        yield
    except (av.error.FFmpegError, OSError, SyntaxError) as error:  # SyntaxError: a broken PNG
        reason = getattr(error, "strerror", None) or error
        raise ClipError(
            f"{path.name} can't be read ({reason}); it is missing or damaged, so render the scene "
            "again"
        ) from error


def _open_video(path: Path, name: str) -> Clip:
    with av.open(str(path)) as container:
        if not container.streams.video:
            raise ClipError(f"{path.name} holds no pictures; give a video file")
        stream = container.streams.video[0]
        tags = {key.lower(): text for key, text in container.metadata.items()}  # mkv shouts
        rate = _tagged_rate(tags.get(RATE_TAG)) or exact_rate(stream.average_rate or 0)
        # Matroska does not say how many frames there are; counting packets decodes none.
        packets = (packet for packet in container.demux(stream) if not packet.is_corrupt)
        times = [packet.pts for packet in packets if packet.size]
        frames = len(times)
        size = stream.width, stream.height
        even = _evenly_spaced(times, stream.time_base, rate)
    if not frames:
        raise ClipError(f"{path.name} has no frames; it is damaged, so render the scene again")
    read_one = partial(_read_still, path, rate) if even else None
    return Clip(name, frames, rate, *size, partial(_read_video, path), read_one=read_one)


def _evenly_spaced(times: list[int | None], unit: Fraction, rate: Fraction) -> bool:
    """Whether each frame stands where its number and the rate say, so that it can be found."""
    if None in times:
        return False
    return [round(time * unit * rate) for time in sorted(times)] == list(range(len(times)))


def _tagged_rate(text: str | None) -> Fraction | None:
    """The rate `write_clip` noted; None where the file comes from elsewhere."""
    return Fraction(text) if text and re.fullmatch(r"[1-9]\d*(/[1-9]\d*)?", text) else None


def _read_video(path: Path) -> Iterator[np.ndarray]:
    with _damage_named(path), av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def _read_still(path: Path, rate: Fraction, place: int) -> np.ndarray:
    """One frame; in ffv1, where each stands for itself, hardly another one is looked at."""
    with _damage_named(path), av.open(str(path)) as container:
        stream = container.streams.video[0]
        container.seek(int(place / rate / stream.time_base), stream=stream)  # at it or before it
        for frame in container.decode(stream):
            if round(frame.pts * stream.time_base * rate) == place:
                return frame.to_ndarray(format="rgb24")
    raise ClipError(f"{path.name} ends before frame {place}; it is damaged, so render it again")


def _write_pictures(
    folder: Path,
    frames: Iterator[np.ndarray],
    fps: Fraction,
    metadata: Mapping[str, str],
    sound: Sound | None,
) -> int:
    if sound is not None:
        raise ClipError("pictures hold no sound; take mp4 or webm")
    tags = PngImagePlugin.PngInfo()
    for name, text in {**metadata, RATE_TAG: str(fps)}.items():
        tags.add_text(name, text)
    folder.mkdir()
    count = 0
    for count, pixels in enumerate(frames, 1):
        picture = Image.fromarray(pixels)
        picture.save(folder / picture_name(count - 1), pnginfo=tags, compress_level=_PNG_EFFORT)
    if not count:
        raise ClipError("there are no frames to write")
    return count


def picture_name(place: int) -> str:
    """The file name of a frame of a png clip, counted from 0."""
    return f"{place:05}.png"


def _open_pictures(folder: Path, name: str) -> Clip:
    found = {entry.name for entry in os.scandir(folder) if entry.name.endswith(".png")}
    if not found:
        raise ClipError(f"the folder {folder.name} holds no pictures; render the scene again")
    missing = [place for place in range(len(found)) if picture_name(place) not in found]
    if missing:
        raise ClipError(
            f"the folder {folder.name} has {len(found)} pictures, but {picture_name(missing[0])} "
            "is not among them; render the scene again"
        )
    with Image.open(folder / picture_name(0)) as first:
        rate, size = _tagged_rate(first.info.get(RATE_TAG)), first.size
    if rate is None:
        raise ClipError(
            f"the pictures of the folder {folder.name} do not say their frames per second; give a "
            "folder that the scene runner or Save Scenes wrote"
        )
    reading = partial(_read_pictures, folder)
    return Clip(name, len(found), rate, *size, reading, read_one=partial(_read_picture, folder))


def _read_pictures(folder: Path) -> Iterator[np.ndarray]:
    place = 0
    while (folder / picture_name(place)).is_file():
        yield _read_picture(folder, place)
        place += 1


def _read_picture(folder: Path, place: int) -> np.ndarray:
    path = folder / picture_name(place)
    with _damage_named(path), Image.open(path) as picture:
        return np.array(picture.convert("RGB"))
