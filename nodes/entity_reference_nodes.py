"""Nodes that say what entities look like: pictures of a user's own, and pictures that are drawn."""

import numpy as np
import torch
from comfy_api.latest import io, ui
from comfy_execution.graph_utils import GraphBuilder

from ..attention_patches.functional.cut_out import cut_out, shown_alone
from ..planning.schema import Entity, VideoPlan
from ..rendering.reference_preview import Shown, draw_references
from . import sockets
from .entity_pictures import DRAWN, GIVEN
from .node_text import show_on_node
from .reference_expansion import DESCRIPTION, CutOutBy, DrawingSettings, expand_references
from .sampling_inputs import cfg_input, sampler_inputs, seed_input, steps_input

CATEGORY = f"{sockets.CATEGORY}/references"
COMMON, ALL, NAMED = "in_several_scenes", "all", "named"


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


class EntityReferences(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorEntityReferences",
            display_name="Entity References",
            category=CATEGORY,
            description="Draws a picture of each entity that several scenes share, so that it "
            "looks the same in all of them. Editing one entity draws only that one again.",
            search_aliases=["character sheet", "reference image", "VideoStudio", "consistency"],
            enable_expand=True,
            inputs=[
                io.Model.Input("model", raw_link=True, tooltip="The model that draws pictures."),
                io.Clip.Input("clip", raw_link=True, tooltip="Its text encoder."),
                io.Vae.Input("vae", raw_link=True, tooltip="Its VAE."),
                sockets.Plan.Input("plan", tooltip="The plan."),
                io.Combo.Input(
                    "entities",
                    options=[COMMON, ALL, NAMED],
                    default=COMMON,
                    tooltip="Which entities get a picture: those in more than one scene, all, or "
                    "those named below.",
                ),
                io.String.Input(
                    "named",
                    default="",
                    tooltip="Ids of entities that get a picture in any case, such as red-ball, "
                    "meadow.",
                ),
                seed_input("seed", "Every entity's noise is drawn from this seed and its id."),
                steps_input("Sampling steps per picture."),
                cfg_input("How strictly the pictures follow the descriptions."),
                *sampler_inputs(),
                io.Int.Input(
                    "size",
                    default=512,
                    min=64,
                    max=4096,
                    step=8,
                    tooltip="Side of the square pictures: what the model draws best.",
                ),
                io.String.Input(
                    "foreground_prompt",
                    default="{description}, whole, in the middle, before a plain background",
                    multiline=True,
                    tooltip="What is drawn for a thing; {description} is the entity's.",
                ),
                io.String.Input(
                    "background_prompt",
                    default="{description}, wide view, empty, nobody there",
                    multiline=True,
                    tooltip="What is drawn for a place; {description} is the entity's.",
                ),
                io.String.Input(
                    "negative", default="", multiline=True, tooltip="What no picture should show."
                ),
                sockets.EntityReferences.Input(
                    "references",
                    optional=True,
                    tooltip="Your own pictures, from Entity Picture; these are not drawn again.",
                ),
                *_cut_out_inputs(),
            ],
            outputs=[
                sockets.EntityReferences.Output(
                    "references",
                    display_name="references",
                    tooltip="Pictures of the entities; Preview References shows them.",
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(
        cls,
        model,
        clip,
        vae,
        plan,
        entities,
        named,
        seed,
        steps,
        cfg,
        sampler_name,
        scheduler,
        size,
        foreground_prompt,
        background_prompt,
        negative,
        references=None,
        background_removal=None,
        segmenter=None,
        segmenter_clip=None,
    ) -> io.NodeOutput:
        if (segmenter is None) != (segmenter_clip is None):
            raise ValueError(
                "Entity References: segmenter and segmenter_clip belong together; connect both "
                "outputs of the SAM3 checkpoint, or neither."
            )
        for name, text in (("foreground", foreground_prompt), ("background", background_prompt)):
            if DESCRIPTION not in text:
                raise ValueError(
                    f"Entity References: {name}_prompt is {text!r}; it must hold {{description}}, "
                    "in whose place the entity's description is put."
                )
        wanted = _wanted(plan, entities, named)
        settings = DrawingSettings(
            model=model,
            clip=clip,
            vae=vae,
            negative=negative,
            seed=seed,
            size=size,
            prompts={"foreground": foreground_prompt, "background": background_prompt},
            sampling={
                "steps": steps,
                "cfg": cfg,
                "sampler_name": sampler_name,
                "scheduler": scheduler,
                "denoise": 1.0,
            },
            cut_out=CutOutBy(background_removal, segmenter, segmenter_clip),
        )
        own = references or {}
        missing = [one for one in wanted if one.id not in own and one.reference_image is None]
        if not missing:
            return io.NodeOutput(own)
        graph = GraphBuilder()
        link = expand_references(graph, missing, settings, _link(cls.hidden, "references"))
        return io.NodeOutput(link, expand=graph.finalize())


def _link(hidden, name: str) -> list | None:
    """What an input of the running node is connected to; its value has been looked at already."""
    return hidden.dynprompt.get_node(hidden.unique_id)["inputs"].get(name)


def _wanted(plan: VideoPlan, which: str, named: str) -> list[Entity]:
    """Entities that are to have a picture, in the plan's order."""
    ids = [part for part in named.replace(",", " ").split() if part]
    unknown = sorted(set(ids) - {entity.id for entity in plan.entities})
    if unknown:
        known = ", ".join(entity.id for entity in plan.entities) or "none"
        raise ValueError(
            f"Entity References: named has {', '.join(unknown)}, but the plan's entities are: "
            f"{known}."
        )
    if which == NAMED and not ids:
        raise ValueError(
            "Entity References: entities is set to named, and named is empty; write the ids of the "
            "entities there, or choose other entities."
        )
    uses = [
        {*scene.entities, *([] if scene.background is None else [scene.background])}
        for scene in plan.scenes
    ]
    least = {COMMON: 2, ALL: 1, NAMED: len(uses) + 1}[which]
    return [
        entity
        for entity in plan.entities
        if entity.id in ids or sum(entity.id in used for used in uses) >= least
    ]


def _cut_out_inputs() -> list:
    return [
        io.BackgroundRemoval.Input(
            "background_removal",
            optional=True,
            raw_link=True,
            tooltip="A background removal model (BiRefNet), to cut entities out; without one "
            "whatever stands out from the picture's border is taken.",
        ),
        io.Model.Input(
            "segmenter",
            optional=True,
            raw_link=True,
            tooltip="A SAM3 model, which cuts things out by their name; wins over background "
            "removal.",
        ),
        io.Clip.Input(
            "segmenter_clip",
            optional=True,
            raw_link=True,
            tooltip="The text encoder of the SAM3 checkpoint.",
        ),
    ]


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
        try:
            sheet = draw_references(shown)
        except ValueError as error:
            raise ValueError(f"Preview References: {error}.") from error
        image = torch.from_numpy(np.array(sheet))[None].float() / 255
        return io.NodeOutput(image, ui=ui.PreviewImage(image, cls=cls))
