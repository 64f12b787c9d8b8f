"""Classifiers of clips in local folders: VideoMAE, as transformers has it."""

from pathlib import Path

import comfy.model_management
import torch
from torch import Tensor

from ..planning.kinetics import action_labels
from .model_files import folder_of, model_folders

FOLDER = "video_classifiers"
NONE = "none found"
_CONFIG = "config.json"


def classifier_folders() -> list[str]:
    """Folders of models/video_classifiers that hold a classifier; NONE where there is none."""
    return model_folders(FOLDER, _CONFIG) or [NONE]


def classify_clip(images: Tensor, folder: str, device: torch.device, node: str) -> Tensor:
    """Probabilities of the 400 actions in a clip, [400], on the CPU.

    Args:
        images: frames [F, h, w, 3], 0 to 1; as many as the classifier takes are spread over them.
        folder: one of ``classifier_folders()``.
        device: to compute on.
        node: which errors name.

    Raises:
        ValueError: no such folder, or a classifier of other classes.
    """
    from transformers import VideoMAEForVideoClassification, VideoMAEImageProcessor

    path = _path_of(folder, node)
    # Local files in a format without code: nothing is fetched, nothing is run.
    model = VideoMAEForVideoClassification.from_pretrained(
        path, local_files_only=True, use_safetensors=True
    )
    if model.config.num_labels != len(action_labels()):
        raise ValueError(
            f"{node}: the classifier {folder!r} knows {model.config.num_labels} classes; take one "
            "of the 400 of Kinetics-400."
        )
    processor = VideoMAEImageProcessor.from_pretrained(path, local_files_only=True)
    wanted = model.config.num_frames
    at = torch.linspace(0, len(images) - 1, wanted).round().long()
    frames = (images[at].cpu() * 255).round().byte().numpy()
    given = processor(list(frames), return_tensors="pt")["pixel_values"]
    comfy.model_management.throw_exception_if_processing_interrupted()
    with torch.no_grad():
        logits = model.to(device).eval()(pixel_values=given.to(device)).logits
    return logits[0].float().softmax(-1).cpu()


def _path_of(folder: str, node: str) -> Path:
    path = folder_of(folder, FOLDER, _CONFIG)
    if path is None:
        raise ValueError(
            f"{node}: there is no classifier {folder!r} in models/{FOLDER}; put the folder of a "
            "VideoMAE classifier there (config.json, model.safetensors, preprocessor_config.json) "
            "and press R."
        )
    return path
