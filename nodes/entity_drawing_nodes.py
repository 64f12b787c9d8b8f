"""The node that draws what entities look like."""

from comfy_api.latest import io
from comfy_execution.graph_utils import GraphBuilder

from ..planning.schema import Entity, VideoPlan
from . import sockets
from .entity_reference_nodes import CATEGORY
from .reference_expansion import DESCRIPTION, CutOutBy, DrawingSettings, expand_references
from .sampling_inputs import (
    cfg_input,
    sampler_inputs,
    seed_input,
    steps_input,
    whole_sampling,
)

COMMON, ALL, NAMED = "in_several_scenes", "all", "named"


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
            sampling=whole_sampling(steps, cfg, sampler_name, scheduler),
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
