"""Arithmetic of reference attention: which picture tokens a cell sees, and how strongly."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

# Logarithm of no share at all; finite, because a row of −∞ alone has no softmax.
_NOTHING = -1e4
Attend = Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]


def attend_to_pictures(
    q: Tensor, k: Tensor, v: Tensor, shares: Tensor | None, owners: Tensor, attend: Attend
) -> Tensor:
    """One attention over the tokens of several pictures, each seen where it belongs.

    VideoStudio (arXiv:2401.01256), section 3.3, eq. 2: the tokens of all foreground pictures are
    one sequence. With ``shares`` a cell weighs the tokens of each picture by the share of the cell
    that is the picture's, and gets as much of the sum as pictures cover of it; a cell in no box
    gets nothing at all.

    Args:
        q: [b, n, d].
        k, v: tokens of all pictures, [b, m, d].
        shares: 0–1, [b, n, pictures]; None lets every cell see every picture whole.
        owners: number of the picture of each token, [m].
        attend: attention of q, k, v and an additive mask [b, n, m] or None.

    Returns:
        [b, n, d].
    """
    if shares is None:
        return attend(q, k, v, None)
    mask = shares.log().clamp(min=_NOTHING)[..., owners]
    seen = attend(q, k, v, mask.to(q))
    return seen * shares.sum(-1, keepdim=True).clamp(max=1).to(seen)


def outside_share(shares: Tensor) -> Tensor:
    """The share of every cell that is left to the background: [b, n, pictures] to [b, n, 1]."""
    return (1 - shares.sum(-1, keepdim=True)).clamp(min=0)


def weighted(values: Tensor, weights: Tensor, owners: Tensor) -> Tensor:
    """Scale the values of each picture's tokens.

    Args:
        values: [..., m, d].
        weights: of the pictures, [pictures].
        owners: number of the picture of each token, [m].
    """
    return values * weights.to(values)[owners][:, None]
