"""Every public layout of grounding weights is read; others are refused by name.

The manifests are key names and shapes of the public checkpoints, without weights.
"""

import json
from pathlib import Path

import pytest
import torch
from video_director.attention_patches.grounding_checkpoints import (
    JOINT,
    TEXT,
    TEXT_IMAGE,
    GroundingModel,
    read_grounding,
)
from video_director.attention_patches.grounding_modules import (
    GatedSelfAttention,
    JointTokens,
    TextTokens,
)

MANIFESTS = sorted((Path(__file__).parent / "manifests").glob("gligen_*.json"))
SD1_PLACES = [
    *(("input", number, 0) for number in (1, 2, 4, 5, 7, 8)),
    ("middle", 0, 0),
    *(("output", number, 0) for number in range(3, 12)),
]


def keys_of(path):
    return json.loads(path.read_text())


def empty(manifest):
    return {key: torch.empty(shape) for key, shape in manifest["tensors"].items()}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_every_public_layout_loads(path):
    manifest = keys_of(path)
    with torch.device("meta"):
        model = read_grounding(empty(manifest), path.stem)
    assert model.layout == (TEXT_IMAGE if "image" in path.stem else TEXT)
    assert sorted(model.places) == sorted(SD1_PLACES)
    assert sum(p.numel() for p in model.parameters()) == manifest["param_count"]
    widths = {place: model.fuser_at(place[:2], 0).norm1.weight.shape[0] for place in model.places}
    assert widths["input", 1, 0] == widths["output", 11, 0] == 320
    assert widths["middle", 0, 0] == widths["output", 3, 0] == 1280
    assert all(model.fuser_at(place[:2], 0).heads == 8 for place in model.places)
    assert model.fuser_at(("input", 1), 1) is None


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
def test_the_nested_original_and_prefixes(prefix):
    manifest = keys_of(MANIFESTS[0])
    with torch.device("meta"):
        state = {prefix + key: value for key, value in empty(manifest).items()}
        state["first_stage_model.decoder.conv_in.weight"] = torch.empty(4, 4)
        config = {"model": {"params": {"fuser_type": "gatedSA"}}}
        nested = {"model": state, "autoencoder": {}, "config_dict": config}
        assert read_grounding(nested, "original.bin").layout == TEXT
        config["model"]["params"]["fuser_type"] = "gatedSA2"
        with pytest.raises(ValueError, match="original.bin: its fusers are of the kind gatedSA2"):
            read_grounding(nested, "original.bin")


def small(seed=0, *, tokens=None, width=32, heads=2):
    """A checkpoint of two fusers, as state and as modules."""
    torch.manual_seed(seed)
    tokens = TextTokens(24, 16) if tokens is None else tokens
    fusers = {
        ("input", 1, 0): GatedSelfAttention(width, 16, heads),
        ("middle", 0, 0): GatedSelfAttention(width, 16, heads),
    }
    names = ("input_blocks.1.1", "middle_block.1")
    state = {f"position_net.{name}": value for name, value in tokens.state_dict().items()}
    for name, fuser in zip(names, fusers.values(), strict=True):
        for key, value in fuser.state_dict().items():
            state[f"{name}.transformer_blocks.0.fuser.{key}"] = value
    return state, GroundingModel(JOINT, tokens, fusers)


def test_weights_arrive_where_they_belong():
    state, wanted = small(tokens=JointTokens(24, 20, 16))
    state["head_width"] = torch.tensor(16)
    got = read_grounding(state, "own.safetensors")
    assert got.layout == JOINT
    assert [fuser.heads for fuser in got.fusers] == [2, 2]
    for name, value in wanted.state_dict().items():
        assert torch.equal(got.state_dict()[name], value), name


def test_diffusers_blocks_are_the_hosts():
    names = keys_of(MANIFESTS[0].with_name("gligen_text_box_diffusers.json"))["ldm_to_diffusers"]
    state, _ = small(width=64)
    tokens, fuser = without(state, ".fuser."), GatedSelfAttention(64, 16, 1).state_dict()
    both = {False: dict(tokens), True: dict(tokens)}
    for number, pair in enumerate(names.items()):
        fuser = {key: torch.full_like(value, number) for key, value in fuser.items()}
        for diffusers, name in enumerate(pair):
            both[bool(diffusers)] |= {f"{name}.fuser.{key}": v for key, v in fuser.items()}
    wanted, got = read_grounding(both[False], "ldm"), read_grounding(both[True], "diffusers")
    assert sorted(got.places) == sorted(SD1_PLACES)
    assert got.places == wanted.places
    for name, value in wanted.state_dict().items():
        assert torch.equal(got.state_dict()[name], value), name


def test_half_precision_files_are_read():
    state, _ = small(width=64)
    model = read_grounding({key: value.half() for key, value in state.items()}, "half")
    assert model.fuser_at(("middle", 0), 0).linear.weight.shape == (64, 16)


def without(state, part):
    return {key: value for key, value in state.items() if part not in key}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without(s, ".fuser."), "x.pt: it has no fusers .*Known layouts: GLIGEN's"),
        (lambda s: without(s, "position_net"), "it has no position_net"),
        (lambda s: without(s, "fuser.linear"), "gated cross-attention"),
        (lambda s: without(s, "null_positive"), "its position_net has linears.0.bias"),
        (lambda s: without(s, "fuser.norm2.weight"), "do not fit together"),
        (lambda s: {}, "it has no fusers"),
    ],
)
def test_others_are_refused_by_name(change, message):
    state, _ = small(width=64)
    with pytest.raises(ValueError, match=message):
        read_grounding(change(state), "x.pt")
