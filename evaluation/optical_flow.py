"""How the camera moved in a clip, read by dense optical flow: OpenCV's DIS (arXiv:1603.03590).

Only places with structure in both directions count: flow along an edge, or in an even sky, is a
guess of the estimator's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..sampling.camera_motion import camera_matrices, camera_path

_WINDOW = 5  # pixels, in which structure is looked for
_STRUCTURE = 0.1  # of the square root of the strongest
_FEWEST = 64  # pixels, else nothing can be said of a pair of frames


@dataclass(frozen=True)
class CameraReading:
    """How the camera moved, in the mean over a clip's pairs of frames.

    right, down: pan in fractions of the frame per frame.
    zoom: change of scale per frame; half the divergence of the flow.
    flow: median length of the flow, in fractions of the width per frame.
    """

    right: float
    down: float
    zoom: float
    flow: float

    @property
    def direction(self) -> str:
        """The direction of ``camera_motion.DIRECTIONS`` that moved most at the frame's border."""
        sizes = {
            ("left", "right"): 2 * self.right,
            ("up", "down"): 2 * self.down,
            ("zoom_out", "zoom_in"): self.zoom,  # a border is half a frame from the centre
        }
        (less, more), size = max(sizes.items(), key=lambda one: abs(one[1]))
        return more if size > 0 else less


_STILL = CameraReading(0.0, 0.0, 0.0, 0.0)


def read_camera(frames: np.ndarray) -> CameraReading:
    """Read a clip, uint8 [F, H, W, 3].

    Raises:
        ValueError: fewer than two frames.
    """
    readings = []
    for flow, where in _pairs(frames):
        if where.sum() < _FEWEST:
            continue
        height, width = where.shape
        there = np.stack(np.nonzero(where)[::-1], axis=-1).astype(np.float32)
        moved = flow[where]
        found, _ = cv2.estimateAffinePartial2D(there, there + moved, ransacReprojThreshold=1.0)
        scale = 1.0 if found is None else float(np.hypot(found[0, 0], found[1, 0]))
        across, down = np.median(moved, axis=0)
        length = float(np.median(np.hypot(*moved.T)))
        # What is seen goes where the camera does not.
        readings.append((-across / width, -down / height, scale - 1, length / width))
    return CameraReading(*np.mean(readings, axis=0).tolist()) if readings else _STILL


def flow_error(frames: np.ndarray, direction: str, speed: float) -> float:
    """Mean distance of a clip's flow from what a camera asks, over the mean of what it asks.

    Args:
        frames: uint8 [F, H, W, 3].
        direction: other than static.
        speed: as in ``camera_path``.
    """
    height, width = frames.shape[1:3]
    matrices = camera_matrices(camera_path(direction, speed, len(frames)), height, width).numpy()
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    places = np.stack([x, y, np.ones_like(x)], axis=-1)
    errors, sizes = [], []
    for number, (flow, where) in enumerate(_pairs(frames)):
        step = matrices[number + 1] @ np.linalg.inv(matrices[number])
        asked = (places @ step.T - places)[..., :2]
        errors.append(np.linalg.norm(flow - asked, axis=-1)[where])
        sizes.append(np.linalg.norm(asked, axis=-1)[where])
    return float(np.concatenate(errors).mean() / np.concatenate(sizes).mean())


def _pairs(frames: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Flow [H, W, 2] in pixels and where it can be known [H, W], of each frame to the next."""
    if len(frames) < 2:
        raise ValueError(f"a camera needs two frames or more to be read; {len(frames)} came")
    estimator = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    return [
        (estimator.calc(first, second, None), _structured(first))
        for first, second in zip(grey, grey[1:], strict=False)
    ]


def _structured(grey: np.ndarray) -> np.ndarray:
    """Where a picture has structure in both directions."""
    strength = np.sqrt(np.maximum(cv2.cornerMinEigenVal(grey, _WINDOW), 0))
    return strength > _STRUCTURE * strength.max() if strength.max() > 0 else strength > 0
