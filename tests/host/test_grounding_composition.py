"""Layout grounding together with what else people patch into a model."""

import comfy.controlnet
import comfy.model_management
import comfy.model_patcher
import comfy.ops
import pytest
import torch
from video_director.attention_patches.grounding_checkpoints import read_grounding
from video_director.attention_patches.grounding_modules import TextTokens
from video_director.attention_patches.grounding_patch import patch_grounding
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

from .conftest import UNET, TinySD15, random_base
from .test_grounding_patch import (
    ALWAYS,
    CPU,
    STILL,
    WIDTH,
    grounded,
    patcher_of,
    state_of,
)
from .tiny_runs import assert_differs, assert_same, conditioning, sample, split_conditions

MAPPINGS = {
    "mapping": ValueMapping(filter_share=0.0),
    "filtering": ValueMapping(filter_share=0.4),
}


@pytest.fixture
def state(tiny_model):
    return state_of(tiny_model, TextTokens(WIDTH, WIDTH))


@pytest.fixture
def patcher(state):
    return patcher_of(state)


def apply(model, patcher):
    return patch_grounding(model, patcher, 1.0, ALWAYS)


@pytest.mark.parametrize("settings", MAPPINGS.values(), ids=MAPPINGS)
def test_with_value_mapping_in_either_order(tiny_model, patcher, settings):
    positive = grounded(patcher, STILL)
    one = sample(apply(patch_value_mapping(tiny_model, settings), patcher), positive=positive)
    other = sample(patch_value_mapping(apply(tiny_model, patcher), settings), positive=positive)
    assert_same(one, other)
    assert_differs(one, sample(apply(tiny_model, patcher), positive=positive))
    assert_differs(one, sample(patch_value_mapping(tiny_model, settings), positive=positive))


def with_lora(model):
    """A weight patch on an attention right before a fuser, as LoRA loaders make them."""
    key = "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_out.0.weight"
    clone = model.clone()
    shape = comfy.model_patcher.get_key_weight(model.model, key)[0].shape
    change = torch.randn(shape, generator=torch.Generator().manual_seed(4)) * 0.3
    assert clone.add_patches({key: ("diff", (change,))}, 1.0)
    return clone


def test_with_a_lora_in_either_order(tiny_model, patcher):
    positive = grounded(patcher, STILL)
    one = sample(apply(with_lora(tiny_model), patcher), positive=positive)
    other = sample(with_lora(apply(tiny_model, patcher)), positive=positive)
    assert_same(one, other)
    assert_differs(one, sample(apply(tiny_model, patcher), positive=positive))
    assert_differs(one, sample(with_lora(tiny_model), positive=positive))


class Control(comfy.controlnet.ControlBase):
    """Adds the same to every row of the middle block, as a ControlNet does."""

    def get_control(self, x, t, cond, batched_number, options):
        width = UNET["model_channels"] * UNET["channel_mult"][-1]
        # Not the same everywhere: norms would take that out again.
        added = 5 * torch.randn(width, 2, 2, generator=torch.Generator().manual_seed(6))
        return {"middle": [added.expand(len(x), -1, -1, -1)], "output": [], "input": []}


@pytest.mark.parametrize("split", [False, True], ids=["together", "apart"])
def test_with_a_controlnet(tiny_model, patcher, monkeypatch, split):
    positive = grounded(patcher, STILL)
    without = sample(apply(tiny_model, patcher), positive=positive)
    positive[0][1]["control"] = Control()
    together = sample(apply(tiny_model, patcher), positive=positive)
    assert_differs(together, without)
    plain = conditioning(4, 2)
    plain[0][1]["control"] = Control()
    assert_differs(together, sample(tiny_model, positive=plain))
    if split:
        split_conditions(monkeypatch, tiny_model)
        assert_same(sample(apply(tiny_model, patcher), positive=positive), together)


def typed(state, dtype):
    """The weights stored in another precision, on layers that cast when they are used."""
    model = read_grounding(state, "test", comfy.ops.manual_cast).to(dtype)
    return comfy.model_patcher.ModelPatcher(model, load_device=CPU, offload_device=CPU)


@pytest.mark.parametrize(
    ("dtype", "most"),
    [(torch.float16, 0.01), (torch.bfloat16, 0.05), (torch.float8_e4m3fn, 0.5)],
    ids=["fp16", "bf16", "fp8"],
)
def test_weights_of_less_precision_are_near(tiny_model, state, dtype, most):
    full = patcher_of(state)
    wanted = sample(apply(tiny_model, full), positive=grounded(full, STILL))
    small = typed(state, dtype)
    got = sample(apply(tiny_model, small), positive=grounded(small, STILL))
    plain = sample(tiny_model)
    assert 0 < float((got - wanted).norm() / (wanted - plain).norm()) < most


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=["bf16", "fp16"])
def test_in_a_model_of_half_precision(state, tiny_model, dtype):
    base = random_base(TinySD15, UNET, dtype)
    half = comfy.model_patcher.ModelPatcher(base, load_device=CPU, offload_device=CPU)
    patcher = typed(state, torch.float32)
    positive = grounded(patcher, STILL)
    wanted = sample(apply(tiny_model, patcher), positive=positive)
    got = sample(apply(half, patcher), positive=positive)
    assert float((got - wanted).norm() / wanted.norm()) < 0.1
    assert_differs(got, sample(half))
    comfy.model_management.unload_all_models()


@pytest.fixture
def little_memory(monkeypatch):
    """The host's own way with little memory: a model's layers stay where they are kept, and each
    is fetched, with what LoRAs change in it, when it is computed with."""
    fully = comfy.model_patcher.ModelPatcher.load
    kept = []

    def load(self, device_to=None, lowvram_model_memory=0, force_patch_weights=False, **more):
        fully(self, device_to, 1000, force_patch_weights)
        kept.append(self.model.model_lowvram)

    monkeypatch.setattr(comfy.model_patcher.ModelPatcher, "load", load)
    return kept


def test_with_little_memory_and_a_lora(tiny_model, state, request):
    model = read_grounding(state, "test", comfy.ops.manual_cast)
    patcher = comfy.model_patcher.ModelPatcher(model, load_device=CPU, offload_device=CPU)
    positive = grounded(patcher, STILL)
    grounded_model = apply(with_lora(tiny_model), patcher)
    wanted = sample(grounded_model, positive=positive)
    assert_differs(wanted, sample(apply(tiny_model, patcher), positive=positive))
    comfy.model_management.unload_all_models()
    kept = request.getfixturevalue("little_memory")
    assert_same(sample(grounded_model, positive=positive), wanted)
    assert kept == [True, True]  # the denoiser, and the fusers
