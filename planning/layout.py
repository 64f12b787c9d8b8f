"""From a scene's keyframes to the boxes of every frame.

The keyframe at or before a frame decides which entities are there: one that the next keyframe
leaves out keeps its box until that keyframe and is gone from it on, one that appears in a keyframe
is there from it on. Boxes in both keyframes move linearly. The first keyframe also holds before
it, the last after it.
"""

from bisect import bisect_right

from .schema import Box, Camera, Keyframe, Scene


def boxes_at(scene: Scene, frame: int) -> dict[str, Box]:
    """Return entity id to box (xyxy in 0..1) at one frame; {} for a scene without layout.

    VideoDirectorGPT (arXiv:2309.15091) and LVD (arXiv:2309.17444) both interpolate linearly.

    Raises:
        ValueError: the scene has no such frame.
    """
    if not 0 <= frame < scene.frames:
        raise ValueError(
            f"frame {frame}: scene {scene.id!r} has frames 0 to {scene.frames - 1}; use one of them"
        )
    if not scene.layout:
        return {}
    after = bisect_right(scene.layout, frame, key=lambda keyframe: keyframe.frame)
    here = scene.layout[max(after - 1, 0)]
    if after in (0, len(scene.layout)):
        return dict(here.boxes)
    there = scene.layout[after]
    part = (frame - here.frame) / (there.frame - here.frame)
    return {
        name: _between(box, there.boxes[name], part) if name in there.boxes else box
        for name, box in here.boxes.items()
    }


def interpolate(scene: Scene) -> list[dict[str, Box]]:
    """Return the boxes of every frame of a scene, one dict per frame."""
    return [boxes_at(scene, frame) for frame in range(scene.frames)]


def opening(scene: Scene) -> Scene:
    """A scene's first frame as a scene of its own, in which nothing is done and nothing moves."""
    prompts = None if scene.frame_prompts is None else scene.frame_prompts[:1]
    layout = [Keyframe(frame=0, boxes=boxes_at(scene, 0))] if scene.layout else []
    still = {"frames": 1, "frame_prompts": prompts, "layout": layout}
    return scene.model_copy(update={**still, "camera": Camera(), "action": {}})


def _between(start: Box, end: Box, part: float) -> Box:
    # a + (b - a) * part keeps a coordinate that does not move exactly as it is.
    x0, y0, x1, y1 = (a + (b - a) * part for a, b in zip(start, end, strict=True))
    return x0, y0, x1, y1
