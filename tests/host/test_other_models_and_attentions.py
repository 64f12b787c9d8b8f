"""Value mapping with the host's kinds of attention, in half precision, and on an SDXL."""

import comfy.ldm.modules.attention as host_attention
import comfy.model_management
import comfy.model_patcher
import comfy.supported_models
import pytest
import torch
from video_director.attention_patches.frame_slices_patch import patch_frames_per_pass
from video_director.attention_patches.functional.filtering import AS_PUBLISHED, DUAL_SOFTMAX
from video_director.attention_patches.unet_blocks_patch import decoder_blocks
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

from .conftest import UNET, TinySD15, random_base
from .tiny_runs import assert_differs, assert_same, sample

KINDS = {
    "split": host_attention.attention_split,
    "sub-quadratic": host_attention.attention_sub_quad,
    "pytorch": host_attention.attention_pytorch,
}
SETTINGS = {
    "mapping": ValueMapping(),
    "first+previous": ValueMapping(order="first+previous"),
    "filtering": ValueMapping(filter_share=0.4, filter_form=DUAL_SOFTMAX),
    "as published": ValueMapping(filter_share=0.4, filter_form=AS_PUBLISHED),
}
CPU = torch.device("cpu")


def with_attention(model, kind):
    """What the host's command line switches do, for one model."""
    clone = model.clone()
    clone.model_options["transformer_options"]["optimized_attention_override"] = (
        lambda _chosen, *args, **kwargs: KINDS[kind](*args, **kwargs)
    )
    return clone


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_attention_of_the_host_gives_the_same(tiny_model, kind, settings):
    patched = patch_value_mapping(tiny_model, settings)
    wanted = sample(patched)
    assert_same(sample(with_attention(patched, kind)), wanted)
    assert_differs(wanted, sample(tiny_model))


@pytest.fixture(params=[torch.bfloat16, torch.float16], ids=["bf16", "fp16"])
def half_model(request):
    base = random_base(TinySD15, UNET, request.param)
    yield comfy.model_patcher.ModelPatcher(base, load_device=CPU, offload_device=CPU)
    comfy.model_management.unload_all_models()


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_half_precision_is_near_full_precision(half_model, tiny_model, settings):
    full = sample(patch_value_mapping(tiny_model, settings))
    half = sample(patch_value_mapping(half_model, settings))
    assert half_model.model.get_dtype() in (torch.bfloat16, torch.float16)
    off = (half - full).square().mean().sqrt() / full.std()
    unpatched = (sample(half_model) - sample(tiny_model)).square().mean().sqrt() / full.std()
    # Rounding moves a few tokens across the quantile; else the error is that of the plain model.
    assert 0 < float(off) < 3 * float(unpatched)


class TinySDXL(comfy.supported_models.SDXL):
    """SDXL's plan in small: no attention at the highest resolution, several blocks in a row."""

    unet_config = {}
    unet_extra_config = {}


SDXL_UNET = {
    **UNET,
    "channel_mult": [1, 2, 4],
    "transformer_depth": [0, 1, 2],
    "transformer_depth_output": [0, 0, 1, 1, 2, 2],
    "transformer_depth_middle": 2,
    "use_linear_in_transformer": True,
    "num_classes": "sequential",
    "adm_in_channels": 2816,
}


@pytest.fixture
def tiny_sdxl():
    base = random_base(TinySDXL, SDXL_UNET)
    yield comfy.model_patcher.ModelPatcher(base, load_device=CPU, offload_device=CPU)
    comfy.model_management.unload_all_models()


class FirstFrame:
    """Self-attention to frame 0, spelled out as an attn1_replace."""

    def __call__(self, q, k, v, options):
        conds = len(options["cond_or_uncond"])
        frames = q.shape[0] // conds
        leaders = [cond * frames for cond in range(conds) for _ in range(frames)]
        return host_attention.optimized_attention(q, k[leaders], v[leaders], options["n_heads"])


def test_sdxl_is_mapped_in_its_two_highest_resolutions_with_attention(tiny_sdxl):
    blocks = decoder_blocks(tiny_sdxl.model.diffusion_model)
    assert blocks == {("output", number) for number in range(4)}
    naive = tiny_sdxl.clone()
    for block in blocks:
        naive.set_model_attn1_replace(FirstFrame(), *block)
    wanted = sample(naive)
    mapped = patch_value_mapping(tiny_sdxl, ValueMapping(order="first"))
    assert_same(sample(mapped), wanted)
    assert_differs(wanted, sample(tiny_sdxl))


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_sdxl_in_slices_equals_the_whole(tiny_sdxl, share):
    mapped = patch_value_mapping(tiny_sdxl, ValueMapping(filter_share=share))
    wanted = sample(mapped)
    sliced = sample(patch_frames_per_pass(mapped, 3))
    assert_same(sliced, wanted)
