"""Builds the host's own model objects from the miniature's shipped weights."""

from __future__ import annotations

import copy
import json
import logging
from typing import Any

import comfy.latent_formats
import comfy.model_base
import comfy.model_management
import comfy.model_patcher
import comfy.ops
import comfy.sd
import comfy.sd1_clip
import comfy.supported_models_base
import comfy.utils
import torch
from comfy.clip_vision import ClipVisionModel
from torch import Tensor

from ..attention_patches.extra_weights_patch import weights_patcher
from ..attention_patches.grounding_checkpoints import read_grounding
from ..attention_patches.reference_checkpoints import read_references
from .text import CONFIG as TEXT_CONFIG
from .text import expand_table
from .training import WEIGHTS, digest
from .unet import PositionedUNet
from .vision import CONFIG as VISION_CONFIG
from .vocabulary import known_words, unknown_words

log = logging.getLogger(__name__)


class MiniatureLatents(comfy.latent_formats.LatentFormat):
    """Latents are shifted and scaled per channel to zero mean and unit variance.

    Args:
        config: mean, deviation and preview colours.
        axes: of a latent beside batch and channels; 3 where frames have one of their own.
    """

    def __init__(self, config: dict[str, Any], axes: int = 2) -> None:
        mean, std = torch.tensor(config["latent_mean"]), torch.tensor(config["latent_std"])
        self.mean, self.std = (part.view(-1, *[1] * axes) for part in (mean, std))
        self.latent_dimensions = axes
        self.latent_channels = len(mean)
        self.latent_rgb_factors = config.get("latent_rgb_factors")
        self.latent_rgb_factors_bias = config.get("latent_rgb_bias")

    def process_in(self, latent: Tensor) -> Tensor:
        return (latent - self.mean.to(latent)) / self.std.to(latent)

    def process_out(self, latent: Tensor) -> Tensor:
        return latent * self.std.to(latent) + self.mean.to(latent)


class MiniatureConfig(comfy.supported_models_base.BASE):
    """The host's description of the miniature's denoiser."""

    unet_extra_config: dict[str, Any] = {}
    memory_usage_factor = 0.5

    def __init__(self, config: dict[str, Any]) -> None:
        latents = MiniatureLatents(config)
        self.latent_format = lambda: latents
        unet = {k: v for k, v in config.items() if not k.startswith("latent_")}
        unet.pop("prediction")
        super().__init__(unet)
        self.unet_config["dtype"] = torch.float32


class MiniatureModel(comfy.model_base.BaseModel):
    """The denoiser as the host's samplers use it: v-prediction, positioned UNet."""

    def __init__(self, config: MiniatureConfig, device: Any = None) -> None:
        super().__init__(
            config,
            comfy.model_base.ModelType.V_PREDICTION,
            device=device,
            unet_model=PositionedUNet,
        )


def read_weights(name: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read shipped weights as float32 and their record, checking one against the other.

    Raises:
        FileNotFoundError: the file or its record is missing.
        ValueError: the file is not the one that the record tells of.
    """
    path = WEIGHTS / f"{name}.safetensors"
    note = path.with_suffix(".json")
    for needed in (path, note):
        if not needed.exists():
            raise FileNotFoundError(
                f"Load Miniature: {needed.name} is missing from the pack's miniature/weights "
                "folder; install the pack again, or make it with `python director.py train`"
            )
    record = json.loads(note.read_text())
    found = digest(path)
    if found != record["sha256"]:
        raise ValueError(
            f"Load Miniature: {path.name} has digest {found[:12]}, its record says "
            f"{record['sha256'][:12]}; the file was changed or cut short, install the pack again"
        )
    tensors = comfy.utils.load_torch_file(str(path), safe_load=True)
    return {key: value.float() for key, value in tensors.items()}, record


def load_unet() -> comfy.model_patcher.ModelPatcher:
    """The denoiser as a MODEL."""
    tensors, record = read_weights("unet")
    management = comfy.model_management
    offload = management.unet_offload_device()
    model = MiniatureModel(MiniatureConfig(copy.deepcopy(record["config"])), device=offload)
    model.diffusion_model.load_state_dict(tensors)
    return comfy.model_patcher.CoreModelPatcher(
        model, load_device=management.get_torch_device(), offload_device=offload
    )


class _TextEncoder(comfy.sd1_clip.SDClipModel):
    """CLIP of the miniature's size; ``comfy.sd1_clip`` takes sizes from its options."""

    def __init__(self, device: Any = "cpu", dtype: Any = None, model_options: Any = None) -> None:
        super().__init__(
            device=device,
            dtype=dtype,
            textmodel_json_config=dict(TEXT_CONFIG),
            return_projected_pooled=False,
            model_options=model_options or {},
        )


class _Clip(comfy.sd1_clip.SD1ClipModel):
    def __init__(self, device: Any = "cpu", dtype: Any = None, model_options: Any = None) -> None:
        super().__init__(
            device=device, dtype=dtype, model_options=model_options or {}, clip_model=_TextEncoder
        )


class MiniatureTokenizer(comfy.sd1_clip.SD1Tokenizer):
    """The host's tokenizer, which also tells which words the miniature was shown.

    On the tokenizer, because clones of the CLIP (LoRA loaders, CLIP skip) keep it.
    """

    known_words = known_words()
    unknown_words = staticmethod(unknown_words)


class _Target:
    params: dict[str, Any] = {}
    clip = _Clip
    tokenizer = MiniatureTokenizer


def load_clip() -> comfy.sd.CLIP:
    """The text encoder as a CLIP."""
    tensors, _ = read_weights("text_encoder")
    table = "text_model.embeddings.token_embedding.weight"
    tensors[table] = expand_table(tensors[table])
    clip = comfy.sd.CLIP(_Target(), model_options={"dtype": torch.float32})
    missing, unexpected = clip.load_sd(tensors)
    _complete("text_encoder", [key for key in missing if key != "logit_scale"], unexpected)
    return clip


def load_vae() -> comfy.sd.VAE:
    """The autoencoder as a VAE."""
    tensors, _ = read_weights("autoencoder")
    # The layout's own rescaling of latents, which ours leaves to the latent format.
    rescaling = {"vae_scale": torch.tensor(1.0), "vae_shift": torch.tensor(0.0)}
    return comfy.sd.VAE(sd={**tensors, **rescaling})


def load_vision() -> ClipVisionModel:
    """The image encoder as a CLIP_VISION."""
    tensors, _ = read_weights("vision_encoder")
    vision = ClipVisionModel(dict(VISION_CONFIG))
    missing, unexpected = vision.load_sd(tensors)
    _complete("vision_encoder", missing, unexpected)
    return vision


def load_grounding() -> comfy.model_patcher.ModelPatcher:
    """The layout fusers as a GROUNDING.

    Raises:
        FileNotFoundError: weights are missing.
        ValueError: they were trained on other weights than those shipped with them.
    """
    tensors = read_trained_on_others("grounding", "Load Grounding Model")
    model = read_grounding(tensors, "miniature/weights/grounding", comfy.ops.manual_cast)
    return weights_patcher(model.eval().requires_grad_(False))


def load_references(name: str = "reference") -> comfy.model_patcher.ModelPatcher:
    """The cross-attentions to pictures as a REFERENCE_ADAPTER.

    Args:
        name: of the shipped weights; other forms of tokens have others.

    Raises:
        FileNotFoundError: weights are missing.
        ValueError: they were trained on other weights than those shipped with them.
    """
    tensors = read_trained_on_others(name, "Load Reference Adapter")
    model = read_references(tensors, f"miniature/weights/{name}", comfy.ops.manual_cast)
    return weights_patcher(model.eval().requires_grad_(False))


def read_trained_on_others(name: str, node: str) -> dict[str, Tensor]:
    """Read weights that only fit the very weights they were trained on."""
    tensors, record = read_weights(name)
    trained_by = name.replace("_global", " --tokens global")
    for part, made_with in record["made_with"].items():
        found = json.loads((WEIGHTS / f"{part}.json").read_text())["sha256"]
        if found != made_with:
            raise ValueError(
                f"{node}: the miniature's {name} weights were trained on the {part} "
                f"{made_with[:12]}, but the pack has {found[:12]}; install the pack again, or "
                f"train them with `python director.py train {trained_by}`"
            )
    return tensors


def _complete(name: str, missing: list[str], unexpected: list[str]) -> None:
    if missing or unexpected:
        raise ValueError(
            f"Load Miniature: {name} does not fit this version of the pack "
            f"(missing {list(missing)[:3]}, unexpected {list(unexpected)[:3]}); "
            "take weights and code from one version"
        )


def load_miniature() -> tuple[
    comfy.model_patcher.ModelPatcher, comfy.sd.CLIP, comfy.sd.VAE, ClipVisionModel
]:
    """Return the miniature as the host's MODEL, CLIP, VAE and CLIP_VISION.

    Raises:
        FileNotFoundError: weights are missing.
        ValueError: weights are not those of this version of the pack.
    """
    return load_unet(), load_clip(), load_vae(), load_vision()
