"""From a layout over time to boxes per frame, and to the few keyframes that give them again."""

from math import ceil, floor

from ..schema import Box, Keyframe
from .placement import Layout, box_at

Moment = dict[str, Box]


def frames_of(layout: Layout, frames: int) -> list[Moment]:
    """Return the boxes of every frame.

    Whether a thing is seen is asked at the frame's
    middle, (k + 1/2) / n, so that halves of the video are halves of its frames.
    """
    moments: list[Moment] = []
    for frame, time in enumerate(_clock(layout, frames)):
        middle = (frame + 0.5) / frames
        moments.append(
            {
                name: box_at(layout, name, time)
                for name, track in layout.tracks.items()
                if track.visible[0] <= middle + 1e-9 and middle < track.visible[1] + 1e-9
            }
        )
    return moments


def _clock(layout: Layout, frames: int) -> list[float]:
    """The time of each frame.

    A waypoint is met exactly: at the nearest frame, or at both when it falls between two, so that
    a thing is seen to be where the text says; the frames between waypoints share their time.
    """
    last = max(frames - 1, 1)
    stops = {t for track in layout.tracks.values() for t, _ in track.waypoints} | {0.0, 1.0}
    marks: list[tuple[int, float]] = []
    for stop in sorted(stops):
        place = stop * last
        low, high = floor(place + 0.501), ceil(place - 0.501)
        for frame in sorted({low, high}):
            if frame < frames and (not marks or frame > marks[-1][0]):
                marks.append((frame, stop))
    if marks[-1][0] < frames - 1:
        marks.append((frames - 1, 1.0))
    clock: list[float] = []
    for (start, begin), (end, finish) in zip(marks, marks[1:], strict=False):
        steps = end - start
        clock += [begin + (finish - begin) * k / steps for k in range(steps)]
    return [*clock, marks[-1][1]][:frames]


def keyframes_of(layout: Layout, moments: list[Moment]) -> list[Keyframe]:
    """Return the keyframes from which linear interpolation gives every frame's boxes."""
    if not any(moments):
        return []
    kept = [0]
    for frame in range(1, len(moments)):
        last = frame == len(moments) - 1
        if set(moments[frame]) != set(moments[frame - 1]):
            kept += [k for k in (frame - 1, frame) if k not in kept]
        elif last and moments[frame] != moments[kept[-1]] or _bends(moments, kept[-1], frame):
            kept.append(frame)
    return [Keyframe(frame=frame, boxes=moments[frame]) for frame in kept]


def _bends(moments: list[Moment], start: int, frame: int) -> bool:
    """Whether a straight line from start to the next frame would miss this one."""
    if frame + 1 >= len(moments) or set(moments[frame + 1]) != set(moments[frame]):
        return False
    share = (frame - start) / (frame + 1 - start)
    for name, box in moments[frame].items():
        first, last = moments[start].get(name), moments[frame + 1][name]
        if first is None:
            return True
        straight = [a + (b - a) * share for a, b in zip(first, last, strict=True)]
        if any(abs(a - b) > 0.002 for a, b in zip(straight, box, strict=True)):
            return True
    return False
