"""Reads what things do from where the oracle finds them, frame after frame.

Every motion is a known shape over time with unknown amplitudes. Each is fitted to the track by
least squares; the one that explains most, with amplitudes as large and of the sign that such a
motion has, is what the thing does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .backgrounds import SIZE
from .motions import MOTIONS, Motion, times
from .oracle import Reading

_LEAST = 0.55  # of the smallest amplitude that is drawn
_UNEXPLAINED = 0.35  # of a track's spread, beyond which it is none of the motions
_SPREAD = 3.0  # pixels; a thing that moves less stands still

Track = list[tuple[float, float] | None]


def find_tracks(readings: Sequence[Reading]) -> dict[tuple[str, str], Track]:
    """Centres in pixels of every thing of the first frame, by kind and colour; None where lost."""
    tracks: dict[tuple[str, str], Track] = {}
    for found in readings[0].objects:
        key = found.kind, found.colour
        if key in tracks:
            continue
        track: Track = []
        for reading in readings:
            same = reading.of(*key)
            best = min(same, key=lambda one: _away(one.box, track), default=None)
            track.append(None if best is None else _centre(best.box))
        tracks[key] = track
    return tracks


def _centre(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2 * SIZE, (box[1] + box[3]) / 2 * SIZE


def _away(box: tuple[float, float, float, float], track: Track) -> float:
    last = next((one for one in reversed(track) if one is not None), None)
    if last is None:
        return 0.0
    x, y = _centre(box)
    return float(np.hypot(x - last[0], y - last[1]))


def read_motion(track: Track) -> str | None:
    """The label of what a thing does; None where it stands still or does none of them.

    Frames in which it was lost are passed over; more than a quarter of them leave no reading.
    """
    seen = [number for number, place in enumerate(track) if place is not None]
    if len(seen) < 0.75 * len(track) or len(seen) < 4:
        return None
    places = np.array([track[number] for number in seen], dtype=float)
    t = times(len(track))
    if np.ptp(places, axis=0).max() < _SPREAD:
        return None
    errors = {
        label: error
        for label, motion in MOTIONS.items()
        if (error := _unexplained(motion, places, t, seen)) is not None
    }
    best = min(errors, key=lambda label: errors[label], default=None)
    return best if best is not None and errors[best] <= _UNEXPLAINED else None


def _unexplained(
    motion: Motion, places: np.ndarray, t: np.ndarray, seen: list[int]
) -> float | None:
    """Share of the track's spread that a motion leaves; None where its amplitudes do not fit."""
    left = 0.0
    for axis, shape, limits in ((0, motion.x, motion.width), (1, motion.y, motion.height)):
        values, wave = places[:, axis], shape(t)[seen]
        if limits == (0.0, 0.0):
            left += float(((values - values.mean()) ** 2).sum())
            continue
        basis = np.stack([np.ones(len(seen)), wave], axis=1)
        found, *_ = np.linalg.lstsq(basis, values, rcond=None)
        amplitude = abs(found[1]) if axis == 0 and motion.both_ways else found[1]
        if amplitude < _LEAST * limits[0]:
            return None
        left += float(((values - basis @ found) ** 2).sum())
    whole = float(((places - places.mean(0)) ** 2).sum())
    return left / max(whole, 1e-9)
