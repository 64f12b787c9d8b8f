"""Nodes for layout grounding: its weights, the layout as conditioning, and its place in a model."""

from collections.abc import Sequence

from comfy_api.latest import io
from torch import Tensor

from ..attention_patches.functional.cut_out import shown_alone
from ..attention_patches.grounding_checkpoints import TEXT, GroundingModel, read_grounding
from ..attention_patches.grounding_features import picture_feature, text_feature
from ..attention_patches.grounding_modules import WHOLE, Entities, Slot
from ..attention_patches.grounding_patch import TOKENS, frame_tokens, patch_grounding
from ..miniature.loader import load_grounding
from ..planning.layout import interpolate
from ..planning.schema import Box, Entity, SceneBundle
from . import sockets
from .entity_pictures import reference_of
from .model_files import MINIATURE, load_extra, model_files

CATEGORY = f"{sockets.CATEGORY}/layout"
FOLDERS = ("grounding", "gligen")  # ours, and the one the host keeps GLIGEN files in
BOTH, TEXT_ALONE, PICTURE_ALONE = "text_and_picture", "text", "picture"


class LoadGroundingModel(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLoadGroundingModel",
            display_name="Load Grounding Model",
            category=CATEGORY,
            description="Loads weights that let a model draw things in boxes: GLIGEN's text-box "
            "and text-image-box models in every public layout.",
            search_aliases=["GLIGEN", "layout", "boxes", "regional", "Layout2Vid"],
            inputs=[
                io.Combo.Input(
                    "file",
                    options=[MINIATURE, *model_files(FOLDERS)],
                    tooltip="The miniature's own, or a file in models/grounding or models/gligen, "
                    "for example gligen_sd14_textbox_pruned.safetensors.",
                )
            ],
            outputs=[
                sockets.Grounding.Output(
                    "grounding", display_name="grounding", tooltip="The grounding model."
                )
            ],
        )

    @classmethod
    def execute(cls, file) -> io.NodeOutput:
        if file == MINIATURE:
            return io.NodeOutput(load_grounding())
        return io.NodeOutput(load_extra(file, FOLDERS, "Load Grounding Model", read_grounding))


class EncodeLayout(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorEncodeLayout",
            display_name="Encode Layout",
            category=CATEGORY,
            description="Adds the boxes of a scene's entities to its conditioning, frame by frame.",
            search_aliases=["GLIGENTextBoxApply", "boxes", "layout", "grounding tokens"],
            inputs=[
                io.Conditioning.Input(
                    "conditioning", tooltip="The frames' prompts, from Encode Frame Prompts."
                ),
                sockets.Grounding.Input("grounding", tooltip="The grounding model."),
                io.Clip.Input("clip", tooltip="The model's text encoder, for the entities' names."),
                sockets.Scene.Input("scene", tooltip="The scene whose boxes are drawn."),
                io.ClipVision.Input(
                    "clip_vision",
                    optional=True,
                    tooltip="The image encoder, for entities that have a picture: the plan's "
                    "reference image, or one from Entity Picture.",
                ),
                sockets.EntityReferences.Input(
                    "references",
                    optional=True,
                    tooltip="Pictures of entities, from Entity Picture; they win over the plan's.",
                ),
                io.Combo.Input(
                    "describe_by",
                    options=[BOTH, TEXT_ALONE, PICTURE_ALONE],
                    default=BOTH,
                    optional=True,
                    tooltip="What tells the model which entity a box is for. An entity without a "
                    "picture is told by its name.",
                    advanced=True,
                ),
                io.Boolean.Input(
                    "background",
                    default=False,
                    optional=True,
                    tooltip="Also make the scene's background an entity, boxed as the whole frame.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Conditioning.Output(
                    "conditioning",
                    display_name="conditioning",
                    tooltip="The same with grounding tokens; Apply Grounding makes a model heed "
                    "them.",
                )
            ],
        )

    @classmethod
    def execute(
        cls,
        conditioning,
        grounding,
        clip,
        scene,
        clip_vision=None,
        references=None,
        describe_by=BOTH,
        background=False,
    ) -> io.NodeOutput:
        frames = _frames(scene, background)
        names = dict.fromkeys(name for boxes in frames for name in boxes)
        try:
            features = _Features(grounding.model, clip, clip_vision, references, describe_by)
            shown = {name: features.of(scene.entity(name)) for name in names}
        except ValueError as error:
            raise ValueError(f"Encode Layout: {error}") from error
        tokens = frame_tokens(grounding, _entities(grounding.model, frames, shown))
        return io.NodeOutput([[text, {**more, TOKENS: tokens}] for text, more in conditioning])


def _frames(bundle: SceneBundle, background: bool) -> list[dict[str, Box]]:
    """Boxes of every frame, the background's the last where it is asked for."""
    frames = interpolate(bundle.scene)
    if not any(frames):
        raise ValueError(
            f"Encode Layout: scene {bundle.scene.id!r} has no boxes; give it a layout in the plan, "
            "or leave this node out."
        )
    if background and bundle.scene.background is not None:
        frames = [{**boxes, bundle.scene.background: WHOLE} for boxes in frames]
    return frames


class _Features:
    """Text and picture of entities as one grounding model takes them."""

    def __init__(self, model: GroundingModel, clip, clip_vision, references, describe_by) -> None:
        if model.layout == TEXT and describe_by == PICTURE_ALONE:
            raise ValueError(
                "these grounding weights are of a text-box model, which takes no pictures; set "
                "describe_by to the text, or load a text-image model"
            )
        self.model, self.clip, self.clip_vision = model, clip, clip_vision
        self.references, self.describe_by = references, describe_by

    def of(self, entity: Entity) -> tuple[Tensor | None, Tensor | None]:
        """Features of its name and of its picture, None for what is not to be told."""
        reference = None
        if self.model.layout != TEXT and self.describe_by != TEXT_ALONE:
            reference = reference_of(entity, self.references)
        image = None
        if reference is not None:
            try:
                alone = shown_alone(reference.picture, reference.mask)
            except ValueError as error:
                raise ValueError(f"the picture of {entity.id!r}: {error}") from error
            image = picture_feature(self.model, alone, self.clip_vision, self.clip)
        if image is not None and self.describe_by == PICTURE_ALONE:
            return None, image
        return text_feature(self.model, entity.name, self.clip), image


def _entities(
    model: GroundingModel,
    frames: Sequence[dict[str, Box]],
    shown: dict[str, tuple[Tensor | None, Tensor | None]],
) -> Entities:
    """Slots of every frame: one for each entity that has a box anywhere in the scene."""
    rows = [
        [Slot(boxes[name], *told) if name in boxes else None for name, told in shown.items()]
        for boxes in frames
    ]
    return Entities.of(rows, len(shown), model.text_width, model.image_width)


class ApplyGrounding(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorApplyGrounding",
            display_name="Apply Grounding",
            category=CATEGORY,
            description="Makes a model draw each entity in its box, in every frame: gated "
            "self-attention to the grounding tokens that Encode Layout puts into the conditioning.",
            search_aliases=["GLIGEN", "layout", "boxes", "Layout2Vid", "regional prompt"],
            inputs=[
                io.Model.Input("model", tooltip="A model of the kind the weights are made for."),
                sockets.Grounding.Input("grounding", tooltip="The grounding model."),
                io.Float.Input(
                    "alpha",
                    default=0.2,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="Share of the steps, from the first on, that heed the boxes. More "
                    "holds things in place, less draws better: 0.3 for pictures, 0.2 for video.",
                ),
                io.Float.Input(
                    "falling",
                    default=0.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="Share of the steps after those, over which the boxes lose their hold "
                    "little by little.",
                    advanced=True,
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="How strongly the boxes act while they do.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Model.Output(
                    "model", display_name="model", tooltip="The model that heeds boxes."
                )
            ],
        )

    @classmethod
    def execute(cls, model, grounding, alpha, falling, strength) -> io.NodeOutput:
        if alpha + falling > 1.0:
            raise ValueError(
                f"Apply Grounding: alpha {alpha} and falling {falling} are shares of the steps and "
                f"make more than 1 together; lower falling to {1 - alpha:.2f} or less."
            )
        schedule = (alpha, falling, max(0.0, 1.0 - alpha - falling))
        return io.NodeOutput(patch_grounding(model, grounding, strength, schedule))
