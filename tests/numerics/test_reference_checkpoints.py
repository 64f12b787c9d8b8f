"""Reference adapters in every public layout become the same modules."""

import json
from pathlib import Path

import pytest
import torch
from video_director.attention_patches.reference_checkpoints import (
    GLOBAL,
    LOCAL,
    RESAMPLED,
    read_references,
    reference_state,
)
from video_director.attention_patches.reference_modules import KeysValues, LocalTokens

MANIFESTS = Path(__file__).parent / "manifests"
EXPECTED = {
    "ip_adapter_sd15": (GLOBAL, False, 16, 1024),
    "ip_adapter_sdxl": (GLOBAL, False, 70, 1280),
    "ip_adapter_plus_sd15": (RESAMPLED, False, 16, 1280),
    "ip_adapter_plus_sdxl_vit_h": (RESAMPLED, False, 70, 1280),
    "videostudio_img_ct_adapter": (RESAMPLED, True, 16, 1280),
}


def manifest(name):
    shapes = json.loads((MANIFESTS / f"{name}.json").read_text())["tensors"]
    return {key: torch.empty(shape, device="meta") for key, shape in shapes.items()}


def nested(flat):
    groups = {"image_proj": {}, "ip_adapter": {}}
    for key, value in flat.items():
        group, _, name = key.partition(".")
        groups[group][name] = value
    return groups


@pytest.mark.parametrize("layout", [dict, nested], ids=["flat", "nested"])
@pytest.mark.parametrize("name", EXPECTED)
def test_every_public_layout_loads(name, layout):
    with torch.device("meta"):
        adapter = read_references(layout(manifest(name)), name)
    kind, background, layers, width = EXPECTED[name]
    assert adapter.layout == kind
    assert adapter.parts_background == background
    assert len(adapter.layers) == layers
    assert adapter.image_width == width
    assert reference_state(adapter).keys() == manifest(name).keys()


def test_sd15_layers_are_in_the_order_of_down_up_middle():
    with torch.device("meta"):
        adapter = read_references(manifest("ip_adapter_sd15"), "file")
    widths = [layer.to_k_ip.weight.shape[0] for layer in adapter.layers]
    down, up, middle = [320, 320, 640, 640, 1280, 1280], [1280] * 3 + [640] * 3 + [320] * 3, [1280]
    assert widths == down + up + middle


def own(layers=2):
    state = {f"image_proj.{k}": v for k, v in LocalTokens(8).state_dict().items()}
    for number in range(layers):
        for key, value in KeysValues(8, 16, True).state_dict().items():
            state[f"ip_adapter.{2 * number + 1}.{key}"] = value
    return state


def test_own_local_tokens_are_read_and_written():
    state = own()
    adapter = read_references(state, "file")
    assert adapter.layout == LOCAL
    written = reference_state(adapter)
    assert written.keys() == state.keys()
    assert all(torch.equal(written[key], state[key]) for key in state)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: {}, "no keys such as ip_adapter.1.to_k_ip.weight"),
        (lambda s: {**s, "ip_adapter.0.to_q_lora.down.weight": torch.zeros(1)}, "to_q_lora"),
        (lambda s: {k: v for k, v in s.items() if ".1." not in k}, "not numbered 1, 3, 5"),
        (lambda s: {**s, "image_proj.proj.0.weight": torch.zeros(1)}, "its image_proj has"),
        (lambda s: {k: v for k, v in s.items() if "3.to_v_ip_bg" not in k}, "do not fit together"),
    ],
)
def test_anything_else_is_refused(change, message):
    with pytest.raises(ValueError, match=message) as error:
        read_references(change(own()), "strange.bin")
    assert "strange.bin" in str(error.value)
    if "fit" not in message:
        assert "Known layouts: IP-Adapter" in str(error.value)
