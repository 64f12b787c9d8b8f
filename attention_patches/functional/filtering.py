"""Dual-softmax filtering: tokens with no reliable match keep their own attention.

DirecT2V (arXiv:2305.14330), section 3.5. How well a token of a frame and the tokens of a reference
frame find each other decides, per head and token, whether it takes the reference's values. No map
of all tokens against all tokens is held: two passes over slices of the queries give it all.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

DUAL_SOFTMAX, AS_PUBLISHED = "dual_softmax", "as_published"
FORMS = (DUAL_SOFTMAX, AS_PUBLISHED)

# Similarities held at a time, in elements: small enough for a cache, large enough for full speed.
_HELD = 2**20
# Row sums below this have lost their digits to the common maximum; exp(-60) is about 1e-26.
_TINY = 1e-26


def quantile(values: Tensor, share: float) -> Tensor:
    """Quantile over the last dimension with linear interpolation, for any number of values.

    torch.quantile stops at 16 million values, fewer than one self-attention of a clip has tokens.

    Args:
        values: [..., n].
        share: in 0–1.

    Returns:
        [..., 1].

    Raises:
        ValueError: share outside 0–1.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"quantile: share {share} is outside 0 to 1")
    position = share * (values.shape[-1] - 1)
    low = int(position)
    below = values.kthvalue(low + 1, dim=-1, keepdim=True).values
    if position == low:
        return below
    above = values.kthvalue(low + 2, dim=-1, keepdim=True).values
    return torch.lerp(below, above, position - low)


def mapped_tokens(confidence: Tensor, share: float, form: str = DUAL_SOFTMAX) -> Tensor:
    """Which tokens take the reference's values.

    ``dual_softmax``: those at or above the quantile of their frame, over its heads and tokens.
    ``as_published``: those above one quantile over everything given, as the released code does.

    Args:
        confidence: [b, h, n], one row b per frame and condition.
        share: φ in 0–1, the quantile; what lies below it is left unmapped.
        form: one of FORMS.

    Returns:
        Boolean [b, h, n].

    Raises:
        ValueError: share outside 0–1, or an unknown form.
    """
    _check_form(form)
    if form == AS_PUBLISHED:
        return confidence > quantile(confidence.flatten(), share)
    return confidence >= quantile(confidence.flatten(1), share)[:, :, None]


def map_and_match(
    q: Tensor, k: Tensor, v: Tensor, form: str = DUAL_SOFTMAX
) -> tuple[Tensor, Tensor]:
    """Attend to a reference frame and tell how reliable each token's match is.

    Confidence A_i is the mean over j of P_ij·C_ij, P the softmax of S = QKᵀ/√d over the reference's
    tokens (rows) and C over the frame's own (columns). The published form (eq. 5 as printed) takes
    Softmax(KQᵀ)_ij for C_ij: it compares token j of the frame with token i of the reference, so it
    finds what stays in place and not what moves.

    Args:
        q: queries of one frame, [h, n, d].
        k: keys of its references, [h, m, d]; m = n for ``as_published``.
        v: their values, [h, m, d].
        form: one of FORMS.

    Returns:
        (attention [h, n, d] in the type of ``v``, confidence [h, n] in float32, float64 for such
        queries).

    Raises:
        ValueError: an unknown form, or ``as_published`` with m ≠ n.
    """
    _check_form(form)
    if form == AS_PUBLISHED:
        if q.shape != k.shape:
            raise ValueError(
                f"dual-softmax filtering: the form {AS_PUBLISHED!r} compares token i with token i, "
                f"but {q.shape[1]} queries came with {k.shape[1]} keys; use {DUAL_SOFTMAX!r}, or "
                "one reference frame of the same size"
            )
        return _published(q, k, v)
    found = _with_common_peak(q, k, v)
    return _with_peak_of_each(q, k, v) if found is None else found


def filtered_attention(
    q: Tensor,
    own: Tensor,
    references: Sequence[tuple[Tensor, Tensor]],
    share: float,
    form: str = DUAL_SOFTMAX,
) -> Tensor:
    """Equation 6: mapped attention where the match is reliable, the frame's own elsewhere.

    Args:
        q: queries, [b, h, n, d].
        own: plain attention of the frames to themselves, [b, h, n, d].
        references: of each row, keys and values of its reference frames, [h, m, d].
        share: φ in 0–1 (see ``mapped_tokens``).
        form: one of FORMS.

    Returns:
        [b, h, n, d].
    """
    found = [map_and_match(row, k, v, form) for row, (k, v) in zip(q, references, strict=True)]
    keep = mapped_tokens(torch.stack([match for _, match in found]), share, form)
    out = torch.empty_like(own)
    for row, (mapped, _) in enumerate(found):
        torch.where(keep[row, :, :, None], mapped, own[row], out=out[row])
    return out


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise ValueError(f"dual-softmax filtering: form {form!r} is not known; use one of {FORMS}")


def _slices(q: Tensor, k: Tensor) -> list[slice]:
    """Slices of the queries whose similarities to all keys are held together."""
    rows = max(1, _HELD // (k.shape[0] * k.shape[1]))
    return [slice(at, at + rows) for at in range(0, q.shape[1], rows)]


def _similarity(q: Tensor, k: Tensor) -> Tensor:
    """S = QKᵀ/√d, [h, n, m], at least in single precision."""
    wide = torch.promote_types(q.dtype, torch.float32)
    return torch.bmm(q * q.shape[-1] ** -0.5, k.transpose(1, 2)).to(wide)


def _with_common_peak(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor] | None:
    """Both softmaxes from one exponential, scaled by the highest similarity of the head.

    Returns None where a row or a column lies so far below that peak that its digits are lost.
    """
    wide = torch.promote_types(q.dtype, torch.float32)
    slices = _slices(q, k)
    peak = torch.full_like(q[:, :1, :1], -torch.inf, dtype=wide)
    columns = torch.zeros_like(k[:, None, :, 0], dtype=wide)
    for part in slices:
        shares = _similarity(q[:, part], k)
        higher = torch.maximum(peak, shares.amax((1, 2), keepdim=True))
        columns *= (peak - higher).exp_()
        peak = higher
        columns += shares.sub_(peak).exp_().sum(1, keepdim=True)
    mapped, confidence = torch.empty_like(q, dtype=v.dtype), torch.empty_like(q[..., 0], dtype=wide)
    lowest = columns.amin()
    for part in slices:
        if len(slices) > 1:  # else the only slice is still at hand
            shares = _similarity(q[:, part], k).sub_(peak).exp_()
        rows = shares.sum(-1, keepdim=True)
        lowest = torch.minimum(lowest, rows.amin())
        mapped[:, part] = torch.bmm((shares / rows).to(v.dtype), v)
        confidence[:, part] = (shares / columns).mul_(shares).mean(-1).div_(rows[..., 0])
    return None if float(lowest) < _TINY else (mapped, confidence)


def _with_peak_of_each(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """The same with log-sum-exps of every row and column: slower, and right for any values."""
    wide = torch.promote_types(q.dtype, torch.float32)
    columns = torch.full_like(k[:, None, :, 0], -torch.inf, dtype=wide)
    for part in _slices(q, k):
        similarity = _similarity(q[:, part], k)
        columns = torch.logaddexp(columns, similarity.logsumexp(1, keepdim=True))
    mapped, confidence = torch.empty_like(q, dtype=v.dtype), torch.empty_like(q[..., 0], dtype=wide)
    for part in _slices(q, k):
        similarity = _similarity(q[:, part], k)
        rows = similarity.softmax(-1)
        mapped[:, part] = torch.bmm(rows.to(v.dtype), v)
        confidence[:, part] = similarity.sub_(columns).exp_().mul_(rows).mean(-1)
    return mapped, confidence


def _published(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    wide = torch.promote_types(q.dtype, torch.float32)
    mapped, confidence = torch.empty_like(q, dtype=v.dtype), torch.empty_like(q[..., 0], dtype=wide)
    for part in _slices(q, k):
        rows = _similarity(q[:, part], k).softmax(-1)
        mapped[:, part] = torch.bmm(rows.to(v.dtype), v)
        confidence[:, part] = _similarity(k[:, part], q).softmax(-1).mul_(rows).mean(-1)
    return mapped, confidence
