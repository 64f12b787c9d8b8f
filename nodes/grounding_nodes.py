"""Nodes for layout grounding: its weights, the layout as conditioning, and its place in a model."""

from pathlib import Path

import comfy.model_management
import comfy.model_patcher
import comfy.ops
import comfy.utils
import folder_paths
import torch
from comfy_api.latest import io

from ..attention_patches.grounding_checkpoints import read_grounding
from ..attention_patches.grounding_modules import Entities
from ..attention_patches.grounding_patch import TOKENS, frame_tokens, patch_grounding
from ..planning.layout import interpolate
from ..planning.schema import SceneBundle
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/layout"
FOLDERS = ("grounding", "gligen")  # ours, and the one the host keeps GLIGEN files in


def _files() -> list[str]:
    own = FOLDERS[0]
    folder_paths.add_model_folder_path(own, str(Path(folder_paths.models_dir) / own))
    return sorted({file for folder in FOLDERS for file in folder_paths.get_filename_list(folder)})


def _path_of(file: str) -> str:
    for folder in FOLDERS:
        path = folder_paths.get_full_path(folder, file)
        if path is not None:
            return path
    raise ValueError(
        f"Load Grounding Model: there is no {file!r} in models/{FOLDERS[0]} or "
        f"models/{FOLDERS[1]}; put the file there and press R."
    )


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
                    options=_files(),
                    tooltip="A file in models/grounding or models/gligen, for example "
                    "gligen_sd14_textbox_pruned.safetensors.",
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
        state = comfy.utils.load_torch_file(_path_of(file), safe_load=True)
        try:
            model = read_grounding(state, file, comfy.ops.manual_cast)
        except ValueError as error:
            raise ValueError(f"Load Grounding Model: {error}") from error
        weights = [value for value in state.values() if isinstance(value, torch.Tensor)]
        halves = (torch.float16, torch.bfloat16)
        if comfy.model_management.should_use_fp16():
            model = model.half()
        elif weights and weights[0].dtype in halves:  # as small in memory as on disk
            model = model.to(weights[0].dtype)
        return io.NodeOutput(
            comfy.model_patcher.CoreModelPatcher(
                model,
                load_device=comfy.model_management.get_torch_device(),
                offload_device=comfy.model_management.unet_offload_device(),
            )
        )


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
    def execute(cls, conditioning, grounding, clip, scene) -> io.NodeOutput:
        tokens = frame_tokens(grounding, _entities(scene, clip, grounding.model))
        return io.NodeOutput([[text, {**more, TOKENS: tokens}] for text, more in conditioning])


def _entities(bundle: SceneBundle, clip, model) -> Entities:
    """Slots of every frame: one for each entity that has a box anywhere in the scene."""
    frames = interpolate(bundle.scene)
    names = list(dict.fromkeys(name for boxes in frames for name in boxes))
    if not names:
        raise ValueError(
            f"Encode Layout: scene {bundle.scene.id!r} has no boxes; give it a layout in the plan, "
            "or leave this node out."
        )
    features = [
        clip.encode_from_tokens(
            clip.tokenize(bundle.entity(name).name), return_pooled="unprojected"
        )[1]
        for name in names
    ]
    text = torch.cat(features).float().cpu().expand(len(frames), -1, -1)
    wanted = model.text_width
    if text.shape[-1] != wanted:
        raise ValueError(
            f"Encode Layout: this CLIP gives text features of {text.shape[-1]} numbers, but the "
            f"grounding model takes {wanted}; connect the CLIP of the kind of model it was made "
            "for (GLIGEN's: Stable Diffusion 1.x)."
        )
    boxes = torch.zeros(len(frames), len(names), 4)
    present = torch.zeros(len(frames), len(names), dtype=torch.bool)
    for frame, here in enumerate(frames):
        for name, box in here.items():
            boxes[frame, names.index(name)] = torch.tensor(box)
            present[frame, names.index(name)] = True
    return Entities(boxes, text, torch.zeros_like(text), present, torch.zeros_like(present))


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
