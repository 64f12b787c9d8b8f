"""Nodes that say what entities look like: pictures of a user's own, and pictures that are drawn."""

import numpy as np
import torch
from comfy_api.latest import io, ui

from ..attention_patches.functional.cut_out import cut_out, shown_alone
from ..rendering.reference_preview import Shown, draw_references
from . import sockets
from .entity_pictures import DRAWN, GIVEN
from .node_text import show_on_node

CATEGORY = f"{sockets.CATEGORY}/references"


class EntityPicture(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorEntityPicture",
            display_name="Entity Picture",
            category=CATEGORY,
            description="Gives an entity of the plan a picture of your own, which shows what it "
            "looks like in every scene. Chain several of these nodes for several entities.",
            search_aliases=["reference image", "character", "IPAdapter", "subject"],
            inputs=[
                io.Image.Input("image", tooltip="A picture of the entity; the first of a batch."),
                io.String.Input(
                    "entity",
                    default="",
                    tooltip="Its id in the plan, for example red-ball (Preview Plan shows the "
                    "ids).",
                ),
                io.Mask.Input(
                    "mask",
                    optional=True,
                    tooltip="White where the entity is; the rest of the picture is left out.",
                ),
                sockets.EntityReferences.Input(
                    "references", optional=True, tooltip="Pictures of other entities."
                ),
                io.Combo.Input(
                    "source",
                    options=[GIVEN, DRAWN],
                    default=GIVEN,
                    optional=True,
                    tooltip="Where the picture is from; shown by Preview References.",
                    advanced=True,
                ),
            ],
            outputs=[
                sockets.EntityReferences.Output(
                    "references", display_name="references", tooltip="These and the new one."
                ),
                io.Image.Output(
                    "shown",
                    display_name="shown",
                    tooltip="The picture as the image encoder is shown it.",
                ),
            ],
        )

    @classmethod
    def execute(cls, image, entity, mask=None, references=None, source=GIVEN) -> io.NodeOutput:
        name = entity.strip()
        if not name:
            raise ValueError(
                "Entity Picture: entity is empty; give the id that the entity has in the plan, for "
                "example red-ball."
            )
        picture = image[0, ..., :3]
        reference = sockets.EntityReference(picture, None if mask is None else mask[0], source)
        try:
            shown = shown_alone(picture, reference.mask)
        except ValueError as error:
            raise ValueError(f"Entity Picture: the picture of {name!r}: {error}") from error
        return io.NodeOutput({**(references or {}), name: reference}, shown)


class CutOut(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorCutOut",
            display_name="Cut Out",
            category=CATEGORY,
            description="Finds the one thing that stands out from a picture's border, without any "
            "model. For hair and busy backgrounds use ComfyUI's Remove Background or SAM3.",
            search_aliases=["remove background", "segment", "mask", "rembg", "foreground"],
            inputs=[
                io.Image.Input("image", tooltip="Pictures of one thing before a plain ground."),
                io.Combo.Input(
                    "part",
                    options=["foreground", "background"],
                    default="foreground",
                    tooltip="What is white in the mask: the thing, or everything else.",
                ),
            ],
            outputs=[
                io.Mask.Output(
                    "mask",
                    display_name="mask",
                    tooltip="One for every picture; all white where nothing stands out.",
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, image, part) -> io.NodeOutput:
        found = [cut_out(picture[..., :3]) for picture in image]
        missing = sum(mask is None for mask in found)
        if missing:
            show_on_node(cls.hidden, f"nothing stands out in {missing} of {len(found)} pictures")
        whole = torch.ones(image.shape[1:3])
        if part == "background":
            masks = [whole if mask is None else 1 - mask for mask in found]
        else:
            masks = [whole if mask is None else mask for mask in found]
        return io.NodeOutput(torch.stack(masks).float())


class PreviewReferences(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorPreviewReferences",
            display_name="Preview References",
            category=CATEGORY,
            description="Shows the pictures of entities, and what is cut out of them.",
            search_aliases=["reference image", "cut-out", "character sheet", "mask preview"],
            is_output_node=True,
            inputs=[
                sockets.EntityReferences.Input(
                    "references", tooltip="From Entity References or Entity Picture."
                )
            ],
            outputs=[
                io.Image.Output(
                    "image", display_name="image", tooltip="The sheet, for saving or sharing."
                )
            ],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
        )

    @classmethod
    def execute(cls, references) -> io.NodeOutput:
        shown = [
            Shown(
                name,
                one.picture[..., :3].cpu().numpy(),
                None if one.mask is None else one.mask.cpu().numpy(),
                one.source,
            )
            for name, one in references.items()
        ]
        image = torch.from_numpy(np.array(draw_references(shown)))[None].float() / 255
        return io.NodeOutput(image, ui=ui.PreviewImage(image, cls=cls))
