"""Clips in slices: the sliced run is the whole run, one slice's memory at a time."""

import comfy.controlnet
import pytest
import torch
from video_director.attention_patches.frame_slices_patch import (
    patch_frames_per_pass,
    slices_of,
)
from video_director.attention_patches.functional.value_mapping import ORDERS
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

from .tiny_runs import assert_same, conditioning, sample, split_conditions, use_windows

CLIP = 7


@pytest.mark.parametrize("share", [0.0, 0.4])
@pytest.mark.parametrize("order", list(ORDERS))
@pytest.mark.parametrize("size", [1, 3])
def test_equals_the_whole_batch(tiny_model, order, share, size):
    mapped = patch_value_mapping(tiny_model, ValueMapping(order=order, filter_share=share))
    wanted = sample(mapped, frames=CLIP)
    assert_same(sample(patch_frames_per_pass(mapped, size), frames=CLIP), wanted)


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "heun"])
def test_other_samplers_and_the_other_order_of_nodes(tiny_model, sampler):
    settings = ValueMapping(period=1)
    wanted = sample(patch_value_mapping(tiny_model, settings), frames=CLIP, sampler=sampler)
    sliced = patch_value_mapping(patch_frames_per_pass(tiny_model, 3), settings)
    assert_same(sample(sliced, frames=CLIP, sampler=sampler), wanted)


def test_without_mapping_and_without_guidance(tiny_model):
    wanted = sample(tiny_model, frames=CLIP, cfg=1.0)
    assert_same(sample(patch_frames_per_pass(tiny_model, 2), frames=CLIP, cfg=1.0), wanted)


def test_conditions_apart_and_three_of_them(tiny_model, monkeypatch):
    positive = conditioning(CLIP, 2) + conditioning(CLIP, 9)
    mapped = patch_value_mapping(tiny_model, ValueMapping())
    wanted = sample(mapped, frames=CLIP, positive=positive)
    sliced = patch_frames_per_pass(mapped, 3)
    assert_same(sample(sliced, frames=CLIP, positive=positive), wanted)
    split_conditions(monkeypatch, tiny_model)
    assert_same(sample(sliced, frames=CLIP, positive=positive), wanted)


class Batches:
    """Notes how many rows each call of the denoiser has."""

    def __init__(self):
        self.rows = []

    def __call__(self, h, options):
        self.rows.append(h.shape[0])
        return h


def test_no_more_frames_than_asked_for_are_in_a_call(tiny_model):
    sliced, seen = patch_frames_per_pass(tiny_model, 3), Batches()
    sliced.set_model_input_block_patch(seen)
    sample(sliced, frames=CLIP)
    assert set(seen.rows) == {2 * 3, 2 * 1}
    whole, every = patch_frames_per_pass(tiny_model, CLIP), Batches()
    whole.set_model_input_block_patch(every)
    sample(whole, frames=CLIP)
    assert set(every.rows) == {2 * CLIP}


def test_with_context_windows(tiny_model):
    mapped = patch_value_mapping(tiny_model, ValueMapping(order="first"))
    use_windows(mapped)
    wanted = sample(mapped, frames=CLIP)
    assert_same(sample(patch_frames_per_pass(mapped, 2), frames=CLIP), wanted)


class Control(comfy.controlnet.ControlBase):
    """What a ControlNet adds, different for every row."""

    def __init__(self, rows):
        super().__init__()
        self.rows = rows

    def get_control(self, x, t, cond, batched_number, options):
        per_row = torch.linspace(-1, 1, self.rows).repeat(batched_number)
        wide = per_row[:, None, None, None].expand(-1, 64, 2, 2)
        return {"middle": [wide], "output": [], "input": []}


def test_controls_are_sliced_with_their_frames(tiny_model):
    positive = conditioning(CLIP, 2)
    plain = sample(tiny_model, frames=CLIP, positive=positive)
    positive[0][1]["control"] = Control(CLIP)
    wanted = sample(tiny_model, frames=CLIP, positive=positive)
    assert not torch.allclose(plain, wanted)
    assert_same(
        sample(patch_frames_per_pass(tiny_model, 3), frames=CLIP, positive=positive), wanted
    )


def test_slices():
    assert slices_of(7, 3) == [[0, 1, 2], [3, 4, 5], [6]]
    assert slices_of(7, 3, first=[4]) == [[3, 4, 5], [0, 1, 2], [6]]
    assert slices_of(2, 8) == [[0, 1]]


def test_errors_name_what_to_change(tiny_model):
    with pytest.raises(ValueError, match="0 frames per pass; it must be at least 1"):
        patch_frames_per_pass(tiny_model, 0)
    linear = tiny_model.clone()
    linear.add_object_patch("diffusion_model", torch.nn.Linear(1, 1))
    with pytest.raises(ValueError, match="denoiser is a Linear"):
        patch_frames_per_pass(linear, 4)
