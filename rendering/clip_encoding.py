"""Frames, and sound where there is some, into a video file. PyAV does the work."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from .clip_frames import ClipError
from .join_audio import AudioTrack, Sound

_BT709 = 1  # how H.273 numbers the matrix, the primaries and the transfer of HD video
_LIMITED = 1  # FFmpeg's number for luma of 16 to 235
RATE_TAG = "fps"  # Matroska keeps frame durations in whole nanoseconds, so 60000/1001 is lost


@dataclass(frozen=True)
class Coding:
    """How a kind of video file is made: FFmpeg's names and options."""

    container: str
    codec: str
    pixels: str
    options: dict[str, str]
    audio_codec: str | None = None
    container_options: dict[str, str] = field(default_factory=dict)


# Slices and threads are counted, as FFmpeg would take as many as there are processors: the same
# frames would give other files on another machine.
CODINGS = {
    "ffv1": Coding(
        "matroska", "ffv1", "bgr0", {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}
    ),
    "mp4": Coding(
        "mp4",
        "libx264",
        "yuv420p",
        # With x264's macroblock tree, frames of 64 pixels and less came out differently where
        # memory held other leftovers.
        {"crf": "18", "mbtree": "0", "threads": "4"},
        "aac",
        # Tags as the host's Save Video writes them, in front, where its frontend looks for them.
        {"movflags": "use_metadata_tags+faststart"},
    ),
    "webm": Coding(
        "webm",
        "libvpx-vp9",
        "yuv420p",
        {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "threads": "4"},
        "libopus",
    ),
}


def encode_video(
    path: Path,
    frames: Iterator[np.ndarray],
    kind: str,
    fps: Fraction,
    metadata: Mapping[str, str],
    sound: Sound | None = None,
) -> int:
    """Write a video file, one frame at a time; returns how many frames there were.

    Args:
        path: what to write; its ending does not matter.
        frames: (h w 3) uint8, all of one size.
        kind: a key of CODINGS.
        fps: frames per second.
        metadata: tags of the file.
        sound: cut or filled with silence to the video's length.

    Raises:
        ClipError: there are no frames, or this kind of file can't hold such frames or sound.
    """
    coding = CODINGS[kind]
    first = next(frames, None)
    if first is None:
        raise ClipError("there are no frames to write")
    height, width, _ = first.shape
    if kind == "mp4" and (width % 2 or height % 2):
        raise ClipError(
            f"the frames are {width}x{height}, but mp4 needs an even width and height; take webm, "
            "ffv1 or png, or a size that is a multiple of 2"
        )
    if sound is not None and coding.audio_codec is None:
        raise ClipError(f"{kind} files are written without sound; take mp4 or webm")
    # Without bitexact the file would hold a random number; equal frames should give equal files.
    options = {"fflags": "+bitexact", **coding.container_options}
    with av.open(str(path), "w", format=coding.container, options=options) as container:
        for name, text in {**metadata, RATE_TAG: str(fps)}.items():
            container.metadata[name] = text
        stream = _video_stream(container, coding, fps, width, height)
        track = sound and AudioTrack(container, coding.audio_codec, sound)
        count = 0
        for count, pixels in enumerate(chain([first], frames), 1):
            container.mux(stream.encode(_picture(pixels, coding, count - 1, fps)))
            if track:
                track.write_until(count / fps)
        container.mux(stream.encode(None))
        if track:
            track.finish()
    return count


def _video_stream(
    container: av.container.OutputContainer, coding: Coding, fps: Fraction, width: int, height: int
) -> av.VideoStream:
    stream = container.add_stream(coding.codec, rate=fps, options=dict(coding.options))
    stream.width, stream.height, stream.pix_fmt = width, height, coding.pixels
    if coding.pixels == "yuv420p":
        codec = stream.codec_context
        codec.colorspace = codec.color_primaries = codec.color_trc = _BT709
        codec.color_range = _LIMITED
    return stream


def _picture(pixels: np.ndarray, coding: Coding, place: int, fps: Fraction) -> av.VideoFrame:
    picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    if coding.pixels == "yuv420p":
        # Said in full: a converter left to itself takes the matrix of standard definition.
        picture = picture.reformat(
            format=coding.pixels,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
    else:
        picture = picture.reformat(format=coding.pixels)
    picture.pts, picture.time_base = place, 1 / fps
    return picture
