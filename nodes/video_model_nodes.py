"""Nodes for video models: their weights, and what they are told of a scene."""

import comfy.utils
import torch
from comfy_api.latest import io

from ..miniature.video_loader import load_video
from ..video_models.video_conditioning_model import video_conditioning
from ..video_models.videostudio_config import AESTHETIC, FIRST, MIDDLE
from ..video_models.videostudio_model import load_videostudio
from . import sockets
from .model_files import MINIATURE, model_files, path_of

CATEGORY = f"{sockets.CATEGORY}/video"
FOLDERS = ("video_models", "diffusion_models")
PRECISIONS = {
    "default": None,
    "fp8_e4m3fn": torch.float8_e4m3fn,
    "fp8_e5m2": torch.float8_e5m2,
}
LOAD, CONDITION = "Load Video Model", "Video Conditioning"


class LoadVideoModel(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorLoadVideoModel",
            display_name=LOAD,
            category=CATEGORY,
            description="Loads VideoStudio-Vid, which turns a scene's picture into a clip, as an "
            "ordinary model: any sampler samples it.",
            search_aliases=["VideoStudio", "image to video", "i2v", "UNETLoader", "Load Diffusion"],
            inputs=[
                io.Combo.Input(
                    "file",
                    options=[MINIATURE, *model_files(FOLDERS)],
                    tooltip="The miniature's own, or a file in models/video_models or "
                    "models/diffusion_models: the unet folder's "
                    "diffusion_pytorch_model.safetensors of VideoStudio-Vid.",
                ),
                io.Combo.Input(
                    "reference_position",
                    options=[FIRST, MIDDLE],
                    default=FIRST,
                    tooltip="Where the scene's picture stands among the frames: first, as the "
                    "released code has it, or in the middle, as the paper trains.",
                    advanced=True,
                ),
                io.Combo.Input(
                    "weight_dtype",
                    options=list(PRECISIONS),
                    default="default",
                    tooltip="fp8 halves the memory that weights take, for a little quality.",
                    advanced=True,
                ),
            ],
            outputs=[io.Model.Output("model", display_name="model", tooltip="The video model.")],
        )

    @classmethod
    def execute(cls, file, reference_position, weight_dtype) -> io.NodeOutput:
        if file == MINIATURE:
            return io.NodeOutput(load_video(reference_position))
        state = comfy.utils.load_torch_file(path_of(file, FOLDERS, LOAD), safe_load=True)
        try:
            model = load_videostudio(state, file, reference_position, PRECISIONS[weight_dtype])
        except ValueError as error:
            raise ValueError(f"{LOAD}: {error}") from error
        return io.NodeOutput(model)


class VideoConditioning(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorVideoConditioning",
            display_name=CONDITION,
            category=CATEGORY,
            description="Tells a video model of the scene's picture, its prompt and what is done "
            "in it, and makes the empty clip.",
            search_aliases=["image to video", "i2v", "VideoStudio", "WanImageToVideo", "action"],
            inputs=[
                io.Conditioning.Input(
                    "text",
                    tooltip="The scene's prompt, encoded; the model takes its pooled features.",
                ),
                io.Vae.Input("vae", tooltip="The VAE of the model, which reads the picture."),
                io.ClipVision.Input(
                    "clip_vision", tooltip="The image encoder (VideoStudio's: CLIP ViT-H/14)."
                ),
                io.Image.Input("image", tooltip="The scene's picture; the first of a batch."),
                _size("width", 512),
                _size("height", 320),
                io.Int.Input(
                    "frames", default=16, min=1, max=1024, tooltip="Number of frames of the clip."
                ),
                io.Float.Input(
                    "aesthetic",
                    default=AESTHETIC,
                    min=0.0,
                    max=10.0,
                    step=0.1,
                    tooltip="Aesthetic score asked for.",
                    advanced=True,
                ),
                sockets.Action.Input(
                    "action",
                    optional=True,
                    tooltip="What is done: from Action From Text, Actions, or a plan's scene.",
                ),
            ],
            outputs=[
                io.Conditioning.Output(
                    "positive", display_name="positive", tooltip="All that the model is told."
                ),
                io.Conditioning.Output(
                    "negative",
                    display_name="negative",
                    tooltip="The picture alone, without words and action, as published.",
                ),
                io.Latent.Output(
                    "latent",
                    display_name="latent",
                    tooltip="An empty clip; after sampling, Latent Cut To Batch (t) gives frames.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls, text, vae, clip_vision, image, width, height, frames, aesthetic, action=None
    ) -> io.NodeOutput:
        try:
            told = video_conditioning(
                text, vae, clip_vision, image, (width, height), frames, aesthetic, action or {}
            )
        except ValueError as error:
            raise ValueError(f"{CONDITION}: {error}") from error
        positive, negative, latent = told
        return io.NodeOutput(positive, negative, {"samples": latent})


def _size(name: str, default: int) -> io.Input:
    return io.Int.Input(
        name, default=default, min=64, max=8192, step=8, tooltip=f"The clip's {name}."
    )
