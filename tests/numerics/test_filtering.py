"""Dual-softmax filtering against loops written from the paper, in double precision."""

import math

import pytest
import torch
from video_director.attention_patches.functional import filtering
from video_director.attention_patches.functional.filtering import (
    AS_PUBLISHED,
    DUAL_SOFTMAX,
    FORMS,
    filtered_attention,
    map_and_match,
    mapped_tokens,
    quantile,
)

HEADS, TOKENS, WIDTH = 3, 7, 4


def softmax(values):
    highest = max(values)
    powers = [math.exp(value - highest) for value in values]
    return [power / sum(powers) for power in powers]


def naive(q, k, v, form):
    """Mapped attention and A of one head with loops over tokens; lists of floats."""
    n, m, d = len(q), len(k), len(q[0])

    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(d)

    rows = [softmax([dot(q[i], k[j]) for j in range(m)]) for i in range(n)]
    if form == DUAL_SOFTMAX:
        columns = [softmax([dot(q[i], k[j]) for i in range(n)]) for j in range(m)]
        other = [[columns[j][i] for j in range(m)] for i in range(n)]
    else:
        other = [softmax([dot(k[i], q[j]) for j in range(m)]) for i in range(n)]
    mapped = [
        [sum(rows[i][j] * v[j][c] for j in range(m)) for c in range(len(v[0]))] for i in range(n)
    ]
    return mapped, [sum(rows[i][j] * other[i][j] for j in range(m)) / m for i in range(n)]


def random_heads(*shape, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(HEADS, *shape, generator=generator, dtype=dtype)


def plain(q, k, v):
    return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1) @ v


@pytest.mark.parametrize("held", [1, 2 * HEADS * TOKENS, 10**6])
@pytest.mark.parametrize(
    ("form", "keys"), [(DUAL_SOFTMAX, 7), (DUAL_SOFTMAX, 14), (AS_PUBLISHED, 7)]
)
def test_equals_the_loops_in_any_slices(monkeypatch, form, keys, held):
    monkeypatch.setattr(filtering, "_HELD", held)
    monkeypatch.setattr(filtering, "_KEPT", held)
    q, k, v = random_heads(TOKENS, WIDTH), random_heads(keys, WIDTH, seed=1), None
    v = random_heads(keys, 5, seed=2)[..., :WIDTH]
    before = [part.clone() for part in (q, k, v)]
    mapped, confidence = map_and_match(q, k, v, form)
    for head in range(HEADS):
        wanted, match = naive(q[head].tolist(), k[head].tolist(), v[head].tolist(), form)
        torch.testing.assert_close(mapped[head], torch.tensor(wanted).double(), rtol=0, atol=1e-6)
        torch.testing.assert_close(
            confidence[head], torch.tensor(match).double(), rtol=0, atol=1e-6
        )
    assert all(torch.equal(a, b) for a, b in zip(before, (q, k, v), strict=True))


@pytest.mark.parametrize("held", [5 * HEADS * TOKENS, 10**6])
def test_similarities_hundreds_apart(monkeypatch, held):
    """One token's similarities far above the rest: a common peak would drown the others."""
    monkeypatch.setattr(filtering, "_HELD", held)
    monkeypatch.setattr(filtering, "_KEPT", held)
    q, k, v = (random_heads(TOKENS, WIDTH, seed=s, dtype=torch.float32) for s in range(3))
    q[:, 3] *= 400
    k[:, 5] *= 20
    mapped, confidence = map_and_match(q, k, v)
    wanted, match = map_and_match(q.double(), k.double(), v.double())
    exact = filtering._with_peak_of_each(q.double(), k.double(), v.double())
    torch.testing.assert_close(match, exact[1])
    torch.testing.assert_close(confidence.double(), exact[1], rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(mapped.double(), exact[0], rtol=1e-3, atol=1e-5)
    assert torch.isfinite(wanted).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    q, k, v = (random_heads(40, 8, seed=s, dtype=torch.float32) for s in range(3))
    wanted, match = map_and_match(q, k, v)
    mapped, confidence = map_and_match(q.to(dtype), k.to(dtype), v.to(dtype))
    assert mapped.dtype == dtype
    assert confidence.dtype == torch.float32
    torch.testing.assert_close(mapped.float(), wanted, rtol=0.05, atol=0.03)
    torch.testing.assert_close(confidence, match, rtol=0.1, atol=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.37, 0.5, 1.0])
def test_quantile_is_torchs(share):
    values = random_heads(11, 13)
    wanted = torch.quantile(values, share, dim=-1, keepdim=True)
    torch.testing.assert_close(quantile(values, share), wanted)
    assert quantile(torch.tensor([3.0]), share) == 3


def test_quantile_of_more_values_than_torch_takes():
    values = torch.arange(2**24 + 2, dtype=torch.float64)
    with pytest.raises(RuntimeError):
        torch.quantile(values, 0.25)
    assert float(quantile(values, 0.25)) == 0.25 * (2**24 + 1)
    with pytest.raises(ValueError, match=r"share 1\.5 is outside"):
        quantile(values, 1.5)


def test_share_0_maps_all_and_share_1_the_most_confident_of_each_frame():
    confidence = torch.rand(2, HEADS, TOKENS, generator=torch.Generator().manual_seed(0))
    assert mapped_tokens(confidence, 0.0).all()
    best = mapped_tokens(confidence, 1.0)
    assert best.flatten(1).sum(1).tolist() == [1, 1]
    assert torch.equal(best.flatten(1).int().argmax(1), confidence.flatten(1).argmax(1))
    assert mapped_tokens(torch.ones(2, HEADS, TOKENS), 1.0).all()  # ties are mapped


def test_a_frames_tokens_do_not_depend_on_the_frames_beside_it():
    confidence = torch.rand(3, HEADS, TOKENS, generator=torch.Generator().manual_seed(0))
    confidence[1] *= 10
    together = mapped_tokens(confidence, 0.6)
    alone = torch.cat([mapped_tokens(confidence[i : i + 1], 0.6) for i in range(3)])
    assert torch.equal(together, alone)
    published = mapped_tokens(confidence, 0.6, AS_PUBLISHED)
    assert published[1].sum() > 2 * published[0].sum()  # one quantile for all: the released code
    assert int(published.sum()) == int(confidence.numel() * 0.4)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_equation_6(form, share):
    q, k, v = (
        torch.stack([random_heads(TOKENS, WIDTH, seed=s + f) for f in (0, 9)]) for s in range(3)
    )
    leaders = k[[1, 1]], v[[1, 1]]
    got = filtered_attention(q, plain(q, k, v), list(zip(*leaders, strict=True)), share, form)
    matches = [
        naive(*(t[b, h].tolist() for t in (q, *leaders)), form)
        for b in range(2)
        for h in range(HEADS)
    ]
    confidence = torch.tensor([match for _, match in matches]).view(2, HEADS, TOKENS)
    mapped = torch.tensor([m for m, _ in matches]).view(got.shape).double()
    keep = mapped_tokens(confidence, share, form)
    wanted = torch.where(keep[..., None], mapped, plain(q, k, v))
    torch.testing.assert_close(got, wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_with_itself_as_reference_a_frame_is_unchanged(share):
    q, k, v = (random_heads(TOKENS, WIDTH, seed=s)[None] for s in range(3))
    got = filtered_attention(q, plain(q, k, v), [(k[0], v[0])], share)
    torch.testing.assert_close(got, plain(q, k, v))


def test_the_transposed_form_follows_content_that_moved_and_the_published_one_does_not():
    content = 6 * random_heads(40, 16)
    moved = content[:, torch.randperm(40, generator=torch.Generator().manual_seed(1))]
    follows, stays = (
        [float(map_and_match(content, other, other, form)[1].mean()) for other in (content, moved)]
        for form in FORMS
    )
    assert follows[0] == pytest.approx(1 / 40, rel=0.05)  # every token finds itself
    assert follows[1] == pytest.approx(follows[0], rel=1e-6)
    assert stays[0] == pytest.approx(1 / 40, rel=0.05)
    assert stays[1] < 0.1 * stays[0]


def test_errors_say_what_to_change():
    q = random_heads(TOKENS, WIDTH)
    with pytest.raises(ValueError, match="form 'softmax' is not known"):
        map_and_match(q, q, q, "softmax")
    with pytest.raises(ValueError, match="7 queries came with 14 keys; use 'dual_softmax'"):
        map_and_match(q, q.repeat(1, 2, 1), q.repeat(1, 2, 1), AS_PUBLISHED)
