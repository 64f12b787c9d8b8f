"""Motion dynamics: frames that start from one latent, moved on from frame to frame.

Text2Video-Zero (arXiv:2303.13439), sections 3.3.1 and 3.3.3, which DirecT2V (arXiv:2305.14330,
appendix A) takes over: one frame is sampled for a while, moved by k·δ for frame k, and noised
again, so that the frames share a layout that travels and can still differ.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

# δ is given in pixels of a 512-pixel frame, as the authors and diffusers have it.
STRENGTH_GRID = 512
SMOOTH, AS_PUBLISHED = "smooth", "as_published"
FORMS = (SMOOTH, AS_PUBLISHED)
_MASK_REACH = 5  # cells; the authors dilate masks by this before they are compared


def shared_steps(sigmas: Tensor, start_sigma: float, move_sigma: float) -> tuple[int, int]:
    """Steps of a schedule nearest to where frames begin to differ and to where one is moved.

    Args:
        sigmas: the schedule, descending, [steps + 1].
        start_sigma: the noise that all frames start from.
        move_sigma: the lower noise at which the shared frame is moved.

    Returns:
        Both as indices into ``sigmas``, with at least one step before, between and after them.

    Raises:
        ValueError: fewer than three steps.
    """
    last = len(sigmas) - 2
    if last < 2:
        raise ValueError(
            f"Motion Dynamics: the schedule has {len(sigmas) - 1} steps; it needs at least 3, some "
            "for the shared start and some for the frames."
        )
    start, move = (int((sigmas - sigma).abs().argmin()) for sigma in (start_sigma, move_sigma))
    start = min(max(start, 1), last - 1)
    return start, min(max(move, start + 1), last)


def move_frames(
    latents: Tensor, strength_x: float, strength_y: float, form: str = SMOOTH
) -> Tensor:
    """Move frame k by k·δ: every cell takes what lies k·δ further right and down.

    Args:
        latents: [F, C, h, w]; frame k of the batch is moved k times.
        strength_x, strength_y: δ in 1/512 of the frame a frame; positive moves the content left
            and up, as if the camera went right and down.
        form: ``smooth`` interpolates bilinearly, so that shifts below a cell move things too, and
            repeats the border; ``as_published`` takes the nearest cell, mirrors the frame at its
            border, and reads half a pixel further left and up.

    Returns:
        [F, C, h, w], a new tensor.

    Raises:
        ValueError: an unknown form.
    """
    if form not in FORMS:
        raise ValueError(f"motion dynamics: form {form!r} is not known; use one of {FORMS}")
    frames, _, height, width = latents.shape
    bias = 0.5 / STRENGTH_GRID if form == AS_PUBLISHED else 0.0
    steps = torch.arange(frames, device=latents.device, dtype=torch.float32)
    axes = []
    for cells, strength in ((width, strength_x), (height, strength_y)):
        centres = (torch.arange(cells, device=latents.device) + 0.5) / cells
        axes.append(centres + (steps[:, None] * strength / STRENGTH_GRID - bias))
    x, y = axes
    grid = torch.stack(
        [
            x[:, None, :].expand(frames, height, width),
            y[:, :, None].expand(frames, height, width),
        ],
        dim=-1,
    )
    mode, padding = ("bilinear", "border") if form == SMOOTH else ("nearest", "reflection")
    moved = F.grid_sample(
        latents.float(), grid * 2 - 1, mode=mode, padding_mode=padding, align_corners=False
    )
    return moved.to(latents)


def frame_noise(shape: Sequence[int], correlation: float, generator: torch.Generator) -> Tensor:
    """Noise for the frames of a clip, neighbours alike by ``correlation``.

    Progressive noise of PYoCo (arXiv:2305.10474, section 4.1): each frame's noise is the last one's
    and a new one's, mixed so that its variance stays 1.

    Args:
        shape: (F, C, h, w).
        correlation: 0 = every frame its own, 1 = one for all; between frames d apart it is
            correlation^d.
        generator: source of the noise.

    Raises:
        ValueError: correlation outside 0–1.
    """
    if not 0.0 <= correlation <= 1.0:
        raise ValueError(f"frame_noise: correlation {correlation} is outside 0 to 1")
    fresh = torch.randn(tuple(shape), generator=generator)
    noise = [fresh[0]]
    for own in fresh[1:]:
        noise.append(correlation * noise[-1] + (1 - correlation**2) ** 0.5 * own)
    return torch.stack(noise)


def noise_again(latents: Tensor, noise: Tensor, level: float, higher: float) -> Tensor:
    """Raise latents from one noise level to a higher one.

    Args:
        latents: x₀ + level·n, the form in which the host hands latents from sampler to sampler
            (for flow models it divides by 1 − σ, and their level is σ/(1 − σ)).
        noise: of unit variance, same shape.
        level, higher: noise levels, level ≤ higher.

    Returns:
        x₀ + higher·n', n' again of unit variance.

    Raises:
        ValueError: the second level is lower.
    """
    if higher < level:
        raise ValueError(f"noise_again: level {higher} is below {level}; noise can only be added")
    return latents + (higher**2 - level**2) ** 0.5 * noise


def smooth_background(
    latents: Tensor,
    first: Tensor,
    masks: Tensor,
    strength_x: float,
    strength_y: float,
    *,
    alpha: float = 0.4,
    form: str = SMOOTH,
) -> Tensor:
    """Let the frames' backgrounds follow the first frame's, moved as the frames were.

    Section 3.3.3: where neither frame k nor the moved first frame shows the foreground, latents
    become α·(own) + (1 − α)·(the first frame's, moved).

    Args:
        latents: starting latents of the frames, [F, C, h, w].
        first: those of the first frame at the same noise level, [C, h, w].
        masks: 1 on the foreground, [F, h, w], values in 0–1.
        strength_x, strength_y, form: as in ``move_frames``.
        alpha: share of a frame's own latents in the background.

    Returns:
        [F, C, h, w], a new tensor.

    Raises:
        ValueError: masks of another number or size.
    """
    wanted = (len(latents), *latents.shape[-2:])
    if tuple(masks.shape) != wanted:
        raise ValueError(
            f"smooth_background: masks are {tuple(masks.shape)}, but the latents need {wanted}; "
            "resize the masks, one for each frame"
        )
    wide = F.max_pool2d(masks[:, None].float(), _MASK_REACH, stride=1, padding=_MASK_REACH // 2)
    wide = wide.to(latents)

    def moved(still: Tensor) -> Tensor:
        every = still.expand(len(latents), *still.shape[1:])
        return move_frames(every, strength_x, strength_y, form)

    background = (1 - wide) * (1 - moved(wide[:1]))
    followed = alpha * latents + (1 - alpha) * moved((1 - wide[:1]) * first[None])
    return torch.lerp(latents, followed, background)
