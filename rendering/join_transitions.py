"""How one scene gives way to the next, one frame at a time."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise, repeat
from typing import Any

import numpy as np

from .clip_frames import Clip, ClipError

CUT = "cut"
CROSS_FADE = "cross_fade"
DIP_TO_BLACK = "dip_to_black"
HOLD = "hold"
TRANSITIONS = (CUT, CROSS_FADE, DIP_TO_BLACK, HOLD)

_ADDED = {CUT: 0, CROSS_FADE: -1, DIP_TO_BLACK: 0, HOLD: 1}  # lengths of a transition, at each


def joined_length(clips: Sequence[Clip], transition: str, length: int) -> int:
    """How many frames the joined clips have; arguments as for `joined_frames`."""
    at_each = _ADDED[transition] * length
    return sum(clip.frames for clip in clips) + at_each * (len(clips) - 1)


def joined_frames(clips: Sequence[Clip], transition: str, length: int) -> Iterator[Any]:
    """The frames of all clips in order; at most two are held at a time.

    Args:
        clips: one or more, all of one size.
        transition: cut; cross_fade, where the last ``length`` frames of a scene and the first of
            the next are shown together; dip_to_black, where the last go down to black and the
            first come up from it; hold, where the last frame stays for ``length`` frames more.
        length: in frames; not used by cut. 0 is a cut.

    Raises:
        ClipError: the transition is unknown, or a scene too short for it.
    """
    if transition not in TRANSITIONS:
        raise ClipError(
            f"the transition {transition!r} is unknown; take one of {', '.join(TRANSITIONS)}"
        )
    if length < 0:
        raise ClipError(f"a transition of {length} frames is impossible; give 0 or more")
    if transition == CUT or length == 0:
        return chain.from_iterable(clips)
    if transition == HOLD:
        return _held(clips, length)
    _check_lengths(clips, transition, length)
    return (_cross_faded if transition == CROSS_FADE else _dipped)(clips, length)


def _check_lengths(clips: Sequence[Clip], transition: str, length: int) -> None:
    for place, clip in enumerate(clips):
        sides = (place > 0) + (place < len(clips) - 1)
        if clip.frames < sides * length:
            fits = min(
                c.frames // (2 if 0 < at < len(clips) - 1 else 1) for at, c in enumerate(clips)
            )
            where = "one side" if sides == 1 else "both sides"
            raise ClipError(
                f"scene {clip.name} has {clip.frames} frames, but {transition} of {length} frames "
                f"on {where} needs {sides * length}; make the transition at most {fits} frames "
                "long, or the scene longer"
            )


def _cross_faded(clips: Sequence[Clip], length: int) -> Iterator[Any]:
    going, seen = iter(clips[0]), 0
    for clip, following in pairwise(clips):
        yield from islice(going, clip.frames - seen - length)
        coming = iter(following)
        for step, (old, new) in enumerate(zip(going, islice(coming, length), strict=True), 1):
            yield _blend(old, new, step / (length + 1))
        going, seen = coming, length
    yield from going


def _dipped(clips: Sequence[Clip], length: int) -> Iterator[Any]:
    last = len(clips) - 1
    for at, clip in enumerate(clips):
        for place, frame in enumerate(clip):
            brightness = 1.0
            if at > 0:
                brightness = place / length
            if at < last:
                brightness = min(brightness, (clip.frames - 1 - place) / length)
            yield frame if brightness >= 1.0 else _blend(frame * 0, frame, brightness)


def _held(clips: Sequence[Clip], length: int) -> Iterator[Any]:
    for clip in clips[:-1]:
        frame = None
        for frame in clip:
            yield frame
        yield from repeat(frame, length)
    yield from clips[-1]


def _blend(first: Any, second: Any, weight: float) -> Any:
    """Mix two frames; those of whole numbers are rounded, others stay as exact as they are."""
    if isinstance(first, np.ndarray) and first.dtype == np.uint8:
        mixed = first.astype(np.float32) * (1.0 - weight) + second.astype(np.float32) * weight
        return np.rint(mixed).astype(np.uint8)
    return first * (1.0 - weight) + second * weight
