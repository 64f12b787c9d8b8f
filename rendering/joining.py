"""One video of many scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from .clip_files import write_clip
from .clip_frames import Clip, ClipError, exact_rate
from .join_audio import open_sound
from .join_transitions import CUT, joined_frames


def join_clips(
    clips: Sequence[Clip],
    path: Path,
    kind: str = "mp4",
    *,
    transition: str = CUT,
    transition_frames: int = 0,
    fps: float | Fraction | None = None,
    audio: Mapping[str, Any] | str | Path | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Clip:
    """Join scenes into one file, one frame at a time; returns the joined video.

    Args:
        clips: the scenes in order, in memory or in files.
        path: the file, or for png the folder, to write; it is whole or not there.
        kind: mp4, webm, ffv1 or png.
        transition: between neighbours: cut, cross_fade, dip_to_black or hold.
        transition_frames: how long it is; cut does not use it.
        fps: frames per second of the whole, whatever the scenes' own; None takes theirs.
        audio: a file, or the host's AUDIO, for mp4 and webm; cut or filled with silence to the
            video's length.
        metadata: text by name, such as {"workflow": JSON}, kept in the file.

    Raises:
        ClipError: there are no scenes, they do not fit together or are too short for the
            transition, or a file is damaged.
        OSError: the disk is full, or the place can't be written to.
    """
    rate = common_rate(clips, fps)
    check_sizes(clips)
    frames = joined_frames(clips, transition, transition_frames)
    sound = None if audio is None else open_sound(audio)
    return write_clip(path, frames, kind, rate, metadata, sound)


def common_rate(clips: Sequence[Clip], fps: float | Fraction | None = None) -> Fraction:
    """The frame rate that is given, else the one that all scenes have.

    Raises:
        ClipError: there are no scenes, or none is given and theirs differ.
    """
    if not clips:
        raise ClipError("there are no scenes; render at least one")
    if fps is not None:
        return exact_rate(fps)
    if len({clip.fps for clip in clips}) > 1:
        rates = ", ".join(f"{clip.name} {float(clip.fps):g}" for clip in clips)
        raise ClipError(
            f"the scenes differ in frames per second ({rates}); give the fps of the whole, or "
            "render them at one rate"
        )
    return clips[0].fps


def check_sizes(clips: Sequence[Clip]) -> None:
    """Raise ClipError where scenes differ in size."""
    if len({(clip.width, clip.height, clip.channels) for clip in clips}) > 1:
        sizes = ", ".join(
            f"{clip.name} {clip.width}x{clip.height} with {clip.channels} channels"
            for clip in clips
        )
        raise ClipError(
            f"the scenes differ in size ({sizes}); render them at one size, or resize the odd ones "
            "before they are joined"
        )
