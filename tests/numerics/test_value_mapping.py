"""Value mapping against the paper's formula and a naive loop."""

import math

import pytest
import torch
from diffusers.models.attention_processor import Attention
from diffusers.pipelines.deprecated.text_to_video_synthesis.pipeline_text_to_video_zero import (
    CrossFrameAttnProcessor,
)
from hypothesis import given
from hypothesis import strategies as st
from video_director.attention_patches.functional.value_mapping import (
    ORDERS,
    auto_period,
    gather_frames,
    random_reference,
    reference_table,
    rotational_reference,
    table_in_window,
)

FRAMES, TOKENS, CHANNELS = 4, 6, 8


def attention(q, k, v):
    return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), dim=-1) @ v


def naive_mapping(q, k, v, references):
    """Equation 4, one condition and one frame at a time; references[f] are frame numbers."""
    conds = q.shape[0] // len(references)
    out = torch.empty_like(q)
    for cond in range(conds):
        for frame, row in enumerate(references):
            own = cond * len(references) + frame
            others = [cond * len(references) + reference for reference in row]
            out[own] = attention(q[own], torch.cat(list(k[others])), torch.cat(list(v[others])))
    return out


@pytest.mark.parametrize("order", list(ORDERS))
@pytest.mark.parametrize("conds", [1, 2, 3])
@pytest.mark.parametrize("step", [1, 5, 9])
def test_gathered_attention_equals_the_naive_loop(order, conds, step):
    generator = torch.Generator().manual_seed(step)
    q, k, v = torch.randn(
        3, conds * FRAMES, TOKENS, CHANNELS, generator=generator, dtype=torch.float64
    )
    table = reference_table(order, step, frames=FRAMES, period=2, seed=7)
    k_mapped, v_mapped = (
        gather_frames(x.unflatten(0, (conds, FRAMES)), table).flatten(0, 1) for x in (k, v)
    )
    got = attention(q, k_mapped, v_mapped)
    torch.testing.assert_close(got, naive_mapping(q, k, v, table), rtol=0, atol=1e-12)


def test_first_equals_diffusers_cross_frame_attention():
    conds, heads = 2, 2
    torch.manual_seed(0)
    layer = Attention(query_dim=CHANNELS, heads=heads, dim_head=CHANNELS // heads).double().eval()
    states = torch.randn(conds * FRAMES, TOKENS, CHANNELS, dtype=torch.float64)
    wanted = CrossFrameAttnProcessor(batch_size=conds)(layer, states)
    table = reference_table("first", 1, frames=FRAMES, period=1)
    context = gather_frames(states.unflatten(0, (conds, FRAMES)), table).flatten(0, 1)
    torch.testing.assert_close(layer(states, context), wanted, rtol=0, atol=1e-12)


def test_rotation_is_the_papers_for_96_steps_and_8_frames():
    leaders = [rotational_reference(step, frames=8, period=4) for step in range(1, 97)]
    assert leaders[:3] == [0, 0, 0]
    assert leaders[3:7] == [1, 1, 1, 1]
    assert leaders[-1] == 0
    assert [leaders.count(frame) for frame in range(8)] == [12] * 8


@pytest.mark.parametrize(
    ("steps", "frames", "period"), [(96, 8, 4), (25, 8, 1), (20, 2, 3), (1, 64, 1), (48, 8, 2)]
)
def test_auto_period(steps, frames, period):
    assert auto_period(steps, frames) == period


@given(steps=st.integers(1, 200), frames=st.integers(1, 64))
def test_every_frame_leads_when_there_are_steps_enough(steps, frames):
    period = auto_period(steps, frames)
    leaders = {rotational_reference(t, frames=frames, period=period) for t in range(1, steps + 1)}
    assert len(leaders) == frames or steps <= 2 * frames


def test_random_draws_are_seeded_change_and_stay_in_range():
    draws = [random_reference(step, frames=8, seed=3) for step in range(1, 101)]
    assert draws == [random_reference(step, frames=8, seed=3) for step in range(1, 101)]
    assert draws != [random_reference(step, frames=8, seed=4) for step in range(1, 101)]
    assert set(draws) == set(range(8))


def test_random_does_not_touch_the_global_generator():
    before = torch.random.get_rng_state()
    random_reference(5, frames=8, seed=3)
    assert torch.equal(before, torch.random.get_rng_state())


def test_first_and_previous_table():
    assert reference_table("first+previous", 1, frames=4, period=1) == [
        (0, 0),
        (0, 0),
        (0, 1),
        (0, 2),
    ]


def test_reference_equal_to_own_frame_changes_nothing():
    x = torch.randn(2, FRAMES, TOKENS, CHANNELS)
    assert torch.equal(gather_frames(x, [(f,) for f in range(FRAMES)]), x)


def test_conditions_stay_apart_and_the_argument_is_left_alone():
    x = torch.arange(2.0 * FRAMES).view(2, FRAMES, 1, 1).expand(-1, -1, TOKENS, 3).clone()
    kept = x.clone()
    got = gather_frames(x, [(2,)] * FRAMES)
    assert got[:, :, 0, 0].tolist() == [[2.0] * 4, [6.0] * 4]
    assert torch.equal(x, kept)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_dtype_is_kept(dtype):
    assert gather_frames(torch.zeros(1, 4, 2, 2, dtype=dtype), [(0,)] * 4).dtype == dtype


def test_window_uses_the_leader_where_it_can_and_its_nearest_frame_elsewhere():
    table = [(5,)] * 16
    assert table_in_window(table, [4, 5, 6, 7]) == [(1,)] * 4
    assert table_in_window(table, [8, 9, 10]) == [(0,)] * 3
    assert table_in_window(table, [0, 1, 2]) == [(2,)] * 3
    # With the host's causal anchor in front, the anchor is the nearest frame.
    assert table_in_window(table, [7, 8, 9, 10]) == [(0,)] * 4


def test_window_keeps_first_and_previous():
    table = reference_table("first+previous", 1, frames=8, period=1)
    assert table_in_window(table, [4, 5, 6]) == [(0, 0), (0, 0), (0, 1)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": "sideways"}, "'sideways' is not known"),
        ({"step": 0}, "step is 0"),
        ({"frames": 0}, "frames is 0"),
        ({"period": 0}, "period is 0"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {"order": "rotational", "step": 1, "frames": 4, "period": 1} | change
    with pytest.raises(ValueError, match=message):
        reference_table(arguments.pop("order"), arguments.pop("step"), **arguments)
