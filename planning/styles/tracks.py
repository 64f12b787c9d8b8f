"""From the rows of boxes that a language model writes to the keyframes of a scene.

A row says where one entity is at one frame. Every entity has its own rows: it is seen from its
first to its last one, and to the end where it has only one. Keyframes tell all entities at once
(see `layout.py`), so an entity's boxes at the other ones' frames are interpolated.
"""

from bisect import bisect_left
from collections.abc import Mapping

from ..readers.boxes import visible_box
from ..schema import Box, Keyframe

Track = Mapping[int, Box]


def keyframes(tracks: Mapping[str, Track], frames: int) -> list[Keyframe]:
    """Return the keyframes in which every entity follows its track.

    Args:
        tracks: entity id to its boxes (xyxy; what is outside 0–1 is cut off) by frame.
        frames: of the scene; those of the tracks are below it.
    """
    told = {frame for track in tracks.values() for frame in track}
    end = max(told, default=0)
    gone = {max(track) + 1 for track in tracks.values() if len(track) > 1 and max(track) < end}
    return [
        Keyframe(frame=frame, boxes=_boxes(tracks, frame))
        for frame in sorted(told | gone)
        if frame < frames
    ]


def _boxes(tracks: Mapping[str, Track], frame: int) -> dict[str, Box]:
    found = {name: _box_at(track, frame) for name, track in tracks.items()}
    return {
        name: shown
        for name, box in found.items()
        if box is not None and (shown := visible_box(box))
    }


def _box_at(track: Track, frame: int) -> Box | None:
    """A track's box at a frame; None before it begins and after it ends."""
    told = sorted(track)
    if frame in track:
        return track[frame]
    if frame < told[0] or (frame > told[-1] and len(told) > 1):
        return None
    if frame > told[-1]:
        return track[told[-1]]
    after = bisect_left(told, frame)
    start, stop = told[after - 1], told[after]
    part = (frame - start) / (stop - start)
    x0, y0, x1, y1 = (
        round(a + (b - a) * part, 4) for a, b in zip(track[start], track[stop], strict=True)
    )
    return x0, y0, x1, y1
