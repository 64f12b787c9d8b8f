"""The node with which a user says what an entity looks like."""

from comfy_api.latest import io

from . import sockets
from .entity_pictures import shown_alone

CATEGORY = f"{sockets.CATEGORY}/references"
GIVEN = "given"


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
    def execute(cls, image, entity, mask=None, references=None) -> io.NodeOutput:
        name = entity.strip()
        if not name:
            raise ValueError(
                "Entity Picture: entity is empty; give the id that the entity has in the plan, for "
                "example red-ball."
            )
        picture = sockets.EntityReference(image[0], None if mask is None else mask[0], GIVEN)
        try:
            shown = shown_alone(picture)
        except ValueError as error:
            raise ValueError(f"Entity Picture: the picture of {name!r}: {error}") from error
        return io.NodeOutput({**(references or {}), name: picture}, shown)
