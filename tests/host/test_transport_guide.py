"""What drawn clips show in every cell, and the guide that points attention at where it is from."""

import numpy as np
import pytest
import torch
from video_director.miniature.clip_truth import truth_of_clips
from video_director.miniature.clips import Clip, sample_clip, sample_still_clip
from video_director.miniature.transport_guide import (
    GuidedAttention,
    Held,
    around,
    log_shares,
)
from video_director.miniature.world import Scene, Sprite
from video_director.training.attention_with_gradients import attention_with_gradients


def moving(*places, width=32):
    """A clip of a ball with a blue dot at these places."""
    scenes = (
        Scene(
            (Sprite("ball", "red", "dot", "blue", x, y, width, width),), "meadow", "clear", 0.5, 1
        )
        for x, y in places
    )
    return Clip(tuple(scenes), "sled dog racing")


def test_every_cell_of_a_thing_knows_where_it_was_at_first():
    truth = truth_of_clips([moving((16, 32), (40, 28))])
    centre = 6 + 5 * 16  # of the ball in the second frame: x 40 to 72, y 28 to 60
    assert truth.owned[0, 1, centre]
    assert truth.sources[0, 1, centre].tolist() == [6 - 3, 5 + 0.5]
    corner = 15 + 15 * 16
    assert not truth.owned[0, 1, corner]
    assert truth.traced[0, 1, corner]
    assert truth.sources[0, 1, corner].tolist() == [15, 15]
    left = 2 + 6 * 16  # where the ball was: what is behind it was not to be seen
    assert truth.owned[0, 0, left]
    assert not truth.owned[0, 1, left]
    assert not truth.traced[0, 1, left]


def test_things_count_alike_however_small():
    large, small = (
        truth_of_clips([moving((20, 20), (20, 20), width=width)]).weights.sum((1, 3, 4))
        for width in (60, 30)
    )
    torch.testing.assert_close(large, small, rtol=0.05, atol=0)


def test_no_tracks_where_the_camera_moves():
    rng = np.random.default_rng(4)
    clip = sample_clip(rng, moving_camera=1.0)
    assert clip.direction != "static"
    assert not truth_of_clips([clip]).traced.any()
    still = truth_of_clips([sample_still_clip(rng)])
    assert still.traced.all()
    assert torch.equal(still.sources, still.sources[:, :1].expand_as(still.sources))


def random(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_guided_attention_is_the_attention_of_training():
    q, k, v = (random(2, n, 64, seed=n) for n in (512, 256, 256))
    attention = GuidedAttention(64)
    q.requires_grad_()
    wanted = attention_with_gradients(q, k, v, 2)
    torch.testing.assert_close(attention(q, k, v, 2), wanted)
    assert [one.shape for one in attention.maps] == [(2, 512, 256)]
    with torch.no_grad():
        attention(q, k, v, 2)
    attention(q, k[:, :9], v[:, :9], 2)
    attention(torch.cat([q, q], -1), torch.cat([k, k], -1), torch.cat([v, v], -1), 2)
    assert len(attention.maps) == 1


def test_a_held_head_sees_where_it_is_held_on_the_way_up():
    q, k, v = (random(1, n, 64, seed=n) for n in (512, 256, 256))
    attention, free = GuidedAttention(64), attention_with_gradients(q, k, v, 2)
    shares = torch.zeros(1, 512, 256)
    shares[..., 40] = 1
    firmly = torch.ones(1, 512, 1)
    firmly[:, 256:] = 0.25
    attention.held = Held(shares, firmly)
    down, up = (attention(q, k, v, 2) for _ in range(2))
    torch.testing.assert_close(down, free)
    torch.testing.assert_close(up[..., 32:], free[..., 32:])
    torch.testing.assert_close(up[:, :256, :32], v[:, 40:41, :32].expand(-1, 256, -1))
    mixed = 0.75 * free[:, 256:, :32] + 0.25 * v[:, 40:41, :32]
    torch.testing.assert_close(up[:, 256:, :32], mixed, atol=1e-5, rtol=1e-4)
    assert len(attention.maps) == 2


def test_cells_around_a_source_are_as_near_as_they_are():
    found = around(torch.tensor([[3.25, 5.5], [-4.0, 99.0]]))
    near = {int(token[0]): float(share[0]) for token, share in found}
    assert near == pytest.approx({83: 0.375, 84: 0.125, 99: 0.375, 100: 0.125})
    at_corner = {int(token[1]): float(share[1]) for token, share in found if share[1] > 0}
    assert at_corner == {15 * 16: 1.0}


def test_attention_is_asked_for_the_cells_around_a_source():
    shares = torch.full((1, 3 * 256, 256), 1e-4)
    told = {(3, 5): 0.2, (4, 5): 0.4, (3, 6): 0.05, (4, 6): 0.1}
    for (x, y), share in told.items():
        shares[0, 256 + 7, x + 16 * y] = share  # the frame behind the scene picture
    sources = torch.zeros(1, 2, 256, 2)
    sources[0, 0, 7] = torch.tensor([3.25, 5.5])
    sources[0, 0, 8] = torch.tensor([-4.0, 9.0])
    shares[:, :, 255] = 1 - shares[:, :, :255].sum(-1)
    found = log_shares(shares.log() + 3, sources)
    near = {(3, 5): 0.375, (4, 5): 0.125, (3, 6): 0.375, (4, 6): 0.125}
    wanted = sum(part * np.log(told[at]) for at, part in near.items())
    assert float(found[0, 0, 7]) == pytest.approx(wanted, rel=1e-5)
    assert float(found[0, 0, 8]) == pytest.approx(np.log(1e-4), rel=1e-5)
