"""Value mapping: every frame attends to the keys and values of chosen reference frames.

DirecT2V (arXiv:2305.14330), section 3.4. Which frames lead is decided per sampling step; the
attention itself stays the host's, since indexing its key and value input by frame is the same as
indexing the projected keys and values (eq. 4).
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

# One row per frame: the frames whose keys and values it attends to.
ReferenceTable = list[tuple[int, ...]]


def auto_period(affected_steps: int, frames: int) -> int:
    """Steps each frame leads before the next one takes over, so that each leads three times.

    The paper's period of 4 belongs to 96 affected steps and 8 frames; with fewer steps it would
    leave frames that never lead.
    """
    return max(1, round(affected_steps / (3 * frames)))


def rotational_reference(step: int, *, frames: int, period: int) -> int:
    """Leading frame r(t') = floor(t'/m) mod F of DirecT2V (section 3.4), counted from 0.

    Args:
        step: t', counted from 1 at the first affected step.
        frames: F.
        period: m, steps between two changes of the leader.
    """
    return (step // period) % frames


def random_reference(step: int, *, frames: int, seed: int) -> int:
    """Leading frame drawn anew for every step; the draw depends on nothing but its arguments."""
    generator = torch.Generator().manual_seed(seed)
    return int(torch.randint(frames, (step,), generator=generator)[-1])


def _rotational(step: int, frames: int, period: int, seed: int) -> ReferenceTable:
    return [(rotational_reference(step, frames=frames, period=period),)] * frames


def _first(step: int, frames: int, period: int, seed: int) -> ReferenceTable:
    return [(0,)] * frames


def _first_and_previous(step: int, frames: int, period: int, seed: int) -> ReferenceTable:
    return [(0, max(frame - 1, 0)) for frame in range(frames)]


def _random(step: int, frames: int, period: int, seed: int) -> ReferenceTable:
    return [(random_reference(step, frames=frames, seed=seed),)] * frames


ORDERS: Mapping[str, Callable[[int, int, int, int], ReferenceTable]] = {
    "rotational": _rotational,  # DirecT2V
    "first": _first,  # Text2Video-Zero (arXiv:2303.13439)
    "first+previous": _first_and_previous,  # Tune-A-Video (arXiv:2212.11565)
    "random": _random,  # DirecT2V's counter-example
}


def reference_table(
    order: str, step: int, *, frames: int, period: int, seed: int = 0
) -> ReferenceTable:
    """The reference frames of every frame of a clip at one sampling step.

    Args:
        order: a key of ORDERS.
        step: number of the affected step, counted from 1.
        frames: length of the clip.
        period: steps between two changes of the leader (``rotational`` only).
        seed: of the draw (``random`` only).

    Raises:
        ValueError: unknown order, or step, frames or period below 1.
    """
    if order not in ORDERS:
        raise ValueError(f"value mapping order {order!r} is not known; use one of {list(ORDERS)}")
    for name, value in (("step", step), ("frames", frames), ("period", period)):
        if value < 1:
            raise ValueError(f"value mapping {name} is {value}; it must be at least 1")
    return ORDERS[order](step, frames, period, seed)


def table_in_window(table: ReferenceTable, window: Sequence[int]) -> ReferenceTable:
    """Restrict a clip's table to a context window, in positions of that window.

    A reference outside the window is replaced by the window's frame nearest to it: that frame
    either was led by the true reference in a neighbouring window or is next to one that was, so
    neighbouring windows stay tied where they overlap.

    Args:
        table: one row per frame of the clip.
        window: frames of the clip that the window holds, in its order.

    Returns:
        One row per frame of the window; entries are positions in ``window``.
    """

    def nearest(frame: int) -> int:
        return min(range(len(window)), key=lambda position: abs(window[position] - frame))

    return [tuple(nearest(reference) for reference in table[frame]) for frame in window]


def gather_frames(x: Tensor, table: ReferenceTable) -> Tensor:
    """Replace every frame's tokens by those of its reference frames, within its own condition.

    Args:
        x: keys, values or their common input, [conds, sources, tokens, channels].
        table: for every frame, positions among the sources, equally many for each.

    Returns:
        [conds, frames, references * tokens, channels], a new tensor.
    """
    index = torch.tensor(table, device=x.device)
    return x[:, index].flatten(2, 3)  # b f r n c -> b f (r n) c
