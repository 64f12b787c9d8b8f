"""Dual-softmax filtering: tokens with no reliable match keep their own attention.

DirecT2V (arXiv:2305.14330), section 3.5. How well a token of a frame and the tokens of a reference
frame find each other decides, per head and token, whether it takes the reference's values. The maps
of all tokens against all tokens are never held: heads take turns, and where even one head's map is
large, two passes over slices of its queries give it all.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

DUAL_SOFTMAX, AS_PUBLISHED = "dual_softmax", "as_published"
FORMS = (DUAL_SOFTMAX, AS_PUBLISHED)
# φ by default; the paper gives none. Of 0, 0.2 and 0.5 on 37 validation clips of `evaluate frames`
# the one with which late frames show most often what their prompts ask; 0.8 was no better on 12.
MEASURED_SHARE = 0.5

# Similarities held at a time, in elements: what caches hold, and the largest map of a head that is
# still quicker to keep than to compute again.
_HELD, _KEPT = 2**20, 2**22
# Sums of exponentials outside these bounds have lost digits: their squares leave single precision.
_FEWEST, _MOST = 1e-15, 1e15


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
    group = max(1, _HELD // (q.shape[1] * k.shape[1]))
    heads = zip(*(torch.split(part, group) for part in (q, k, v)), strict=True)
    parts = [_match(*some) for some in heads]
    mapped, confidence = zip(*parts, strict=True)
    return torch.cat(mapped), torch.cat(confidence)


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
    heads, tokens, _ = q.shape
    held = heads * tokens * k.shape[1]
    rows = tokens if held <= _KEPT else max(1, _HELD // (heads * k.shape[1]))
    return [slice(at, at + rows) for at in range(0, tokens, rows)]


def _match(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    found = _with_common_shift(q, k, v)
    return _with_peak_of_each(q, k, v) if found is None else found


def _similarity(q: Tensor, k: Tensor, shift: Tensor | None = None) -> Tensor:
    """S = QKᵀ/√d − shift, [h, n, m], at least in single precision; shift is [h, 1, 1]."""
    wide = torch.promote_types(q.dtype, torch.float32)
    scale = q.shape[-1] ** -0.5
    if shift is not None and q.dtype == wide:
        return torch.baddbmm(shift, q, k.transpose(1, 2), beta=-1, alpha=scale)
    similarity = torch.bmm(q * scale, k.transpose(1, 2)).to(wide)
    return similarity if shift is None else similarity.sub_(shift)


def _with_common_shift(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor] | None:
    """Both softmaxes from one exponential, with one shift for all similarities of a head.

    The shift is the highest similarity of the first slice; any number near the highest will do.
    Returns None where it does not: a row or a column lies so far off that its digits are lost.
    """
    wide = torch.promote_types(q.dtype, torch.float32)
    slices = _slices(q, k)
    shares = _similarity(q[:, slices[0]], k)
    shift = shares.amax((1, 2), keepdim=True)
    columns = shares.sub_(shift).exp_().sum(1, keepdim=True)
    for part in slices[1:]:
        columns += _similarity(q[:, part], k, shift).exp_().sum(1, keepdim=True)
    weights = columns.reciprocal()
    mapped, confidence = torch.empty_like(q, dtype=v.dtype), torch.empty_like(q[..., 0], dtype=wide)
    lowest, highest = columns.amin(), columns.amax()
    for part in slices:
        if len(slices) > 1:  # else the only slice is still at hand
            shares = _similarity(q[:, part], k, shift).exp_()
        rows = shares.sum(-1, keepdim=True)
        lowest = torch.minimum(lowest, rows.amin())
        mapped[:, part] = torch.bmm(shares.to(v.dtype), v) / rows
        # Row softmax times column softmax is shares² / (row sum · column sum).
        confidence[:, part] = shares.mul_(shares).mul_(weights).sum(-1) / rows[..., 0]
    if float(lowest) < _FEWEST or float(highest) > _MOST:
        return None
    return mapped, confidence.div_(k.shape[1])


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
