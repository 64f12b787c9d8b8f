"""Drawing of entities as a graph of ordinary nodes, one chain per entity.

Each chain starts from the entity's own words as a literal, so the host draws one again when its
words change and not when another's do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from comfy_execution.graph_utils import GraphBuilder

from ..planning.schema import Entity
from ..rendering.seeds import scene_seed
from .entity_pictures import DRAWN
from .expansion import Link, adding_for

DESCRIPTION = "{description}"


@dataclass(frozen=True)
class CutOutBy:
    """What parts things from their background: the host's models where they are connected."""

    background_removal: Link | None = None
    segmenter: Link | None = None
    segmenter_clip: Link | None = None


@dataclass(frozen=True)
class DrawingSettings:
    """What the pictures of all entities have in common."""

    model: Link
    clip: Link
    vae: Link
    negative: str
    seed: int
    size: int
    prompts: dict[str, str]  # by the entity's kind, with DESCRIPTION in them
    sampling: dict[str, Any]  # further inputs of KSampler
    cut_out: CutOutBy


def expand_references(
    graph: GraphBuilder, entities: Sequence[Entity], settings: DrawingSettings, own: Link | None
) -> Link:
    """Add the nodes that draw entities; returns the link to their ENTITY_REFERENCES.

    Args:
        graph: where nodes are added.
        entities: at least one.
        settings: how they are drawn.
        own: a user's pictures of other entities, to which these are added.
    """
    negative = graph.node(
        "CLIPTextEncode", "negative", clip=settings.clip, text=settings.negative
    ).out(0)
    latent = graph.node(
        "EmptyLatentImage", "latent", width=settings.size, height=settings.size, batch_size=1
    ).out(0)
    references = own
    for entity in entities:
        references = _add_entity(graph, entity, settings, negative, latent, references)
    return references


def _add_entity(
    graph: GraphBuilder,
    entity: Entity,
    settings: DrawingSettings,
    negative: Link,
    latent: Link,
    earlier: Link | None,
) -> Link:
    add = adding_for(graph, entity.id)
    words = settings.prompts[entity.kind].replace(DESCRIPTION, entity.description or entity.name)
    sampled = add(
        "KSampler",
        "picture_sample",
        model=settings.model,
        positive=add("CLIPTextEncode", "positive", clip=settings.clip, text=words),
        negative=negative,
        latent_image=latent,
        seed=scene_seed(settings.seed, entity.id),
        **settings.sampling,
    )
    image = add("VAEDecode", "decode", samples=sampled, vae=settings.vae)
    others = {} if earlier is None else {"references": earlier}
    return add(
        "VideoDirectorEntityPicture",
        "picture",
        image=image,
        entity=entity.id,
        mask=_mask(add, entity, image, settings.cut_out),
        source=DRAWN,
        **others,
    )


def _mask(add: Any, entity: Entity, image: Link, by: CutOutBy) -> Link:
    """White where the entity is; a place is what is left when the thing before it is taken out."""
    place = entity.kind == "background"
    if by.segmenter is not None and not place:
        said = add("CLIPTextEncode", "name", clip=by.segmenter_clip, text=entity.name)
        return add("SAM3_Detect", "cut_out", model=by.segmenter, image=image, conditioning=said)
    if by.background_removal is None:
        part = "background" if place else "foreground"
        return add("VideoDirectorCutOut", "cut_out", image=image, part=part)
    mask = add("RemoveBackground", "cut_out", bg_removal_model=by.background_removal, image=image)
    return add("InvertMask", "inverted", mask=mask) if place else mask
