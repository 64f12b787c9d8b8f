"""The boxes of a scene over its rendered frames."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from ..planning.box_lists import Detection, overlap
from ..planning.layout import boxes_at
from ..planning.schema import SceneBundle
from .lettering import Colour
from .storyboard_marks import Mark, draw_marks, entity_colours

SMALLEST = 384  # shorter side of a preview: names must be readable over small pictures
_FOUND: Colour = (255, 255, 255)


def draw_layout(
    bundle: SceneBundle,
    frames: Sequence[Image.Image],
    found: Sequence[Sequence[Detection]] | None = None,
) -> list[Image.Image]:
    """Draw the asked boxes over each frame, and those that were found in white.

    A found box is told with its overlap (intersection over union) with the nearest asked one.

    Args:
        bundle: the scene.
        frames: its pictures, all of one size.
        found: of every frame, as ``read_boxes`` gives.

    Raises:
        ValueError: there are more pictures than the scene has frames.
    """
    scene = bundle.scene
    if len(frames) > scene.frames:
        raise ValueError(
            f"scene {scene.id!r} has {scene.frames} frames, but {len(frames)} pictures came; give "
            "the pictures of this scene only"
        )
    colours = entity_colours(bundle)
    drawn = []
    for number, frame in enumerate(frames):
        picture = _large(frame.convert("RGB"))
        asked = boxes_at(scene, number)
        marks = [
            Mark(box, bundle.entity(name).name, colours[name], False) for name, box in asked.items()
        ]
        for detection in found[number] if found else ():
            share = max((overlap(detection.box, box) for box in asked.values()), default=0.0)
            told = f"{detection.label or 'found'} {share:.2f}"
            marks.append(Mark(detection.box, told, _FOUND, False))
        canvas = ImageDraw.Draw(picture, "RGBA")
        draw_marks(canvas, (0, 0, *picture.size), marks, over_picture=True)
        drawn.append(picture)
    return drawn


def _large(picture: Image.Image) -> Image.Image:
    factor = -(-SMALLEST // min(picture.size))
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.LANCZOS) if factor > 1 else picture
