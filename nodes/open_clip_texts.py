"""Text features of OpenCLIP models in local folders, as VideoStudio's action labels have them."""

import json
from collections.abc import Sequence
from pathlib import Path

import comfy.model_management
import torch
from torch import Tensor

from .model_files import folder_of, model_folders

FOLDER = "open_clip"
NONE = "none"
_CONFIG, _WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"
_AT_ONCE = 64  # texts in a batch
# Parts that open_clip would fetch from elsewhere.
_FETCHED = ("hf_model_name", "hf_tokenizer_name", "timm_model_name")


def open_clip_folders() -> list[str]:
    """NONE and the folders of models/open_clip that hold a model."""
    return [NONE, *model_folders(FOLDER, _CONFIG)]


@torch.no_grad()
def encode_texts(texts: Sequence[str], folder: str, device: torch.device, node: str) -> Tensor:
    """Projected features of texts, [len(texts), d], on the CPU.

    Args:
        texts: each cut off at the model's context length.
        folder: one of ``open_clip_folders()``, not NONE.
        device: to compute on.
        node: which errors name.

    Raises:
        ValueError: no such folder, open_clip is not installed, or a model that is more than what
            the folder holds.
    """
    try:
        import open_clip
    except ImportError as error:
        raise ValueError(
            f"{node}: open_clip {folder!r} needs the package open_clip_torch, which is not "
            "installed; install it, or connect a text encoder to clip."
        ) from error
    path = _path_of(folder, node)
    described = json.loads((path / _CONFIG).read_text(encoding="utf-8"))
    described = described.get("model_cfg", described)
    elsewhere = [name for part in described.values() if isinstance(part, dict) for name in part]
    if fetched := sorted(set(elsewhere) & set(_FETCHED)):
        raise ValueError(
            f"{node}: open_clip {folder!r} is built of other models ({', '.join(fetched)}), which "
            "are not fetched; take one of OpenCLIP's own, such as ViT-bigG-14."
        )
    model = open_clip.create_model(f"local-dir:{path}").eval()
    del model.visual  # the larger part, and not asked
    model.to(device)
    tokenize = open_clip.SimpleTokenizer(context_length=model.context_length)
    rows = []
    for start in range(0, len(texts), _AT_ONCE):
        comfy.model_management.throw_exception_if_processing_interrupted()
        tokens = tokenize(list(texts[start : start + _AT_ONCE])).to(device)
        rows.append(model.encode_text(tokens).float().cpu())
    return torch.cat(rows)


def _path_of(folder: str, node: str) -> Path:
    path = folder_of(folder, FOLDER, _WEIGHTS)
    if path is None:
        raise ValueError(
            f"{node}: there is no model {folder!r} in models/{FOLDER}; put its folder there "
            f"({_CONFIG}, {_WEIGHTS}) and press R."
        )
    return path
