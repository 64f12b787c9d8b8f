"""What is told for a clip, as many times as the clip has frames."""

from __future__ import annotations

from torch import Tensor


def one_per_frame(values: Tensor, frames: int, what: str, node: str) -> Tensor:
    """One row per frame of the latent batch; one row alone serves every frame.

    Args:
        values: [1 or frames, ...].
        frames: of the latent batch.
        what: what the rows are, for the error.
        node: which the error names.

    Raises:
        ValueError: another number of rows.
    """
    if len(values) not in (1, frames):
        raise ValueError(
            f"{node}: the conditioning has {what} for {len(values)} frames, but {frames} latents "
            "are sampled; make an empty latent of as many frames as the scene."
        )
    return values.expand(frames, *values.shape[1:])
