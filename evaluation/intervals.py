"""Shares and means with their 95 % bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_RESAMPLES = 2000


def ratio_interval(
    parts: Sequence[float], wholes: Sequence[float] | None = None, seed: int = 0
) -> tuple[float, float, float]:
    """Sum of the parts over the sum of the wholes, with the interval over resampled pairs.

    Args:
        parts: one number per sample, such as the objects of a picture that were found.
        wholes: what each part is of, such as the objects that were asked; ones when None (a mean).
        seed: of the resampling.

    Returns:
        Value, lower and upper end of the 95 % interval; NaNs without samples.
    """
    above = np.asarray(parts, float)
    below = np.ones_like(above) if wholes is None else np.asarray(wholes, float)
    if len(above) == 0 or below.sum() == 0:
        return float("nan"), float("nan"), float("nan")
    chosen = np.random.default_rng(seed).integers(len(above), size=(_RESAMPLES, len(above)))
    sums = below[chosen].sum(axis=1)
    values = above[chosen].sum(axis=1) / np.where(sums > 0, sums, np.nan)
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(above.sum() / below.sum()), float(low), float(high)
