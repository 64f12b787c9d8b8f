"""Nodes for reference attention: its weights, pictures as conditioning, its place in a model."""

import re
from collections.abc import Callable, Sequence

import torch
from comfy_api.latest import io
from torch import Tensor

from ..attention_patches.functional.cut_out import GREY, shown_alone, shown_in_place
from ..attention_patches.grounding_modules import WHOLE
from ..attention_patches.reference_checkpoints import LOCAL, ReferenceAdapter, read_references
from ..attention_patches.reference_features import empty_tokens, picture_tokens
from ..attention_patches.reference_patch import (
    CROSS_FIRST,
    PICTURES,
    STANDARD,
    Strengths,
    patch_references,
)
from ..attention_patches.reference_run import FrameReferences
from ..miniature.loader import load_references
from ..planning.layout import interpolate
from ..planning.schema import SLUG_PATTERN, Box, SceneBundle
from . import sockets
from .entity_pictures import reference_of
from .model_files import MINIATURE, load_extra, model_files
from .weight_lists import parse_weights

CATEGORY = f"{sockets.CATEGORY}/references"
FOLDERS = ("reference_adapters", "ipadapter")  # ours, and the community's
FOREGROUND_WEIGHT, BACKGROUND_WEIGHT = 0.5, 0.33  # VideoStudio's released ones
_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_BLACK = 0.0  # what VideoStudio's released code leaves where something was cut away


class LoadReferenceAdapter(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLoadReferenceAdapter",
            display_name="Load Reference Adapter",
            category=CATEGORY,
            description="Loads weights that let a model draw what a picture shows: IP-Adapter, "
            "IP-Adapter Plus (SD1.5, SDXL) and VideoStudio-Img's adapter.",
            search_aliases=["IPAdapter", "reference image", "character consistency", "ct_adapter"],
            inputs=[
                io.Combo.Input(
                    "file",
                    options=[MINIATURE, *model_files(FOLDERS)],
                    tooltip="The miniature's own, or a file in models/reference_adapters or "
                    "models/ipadapter, for example ip-adapter-plus_sd15.safetensors.",
                )
            ],
            outputs=[
                sockets.ReferenceAdapter.Output(
                    "adapter", display_name="adapter", tooltip="The reference adapter."
                )
            ],
        )

    @classmethod
    def execute(cls, file) -> io.NodeOutput:
        if file == MINIATURE:
            return io.NodeOutput(load_references())
        return io.NodeOutput(load_extra(file, FOLDERS, "Load Reference Adapter", read_references))


class EncodeReferences(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorEncodeReferences",
            display_name="Encode References",
            category=CATEGORY,
            description="Adds the pictures of a scene's entities to its conditioning.",
            search_aliases=["IPAdapter Encoder", "reference image", "character"],
            inputs=[
                io.Conditioning.Input(
                    "conditioning", tooltip="The frames' prompts, from Encode Frame Prompts."
                ),
                sockets.ReferenceAdapter.Input("adapter", tooltip="The reference adapter."),
                io.ClipVision.Input(
                    "clip_vision",
                    tooltip="The image encoder the adapter was made for (IP-Adapter's for SD1.5: "
                    "CLIP ViT-H/14).",
                ),
                sockets.Scene.Input("scene", tooltip="The scene; only its own entities count."),
                io.Boolean.Input(
                    "regions",
                    default=True,
                    tooltip="Let each entity's picture act in the entity's box only, and the "
                    "background's picture outside all boxes. Needs boxes in the plan.",
                ),
                sockets.EntityReferences.Input(
                    "references",
                    optional=True,
                    tooltip="Pictures of entities, from Entity References or Entity Picture; they "
                    "win over the plan's.",
                ),
                io.String.Input(
                    "entity_weights",
                    default="",
                    optional=True,
                    tooltip="Weights of entities that differ from 1, such as red-ball: 0.5, fox: "
                    "1.2.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Conditioning.Output(
                    "conditioning",
                    display_name="conditioning",
                    tooltip="The same with pictures; Apply Reference Attention makes a model heed "
                    "them.",
                )
            ],
        )

    @classmethod
    def execute(
        cls,
        conditioning,
        adapter,
        clip_vision,
        scene,
        regions,
        references=None,
        entity_weights="",
    ) -> io.NodeOutput:
        weights = parse_weights(entity_weights, "Encode References: entity_weights")
        _check_names(weights)
        encoder = _Encoder(adapter.model, clip_vision, references)
        try:
            told = encoder.of_scene(scene, weights, regions)
        except ValueError as error:
            raise ValueError(f"Encode References: {error}") from error
        if told is None:  # nothing in this scene has a picture
            return io.NodeOutput(conditioning)
        return io.NodeOutput([[text, {**more, PICTURES: told}] for text, more in conditioning])


def _check_names(weights: dict[str, float]) -> None:
    """Entities of other scenes may be named, so that one list serves all; no other words may."""
    wrong = [name for name in weights if not re.fullmatch(SLUG_PATTERN, name)]
    if wrong:
        raise ValueError(
            f"Encode References: entity_weights names {', '.join(wrong)}, but entities go by their "
            "id, such as red-ball (Preview Plan shows the ids)."
        )


class _Encoder:
    """Pictures of entities as tokens of one adapter."""

    def __init__(self, model: ReferenceAdapter, clip_vision, references) -> None:
        self.model, self.clip_vision, self.references = model, clip_vision, references
        # Cut away as in training: VideoStudio's to black, everyone else's to grey.
        own = model.parts_background and model.layout != LOCAL
        self.ground = _BLACK if own else GREY

    def of_scene(
        self, bundle: SceneBundle, weights: dict[str, float], regions: bool
    ) -> FrameReferences | None:
        """All that is to be seen of a scene's entities, None where none has a picture."""
        scene = bundle.scene
        acting = [name for name in scene.entities if weights.get(name, 1.0)]
        shown = {name: self._tokens(bundle, name, shown_alone) for name in acting}
        shown = {name: tokens for name, tokens in shown.items() if tokens is not None}
        background = self._behind(bundle, weights)
        if not shown and background is None:
            return None
        empty = empty_tokens(self.model, self.clip_vision)
        frames = interpolate(scene)
        boxes = [[_place(frames, at, name, regions) for name in shown] for at in range(len(frames))]
        return FrameReferences(
            torch.stack(list(shown.values()) or [empty])[None, : len(shown)],
            torch.tensor([weights.get(name, 1.0) for name in shown]),
            torch.tensor(boxes, dtype=torch.float32).view(len(frames), len(shown), 4),
            None if background is None else background[None],
            weights.get(scene.background or "", 1.0),
            empty,
            regions and any(frames),
        )

    def _behind(self, bundle: SceneBundle, weights: dict[str, float]) -> Tensor | None:
        name = bundle.scene.background
        if name is None or not weights.get(name, 1.0):
            return None
        return self._tokens(bundle, name, shown_in_place)

    def _tokens(
        self, bundle: SceneBundle, name: str, shown: Callable[..., Tensor]
    ) -> Tensor | None:
        reference = reference_of(bundle.entity(name), self.references)
        if reference is None:
            return None
        try:
            picture = shown(reference.picture, reference.mask, self.ground)
        except ValueError as error:
            raise ValueError(f"the picture of {name!r}: {error}") from error
        return picture_tokens(self.model, picture, self.clip_vision)[0]


def _place(frames: Sequence[dict[str, Box]], at: int, name: str, regions: bool) -> Box:
    """Where an entity's picture acts in one frame.

    An entity without any box may be anywhere; one whose box is missing in a frame is not there.
    """
    if not any(name in boxes for boxes in frames):
        return WHOLE
    if name not in frames[at]:
        return _NOWHERE
    return frames[at][name] if regions else WHOLE


class ApplyReferenceAttention(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorApplyReferenceAttention",
            display_name="Apply Reference Attention",
            category=CATEGORY,
            description="Makes a model draw entities as their pictures show them: cross-attention "
            "to the pictures beside that to the text, foreground and background apart.",
            search_aliases=["IPAdapter", "reference image", "VideoStudio", "consistency"],
            inputs=[
                io.Model.Input("model", tooltip="A model of the kind the adapter is made for."),
                sockets.ReferenceAdapter.Input("adapter", tooltip="The reference adapter."),
                *strength_inputs(),
                _share("start_percent", 0.0, "Share of the sampling after which pictures act."),
                _share("end_percent", 1.0, "Share of the sampling after which they no longer do."),
                io.Combo.Input(
                    "order",
                    options=[STANDARD, CROSS_FIRST],
                    default=STANDARD,
                    tooltip="standard: after self-attention, as every public adapter was trained. "
                    "cross_attention_first: self-attention works on the sum of the "
                    "cross-attentions, as VideoStudio's eq. 2 is printed; for weights trained so.",
                    advanced=True,
                ),
                io.String.Input(
                    "layer_weights",
                    default="",
                    optional=True,
                    tooltip="Factors of the model's blocks that differ from 1, such as input 1: 0, "
                    "output 5: 0.5.",
                    advanced=True,
                ),
            ],
            outputs=[
                io.Model.Output(
                    "model", display_name="model", tooltip="The model that heeds pictures."
                )
            ],
        )

    @classmethod
    def execute(
        cls,
        model,
        adapter,
        foreground_weight,
        background_weight,
        start_percent,
        end_percent,
        order,
        layer_weights="",
    ) -> io.NodeOutput:
        if start_percent >= end_percent:
            raise ValueError(
                f"Apply Reference Attention: start_percent {start_percent} is not before "
                f"end_percent {end_percent}; the pictures would never act."
            )
        strengths = Strengths(
            foreground_weight,
            background_weight,
            start_percent,
            end_percent,
            parse_weights(layer_weights, "Apply Reference Attention: layer_weights"),
            order,
        )
        return io.NodeOutput(patch_references(model, adapter, strengths))


def strength_inputs(*, optional: bool = False) -> list:
    """Weights of foreground and background."""
    return [
        io.Float.Input(
            f"{part}_weight",
            default=default,
            min=0.0,
            max=3.0,
            step=0.01,
            optional=optional,
            tooltip=f"How strongly pictures of {what} act. More copies them more faithfully, less "
            "leaves more to the prompt.",
        )
        for part, default, what in (
            ("foreground", FOREGROUND_WEIGHT, "things"),
            ("background", BACKGROUND_WEIGHT, "places"),
        )
    ]


def _share(name: str, default: float, tooltip: str) -> io.Input:
    return io.Float.Input(
        name, default=default, min=0.0, max=1.0, step=0.001, tooltip=tooltip, advanced=True
    )
