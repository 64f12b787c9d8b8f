"""Where a model call stands in the sampling schedule: steps are read from sigmas, never counted."""

from collections.abc import Sequence
from typing import NamedTuple

# A sampler's own sigma and the schedule's differ by rounding when the model runs in half precision.
SIGMA_TOLERANCE = 1e-4


class AffectedStep(NamedTuple):
    """Position inside the affected part of a schedule."""

    number: int  # counted from 1 at the first affected step
    total: int  # affected steps in the whole schedule


def step_index(sigma: float, sample_sigmas: Sequence[float]) -> int:
    """Index of the sampler step that a model call at ``sigma`` belongs to.

    Calls between two sigmas of the schedule (heun, dpm_2, dpmpp_sde) belong to the step they
    started from, so the answer does not depend on how often the sampler calls the model.

    Args:
        sigma: noise level of the call.
        sample_sigmas: the schedule, falling, its last entry being where sampling ends.

    Returns:
        Index in [0, len(sample_sigmas) - 2]; 0 for a sigma above the schedule.
    """
    reached = sum(1 for level in sample_sigmas if level >= sigma * (1.0 - SIGMA_TOLERANCE))
    return min(max(reached - 1, 0), max(len(sample_sigmas) - 2, 0))


def affected_step(
    sigma: float, sample_sigmas: Sequence[float], *, start_sigma: float, end_sigma: float
) -> AffectedStep | None:
    """Number of the step at ``sigma`` among the steps with start_sigma >= sigma > end_sigma.

    Args:
        sigma: noise level of the call.
        sample_sigmas: the schedule, falling, its last entry being where sampling ends.
        start_sigma: noise level at which the effect begins (inclusive).
        end_sigma: noise level at which it has ended (exclusive, so two ranges can meet).

    Returns:
        The step's place among the affected ones, or None when it is not affected.
    """
    steps = sample_sigmas[:-1] if len(sample_sigmas) > 1 else sample_sigmas
    affected = [start_sigma >= level > end_sigma for level in steps]
    index = step_index(sigma, sample_sigmas)
    if not affected[index]:
        return None
    return AffectedStep(number=sum(affected[: index + 1]), total=sum(affected))
