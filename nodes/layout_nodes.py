"""Nodes that take a scene's boxes out, put others in, and show them."""

import numpy as np
import torch
from comfy_api.latest import io, ui
from PIL import Image

from ..planning.box_lists import follow_boxes, read_boxes, to_pixels
from ..planning.layout import interpolate
from ..planning.schema import SceneBundle
from ..rendering.layout_preview import draw_layout
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/layout"


def _entity_input(what: str) -> io.Input:
    return io.String.Input(
        "entity", default="", tooltip=f"Id of the entity {what}, as in the plan."
    )


def _frames_of(node: str, bundle: SceneBundle, entity: str) -> list:
    """Boxes of an entity in every frame, None where it is absent; of all in one list when ""."""
    if entity and entity not in bundle.scene.entities:
        known = ", ".join(bundle.scene.entities) or "none"
        raise ValueError(
            f"{node}: scene {bundle.scene.id!r} has no entity {entity!r}; it has: {known}."
        )
    return [
        [box for name, box in boxes.items() if entity in ("", name)]
        for boxes in interpolate(bundle.scene)
    ]


class LayoutToBoxes(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLayoutToBoxes",
            display_name="Layout To Boxes",
            category=CATEGORY,
            description="Gives a scene's boxes in pixels, a list per frame, as ComfyUI's own box "
            "nodes take them.",
            search_aliases=["bounding box", "bbox", "layout", "crop region"],
            inputs=[
                sockets.Scene.Input("scene", tooltip="The scene."),
                _entity_input("whose boxes are wanted; empty gives all"),
            ],
            outputs=[
                io.BoundingBox.Output(
                    "boxes", display_name="boxes", tooltip="For every frame a list of boxes."
                )
            ],
        )

    @classmethod
    def execute(cls, scene, entity) -> io.NodeOutput:
        frames = _frames_of("Layout To Boxes", scene, entity.strip())
        return io.NodeOutput(
            [[to_pixels(box, scene.width, scene.height) for box in boxes] for boxes in frames]
        )


class LayoutToMasks(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLayoutToMasks",
            display_name="Layout To Masks",
            category=CATEGORY,
            description="Gives a scene's boxes as masks, one per frame: 1 inside, 0 outside.",
            search_aliases=["bounding box", "mask", "layout", "region"],
            inputs=[
                sockets.Scene.Input("scene", tooltip="The scene."),
                _entity_input("whose boxes are wanted; empty gives all together"),
            ],
            outputs=[
                io.Mask.Output("masks", display_name="masks", tooltip="One mask for every frame.")
            ],
        )

    @classmethod
    def execute(cls, scene, entity) -> io.NodeOutput:
        frames = _frames_of("Layout To Masks", scene, entity.strip())
        masks = torch.zeros(len(frames), scene.height, scene.width)
        for mask, boxes in zip(masks, frames, strict=True):
            for x0, y0, x1, y1 in boxes:
                rows = slice(round(y0 * scene.height), round(y1 * scene.height))
                mask[rows, round(x0 * scene.width) : round(x1 * scene.width)] = 1.0
        return io.NodeOutput(masks)


class BoxesToLayout(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorBoxesToLayout",
            display_name="Boxes To Layout",
            category=CATEGORY,
            description="Lets an entity of a scene go where boxes say, for example those that a "
            "detector found in another video.",
            search_aliases=["bounding box", "detector", "RT-DETR", "SAM3", "track", "layout"],
            inputs=[
                sockets.Scene.Input("scene", tooltip="The scene to change."),
                io.BoundingBox.Input(
                    "boxes",
                    force_input=True,
                    tooltip="A list per frame, or one for all; of several the surest counts.",
                ),
                _entity_input("that goes there"),
                io.Int.Input(
                    "width",
                    default=0,
                    min=0,
                    max=16384,
                    tooltip="Width of the pictures that the boxes belong to; 0 takes the scene's.",
                ),
                io.Int.Input(
                    "height",
                    default=0,
                    min=0,
                    max=16384,
                    tooltip="Height of those pictures; 0 takes the scene's.",
                ),
                io.Boolean.Input(
                    "clamp",
                    default=False,
                    tooltip="Cut boxes at the picture's edge. Otherwise a box outside is an error.",
                ),
            ],
            outputs=[
                sockets.Scene.Output(
                    "scene", display_name="scene", tooltip="The scene with the entity's new boxes."
                )
            ],
        )

    @classmethod
    def execute(cls, scene, boxes, entity, width, height, clamp) -> io.NodeOutput:
        size = (width or scene.width, height or scene.height)
        try:
            found = read_boxes(boxes, scene.scene.frames, *size, clamp=clamp)
            return io.NodeOutput(follow_boxes(scene, entity.strip(), found))
        except ValueError as error:
            raise ValueError(f"Boxes To Layout: {error}.") from error


class PreviewLayout(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorPreviewLayout",
            display_name="Preview Layout",
            category=CATEGORY,
            description="Shows a scene's boxes over its frames, and those a detector found in "
            "white with their overlap.",
            search_aliases=["draw boxes", "bounding box", "IoU", "layout"],
            is_output_node=True,
            inputs=[
                io.Image.Input("images", tooltip="The rendered frames."),
                sockets.Scene.Input("scene", tooltip="The scene they show."),
                io.BoundingBox.Input(
                    "found",
                    optional=True,
                    force_input=True,
                    tooltip="Boxes that a detector found in these frames, a list per frame.",
                ),
            ],
            outputs=[
                io.Image.Output("images", display_name="images", tooltip="The frames with boxes.")
            ],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
        )

    @classmethod
    def execute(cls, images, scene, found=None) -> io.NodeOutput:
        height, width = images.shape[1:3]
        pictures = [
            Image.fromarray(array)
            for array in (images.clamp(0, 1) * 255).round().byte().cpu().numpy()
        ]
        try:
            lists = None if found is None else read_boxes(found, len(images), width, height)
            drawn = draw_layout(scene, pictures, lists)
        except ValueError as error:
            raise ValueError(f"Preview Layout: {error}.") from error
        shown = torch.from_numpy(np.stack([np.asarray(picture) for picture in drawn])).float() / 255
        return io.NodeOutput(shown, ui=ui.PreviewImage(shown, cls=cls))
