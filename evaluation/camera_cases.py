"""What ``director.py evaluate camera`` asks: clips of all moves and speeds, what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..miniature.captions import Style, write_caption
from ..miniature.oracle import Reading
from ..miniature.world import Scene, sample_scene
from ..sampling.camera_motion import DIRECTIONS, SPEEDS, camera_matrices, camera_path
from .oracle_score import Box

EVALUATION, VALIDATION = 73_000_009, 73_000_010  # first number of every seed here
STATIC = "static"
IMAGE, VIDEO = "image", "video"
ROUTES = (IMAGE, VIDEO)  # frames drawn as pictures; clips that a video model makes of one
LATENTS = "latents"  # a picture's, moved and decoded: no route, but what a move alone leaves
MOVES = tuple((way, speed) for speed in SPEEDS.values() for way in DIRECTIONS if way != STATIC)
_STYLE = Style(filler=0.0)


@dataclass(frozen=True)
class Case:
    """A clip to be drawn.

    scene: what is in it; its prompt tells of things and place.
    direction, speed: of the camera, in frames per frame.
    """

    scene: Scene
    prompt: str
    noise_seed: int
    direction: str
    speed: float


def camera_cases(count: int, still: int, seed: int, stream: int) -> list[Case]:
    """Moving clips, every move and speed in turn, and then clips whose camera rests."""
    cases = []
    for index in range(count + still):
        rng = np.random.default_rng([stream, seed, index])
        scene = sample_scene(rng, count=1 + index % 2)
        prompt = write_caption(scene, rng, _STYLE).text
        direction, speed = MOVES[index % len(MOVES)] if index < count else (STATIC, 0.0)
        cases.append(Case(scene, prompt, int(rng.integers(2**31)), direction, speed))
    return cases


def objects_read(
    case: Case, still: Sequence[Reading], moved: Sequence[Reading]
) -> list[tuple[float, float]]:
    """Whether each object is read with a camera and without, in every frame it stays inside of.

    Args:
        case: with the camera's way.
        still: the readings of the clip whose camera rests.
        moved: of the same clip with the camera.

    Returns:
        One pair (moved, still) for every asked object that either clip shows at first and every
        later frame that has its moved box inside.
    """
    matrices = camera_matrices(camera_path(case.direction, case.speed, len(still)), 1, 1).numpy()
    pairs = []
    for look in {(sprite.kind, sprite.colour) for sprite in case.scene.sprites}:
        first = still[0].of(*look) or moved[0].of(*look)
        if not first:
            continue
        for matrix, with_camera, without in list(zip(matrices, moved, still, strict=True))[1:]:
            if _inside(first[0].box, matrix):
                shown = (with_camera.of(*look), without.of(*look))
                pairs.append((float(bool(shown[0])), float(bool(shown[1]))))
    return pairs


def _inside(box: Box, matrix: np.ndarray) -> bool:
    # In a frame of one cell its centre is (0, 0), and a box's fractions count from its corner.
    x0, y0, x1, y1 = (value - 0.5 for value in box)
    corners = np.array([[x0, y0, 1], [x1, y1, 1]]) @ matrix.T
    return bool((np.abs(corners[:, :2]) <= 0.5).all())
