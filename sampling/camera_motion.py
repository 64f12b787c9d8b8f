"""Camera motion: the predicted clean latents of a clip, blended once with themselves as the camera
would have moved them.

VideoStudio (arXiv:2401.01256), section 3.3 and supplement 3: x̂₀ ← ½·x̂₀ + ½·warp(x̂₀, flow). The
authors released no code for it; sizes, order of frames and padding are ours and measured by
``director.py evaluate camera``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from kornia.geometry.transform import warp_affine
from torch import Tensor

from ..planning.camera_moves import MOVES
from ..planning.camera_moves import SPEEDS as SPEEDS  # beside the directions, for who asks here

DIRECTIONS = tuple(MOVES)
NEIGHBOUR, CUMULATIVE, OWN = "neighbour", "cumulative", "own"
MODES = (NEIGHBOUR, CUMULATIVE, OWN)
REFLECTION, BORDER = "reflection", "border"
PADDINGS = (REFLECTION, BORDER)
BILINEAR, BICUBIC = "bilinear", "bicubic"
EVERY_STEP = 0  # number of times that stands for every step but the last, which sharpen
# How a clip is moved where nobody says otherwise: by VideoStudio's half. Moved once, as the paper
# says, a clip goes where it was again in the steps that follow.
DEFAULT_MODE, DEFAULT_PERCENT, DEFAULT_TIMES, DEFAULT_AMOUNT = CUMULATIVE, 0.2, EVERY_STEP, 0.5


def camera_path(direction: str, speed: float, frames: int) -> Tensor:
    """Where a camera that moves evenly is at every frame of a clip.

    Args:
        direction: where the camera goes; ``left`` moves the content right.
        speed: fraction of the frame per frame; of a zoom, fraction of the scale per frame.
        frames: of the clip.

    Returns:
        [frames, 4]: pan to the right and down in frames, zoom as a factor, roll in degrees
        clockwise; the first row is (0, 0, 1, 0).

    Raises:
        ValueError: an unknown direction, or a speed outside 0–1.
    """
    if direction not in MOVES:
        raise ValueError(
            f"camera direction {direction!r} is not known; it can be {', '.join(DIRECTIONS)}"
        )
    if not 0.0 <= speed < 1.0:
        raise ValueError(f"camera speed {speed:g} is outside 0 to 1 (frames per frame)")
    right, down, zoom = MOVES[direction]
    times = torch.arange(frames, dtype=torch.float32)
    path = torch.zeros(frames, 4)
    path[:, 0], path[:, 1] = times * speed * right, times * speed * down
    path[:, 2] = (1 + speed * zoom) ** times
    return path


def path_through(frames: Sequence[int], poses: Sequence[Sequence[float]], count: int) -> Tensor:
    """Where a camera is at every frame that was told where to be at some; even in between.

    Args:
        frames: ascending; before the first and after the last of them it rests.
        poses: pan right, pan down, zoom, roll at each, as in ``camera_path``.
        count: frames of the clip.

    Returns:
        [count, 4], relative to the first frame's pose in pan, zoom and roll.
    """
    told = np.array(poses, dtype=np.float64)
    told[:, 2] = np.log(told[:, 2])  # an even zoom is a factor per frame
    path = np.stack([np.interp(np.arange(count), frames, axis) for axis in told.T], axis=-1)
    path -= path[:1]
    path[:, 2] = np.exp(path[:, 2])
    return torch.from_numpy(path).float()


def part_of_path(path: Tensor, share: float) -> Tensor:
    """A share of the way to every frame of a path [F, 4]; as many such parts as make 1 are all."""
    part = path * share
    part[:, 2] = path[:, 2] ** share
    return part


def camera_matrices(path: Tensor, height: int, width: int) -> Tensor:
    """What takes a cell of the first frame to where it is in every frame.

    Args:
        path: [F, 4] as ``camera_path`` gives it.
        height, width: of the latents, in cells.

    Returns:
        [F, 3, 3], in cells, the centre of the first cell being (0, 0).
    """
    pan_x, pan_y, zoom, roll = path.double().unbind(-1)
    # A camera that rolls clockwise sees the world turn the other way.
    turn = -torch.deg2rad(roll)
    cos, sin = zoom * turn.cos(), zoom * turn.sin()
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    from_x, from_y = centre_x + pan_x * width, centre_y + pan_y * height
    matrices = torch.zeros(len(path), 3, 3, dtype=torch.float64)
    matrices[:, 0, 0], matrices[:, 0, 1] = cos, -sin
    matrices[:, 1, 0], matrices[:, 1, 1] = sin, cos
    matrices[:, 0, 2] = centre_x - cos * from_x + sin * from_y
    matrices[:, 1, 2] = centre_y - sin * from_x - cos * from_y
    matrices[:, 2, 2] = 1
    return matrices


def warp_frames(
    frames: Tensor, matrices: Tensor, padding: str = REFLECTION, form: str = BILINEAR
) -> Tensor:
    """Move every frame by its own matrix.

    Args:
        frames: [F, C, h, w].
        matrices: [F, 3, 3], from where a cell is to where it goes.
        padding: what comes in at the border: ``reflection`` or ``border`` (its cells repeated).
        form: ``bilinear``, or ``bicubic`` for a move that is made once. That keeps small things
            which linear interpolation blurs away (``object_read.latents.camera`` of ``director.py
            evaluate camera``), but torch's cubic kernel (a = -3/4) takes shifts much below a cell
            half as far again, which adds up where moves follow one another.

    Returns:
        [F, C, h, w], a new tensor.

    Raises:
        ValueError: an unknown padding.
    """
    if padding not in PADDINGS:
        raise ValueError(f"camera padding {padding!r} is not known; it can be {PADDINGS}")
    moved = warp_affine(
        frames.float(),
        matrices[:, :2].to(frames.device, torch.float32),
        tuple(frames.shape[-2:]),
        mode=form,
        padding_mode=padding,
    )
    return moved.to(frames)


def camera_target(clean: Tensor, path: Tensor, mode: str, padding: str = REFLECTION) -> Tensor:
    """What a clip's frames would be if the camera had moved as asked.

    Args:
        clean: predicted clean latents, [F, C, h, w].
        path: [F, 4].
        mode: ``neighbour`` takes frame k from frame k − 1, ``cumulative`` from the first frame, and
            ``own`` from itself, moved k times.
        padding: as in ``warp_frames``.

    Returns:
        [F, C, h, w], a new tensor.

    Raises:
        ValueError: an unknown mode or padding, or a path of another number of frames.
    """
    if mode not in MODES:
        raise ValueError(f"camera mode {mode!r} is not known; it can be {', '.join(MODES)}")
    if len(path) != len(clean):
        raise ValueError(
            f"the camera's path has {len(path)} frames and the latents {len(clean)}; make a latent "
            "of as many frames as the scene has"
        )
    matrices = camera_matrices(path, *clean.shape[-2:])
    if mode == OWN:
        return warp_frames(clean, matrices, padding)
    if mode == CUMULATIVE:
        return warp_frames(clean[:1].expand_as(clean), matrices, padding, BICUBIC)
    steps = matrices[1:] @ torch.linalg.inv(matrices[:-1])
    return torch.cat([clean[:1], warp_frames(clean[:-1], steps, padding)])


def blend_with_camera(
    clean: Tensor,
    path: Tensor,
    mode: str,
    padding: str = REFLECTION,
    amount: float = DEFAULT_AMOUNT,
) -> Tensor:
    """Blend predicted clean latents with what the camera makes of them.

    Args:
        clean: image latents [F, C, h, w], or video latents [B, C, F, h, w].
        path, mode, padding: as in ``camera_target``.
        amount: of what the camera makes of them; the paper's is ½.

    Returns:
        The same shape, a new tensor.

    Raises:
        ValueError: as ``camera_target``.
    """
    if clean.ndim == 5:
        clips = [one.transpose(0, 1) for one in clean]
        blended = [blend_with_camera(clip, path, mode, padding, amount) for clip in clips]
        return torch.stack([one.transpose(0, 1) for one in blended])
    return torch.lerp(clean, camera_target(clean, path, mode, padding), amount)
