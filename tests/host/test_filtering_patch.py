"""Dual-softmax filtering through the host's own samplers on a real ModelPatcher."""

import pytest
import torch
from comfy.ldm.modules.attention import optimized_attention
from video_director.attention_patches.functional.filtering import (
    AS_PUBLISHED,
    DUAL_SOFTMAX,
    FORMS,
    mapped_tokens,
)
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping

from .tiny_runs import (
    FRAMES,
    assert_differs,
    assert_same,
    conditioning,
    sample,
    split_conditions,
)

SHARE = 0.4
BLOCKS = [("output", number) for number in (2, 3, 4, 5)]
LEADER = 0


class NaiveFiltering:
    """Equations 5 and 6 as an attn1_replace that holds every map; the leader is frame 0."""

    def __init__(self, form):
        self.form = form

    def __call__(self, q, k, v, options):
        heads, conds = options["n_heads"], len(options["cond_or_uncond"])
        own = optimized_attention(q, k, v, heads)
        q, k, v, own = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v, own))
        leaders = [cond * FRAMES + LEADER for cond in range(conds) for _ in range(FRAMES)]
        k, v = k[leaders], v[leaders]
        similarity = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        if self.form == DUAL_SOFTMAX:
            other = similarity.softmax(-2)
        else:
            other = (k @ q.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1)
        confidence = (similarity.softmax(-1) * other).mean(-1)
        keep = mapped_tokens(confidence, SHARE, self.form)
        out = torch.where(keep[..., None], similarity.softmax(-1) @ v, own)
        return out.transpose(1, 2).flatten(2)


def filtered(model, **settings):
    return patch_value_mapping(
        model, ValueMapping(**{"order": "first", "filter_share": SHARE, **settings})
    )


@pytest.mark.parametrize("cfg", [1.0, 7.5])
@pytest.mark.parametrize("form", FORMS)
def test_sampling_equals_a_naive_replace_patch(tiny_model, cfg, form):
    naive = tiny_model.clone()
    for block, number in BLOCKS:
        naive.set_model_attn1_replace(NaiveFiltering(form), block, number)
    wanted = sample(naive, cfg=cfg)
    assert_same(sample(filtered(tiny_model, filter_form=form), cfg=cfg), wanted)
    assert_differs(wanted, sample(tiny_model, cfg=cfg))
    unfiltered = patch_value_mapping(tiny_model, ValueMapping(order="first"))
    assert_differs(wanted, sample(unfiltered, cfg=cfg))


def test_more_filtering_comes_nearer_to_no_mapping(tiny_model):
    plain = sample(tiny_model)
    far = [
        float((sample(filtered(tiny_model, filter_share=share)) - plain).abs().mean())
        for share in (0.0, 0.5, 0.9, 1.0)
    ]
    assert far == sorted(far, reverse=True)
    assert far[-1] < 0.2 * far[0]


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpmpp_2m", "dpmpp_sde"])
@pytest.mark.parametrize("order", ["rotational", "first+previous", "random"])
def test_all_orders_and_samplers_run(tiny_model, order, sampler):
    patched = filtered(tiny_model, order=order)
    got = sample(patched, sampler=sampler)
    assert torch.isfinite(got).all()
    assert torch.equal(sample(patched, sampler=sampler), got)


@pytest.mark.parametrize("form", FORMS)
def test_conditions_run_apart(tiny_model, monkeypatch, form):
    patched = filtered(tiny_model, filter_form=form)
    together = sample(patched)
    split_conditions(monkeypatch, tiny_model)
    if form == DUAL_SOFTMAX:  # its quantile is a frame's own
        assert_same(sample(patched), together)
    else:  # the published one is over all that share a call
        assert_differs(sample(patched), together)


def test_three_conditions_and_non_square_latents(tiny_model, monkeypatch):
    positive = conditioning(FRAMES, 2) + conditioning(FRAMES, 9)
    patched = filtered(tiny_model)
    together = sample(patched, positive=positive, size=(8, 12))
    assert together.shape == (FRAMES, 4, 8, 12)
    split_conditions(monkeypatch, tiny_model)
    assert_same(sample(patched, positive=positive, size=(8, 12)), together)


def test_one_frame_is_left_alone(tiny_model):
    assert torch.equal(sample(filtered(tiny_model), frames=1), sample(tiny_model, frames=1))


def test_the_later_of_two_mappings_counts(tiny_model):
    twice = filtered(patch_value_mapping(tiny_model, ValueMapping()))
    assert_same(sample(twice), sample(filtered(tiny_model)))


def test_the_parent_is_unchanged(tiny_model):
    before = sample(tiny_model)
    sample(filtered(tiny_model))
    assert torch.equal(sample(tiny_model), before)
    assert "patches_replace" not in tiny_model.model_options["transformer_options"]


def plain_attention(q, k, v, options):
    return optimized_attention(q, k, v, options["n_heads"])


def test_another_packs_replacement_is_refused_by_name(tiny_model):
    taken = tiny_model.clone()
    taken.set_model_attn1_replace(plain_attention, "output", 3)
    with pytest.raises(ValueError, match="another node replaces the self-attention of output 3,"):
        filtered(taken)
    later = filtered(tiny_model)
    later.set_model_attn1_replace(plain_attention, "output", 4)
    with pytest.raises(ValueError, match="another node replaces the self-attention of output 4,"):
        sample(later)
    elsewhere = filtered(taken, layers="output 4, output 5")
    assert torch.isfinite(sample(elsewhere)).all()
    unfiltered = patch_value_mapping(taken, ValueMapping(order="first"))
    assert_same(sample(unfiltered), sample(patch_value_mapping(tiny_model, ValueMapping("first"))))


def test_another_packs_attn1_patch_goes_with_it(tiny_model):
    def louder(n, context, value, options):
        return n, context, value * 1.5

    before, after = tiny_model.clone(), filtered(tiny_model)
    before.set_model_attn1_patch(louder)
    after.set_model_attn1_patch(louder)
    assert_same(sample(filtered(before)), sample(after))
    assert_differs(sample(after), sample(filtered(tiny_model)))


def test_explicit_layers(tiny_model):
    listed = filtered(tiny_model, layers="output 2, output 3, output_4; Output 5")
    assert_same(sample(listed), sample(filtered(tiny_model)))
    assert_differs(sample(filtered(tiny_model, layers="middle 0")), sample(listed))
    with pytest.raises(ValueError, match="output 9 has no self-attention in this model; use"):
        filtered(tiny_model, layers="output 9, output 2")


def test_settings_are_checked(tiny_model):
    with pytest.raises(ValueError, match="filter_share is 1.2"):
        filtered(tiny_model, filter_share=1.2)
    with pytest.raises(ValueError, match="filter_form is 'single'"):
        filtered(tiny_model, filter_form="single")
    with pytest.raises(ValueError, match="'first\\+previous' has two"):
        filtered(tiny_model, filter_form=AS_PUBLISHED, order="first+previous")
