"""Reference attention against loops over cells and pictures."""

import pytest
import torch
import torch.nn.functional as F
from video_director.attention_patches.functional.boxes import cell_coverage
from video_director.attention_patches.functional.reference_attention import (
    attend_to_pictures,
    outside_share,
    weighted,
)


def random(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def attend(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def test_coverage_is_the_share_of_fine_points_inside():
    fine, height, width = 40, 3, 5
    boxes = torch.tensor([[0.1, 0.2, 0.73, 0.9], [0.0, 0.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.9]])
    y = (torch.arange(height * fine) + 0.5) / (height * fine)
    x = (torch.arange(width * fine) + 0.5) / (width * fine)
    got = cell_coverage(boxes, height, width)
    assert got.shape == (height * width, 3)
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        rows, columns = (y >= y0) & (y < y1), (x >= x0) & (x < x1)
        inside = (rows[:, None] & columns[None]).float()
        wanted = inside.unflatten(0, (height, fine)).unflatten(2, (width, fine)).mean((1, 3))
        torch.testing.assert_close(got[:, number], wanted.flatten(), atol=0.05, rtol=0)
    torch.testing.assert_close(got[:, 1], torch.ones(height * width))
    assert got[:, 2].eq(0).all()


def test_without_shares_it_is_one_attention_over_all_tokens():
    q, k, v = random(2, 6, 8), random(2, 9, 8, seed=1), random(2, 9, 8, seed=2)
    owners = torch.arange(3).repeat_interleave(3)
    got = attend_to_pictures(q, k, v, None, owners, attend)
    torch.testing.assert_close(got, F.scaled_dot_product_attention(q, k, v))


def test_shares_weigh_the_tokens_of_pictures():
    q, k, v = random(2, 6, 8), random(2, 9, 8, seed=1), random(2, 9, 8, seed=2)
    owners = torch.tensor([0, 0, 1, 1, 1, 1, 2, 2, 2])
    shares = torch.rand(2, 6, 3, generator=torch.Generator().manual_seed(3))
    shares[0, 0] = 0
    shares[0, 1] = torch.tensor([0.0, 1.0, 0.0])
    got = attend_to_pictures(q, k, v, shares, owners, attend)
    for one in range(2):
        for cell in range(6):
            strengths = torch.zeros(9)
            for token in range(9):
                logit = (q[one, cell] @ k[one, token]) / 8**0.5
                strengths[token] = shares[one, cell, owners[token]] * logit.exp()
            covered = min(1.0, float(shares[one, cell].sum()))
            total = strengths.sum()
            wanted = covered * (strengths @ v[one]) / total if total > 0 else torch.zeros(8)
            torch.testing.assert_close(got[one, cell], wanted, atol=1e-5, rtol=1e-4)
    assert got[0, 0].eq(0).all()


def test_the_rest_of_a_cell_is_the_backgrounds():
    shares = torch.tensor([[[0.25, 0.5], [0.0, 0.0], [1.0, 0.5]]])
    assert outside_share(shares).flatten().tolist() == [0.25, 1.0, 0.0]


def test_weights_scale_values_by_owner():
    values = torch.ones(4, 2)
    got = weighted(values, torch.tensor([0.5, 2.0]), torch.tensor([0, 1, 1, 0]))
    assert got[:, 0].tolist() == [0.5, 2.0, 2.0, 0.5]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_stays_finite(dtype):
    q, k, v = (random(1, 4, 8, seed=s).to(dtype) for s in range(3))
    shares = torch.tensor([[[0.0, 1e-6], [0.0, 0.0], [1.0, 0.0], [0.3, 0.7]]])
    got = attend_to_pictures(q, k, v, shares, torch.tensor([0, 0, 1, 1]), attend)
    assert got.dtype == dtype
    assert got.isfinite().all()
