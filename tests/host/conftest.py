"""The real host in this process, on the CPU, and a tiny UNet of the host's own class."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = Path(os.environ.get("COMFYUI_PATH") or ROOT / ".host" / "ComfyUI")

if not (HOST / "comfy").is_dir():
    raise pytest.UsageError(
        f"{HOST} is no ComfyUI; run the tests with `python director.py test`, which fetches one"
    )
sys.path.insert(0, str(HOST))

import comfy.cli_args  # noqa: E402

# Before any other host import: the tests must not need a GPU, nor differ with one.
comfy.cli_args.args.cpu = True

import comfy.model_management  # noqa: E402
import comfy.model_patcher  # noqa: E402
import comfy.sd  # noqa: E402
import comfy.sd1_clip  # noqa: E402
import comfy.supported_models  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)

UNET = {
    "image_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "model_channels": 32,
    "channel_mult": [1, 2, 2],
    "num_res_blocks": [1, 1, 1],
    "transformer_depth": [1, 1, 1],
    "transformer_depth_output": [1] * 6,
    "transformer_depth_middle": 1,
    "context_dim": 64,
    "num_heads": 4,
    "use_spatial_transformer": True,
    "use_linear_in_transformer": False,
    "adm_in_channels": None,
    "legacy": False,
    "use_temporal_attention": False,
}


CLIP = {
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "hidden_act": "quick_gelu",
    "max_position_embeddings": 77,
    "vocab_size": 49408,
    "projection_dim": 64,
    "eos_token_id": 49407,
}


class TinySD15(comfy.supported_models.SD15):
    """An SD1.5 of 1.7 million parameters: three resolutions, attention at each."""

    unet_config = {}
    unet_extra_config = {}


def randomise(module, seed=0):
    """Fill a module whose weights the host left uninitialised, so that every layer matters."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        values = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() > 1:
            values *= 1.5 / parameter[0].numel() ** 0.5
        else:  # scales of norms and biases
            values = 1.0 + 0.1 * values
        with torch.no_grad():
            parameter.copy_(values)


def random_base(kind, unet, dtype=torch.float32):
    """A base model of the host's with random weights."""
    config = kind(unet)
    config.set_inference_dtype(dtype, None)
    base = config.get_model({}, "")
    randomise(base.diffusion_model)
    return base


@pytest.fixture(scope="session")
def tiny_base_model():
    return random_base(TinySD15, UNET)


@pytest.fixture
def tiny_model(tiny_base_model):
    cpu = torch.device("cpu")
    yield comfy.model_patcher.ModelPatcher(tiny_base_model, load_device=cpu, offload_device=cpu)
    # Patches of the base model's own parts stay on it until it is unloaded.
    comfy.model_management.unload_all_models()


class TinyClipTarget:
    """What the host needs to know to build a CLIP."""

    params = {}
    clip = comfy.sd1_clip.SD1ClipModel
    tokenizer = comfy.sd1_clip.SD1Tokenizer


@pytest.fixture(scope="session")
def tiny_clip():
    clip = comfy.sd.CLIP(TinyClipTarget, model_options={"clip_l_model_config": CLIP})
    randomise(clip.cond_stage_model)
    return clip
