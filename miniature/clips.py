"""The miniature's clips: drawn scenes whose things move, and now and then the camera too."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..sampling.camera_motion import DIRECTIONS, OWN, camera_path, camera_target
from .motions import FRAMES, LABELS, track
from .world import Scene, draw_scene, sample_scene

_SPEEDS = (0.01, 0.04)  # of a camera, in frames per frame


@dataclass(frozen=True)
class Clip:
    """A drawn clip.

    frames: what is drawn at every frame; only places differ.
    label: what the things do; None when they stand still.
    direction, speed: of the camera.
    """

    frames: tuple[Scene, ...]
    label: str | None
    direction: str = "static"
    speed: float = 0.0

    @property
    def moving_camera(self) -> bool:
        """Whether the camera moves."""
        return self.direction != "static"


def sample_clip(
    rng: np.random.Generator,
    *,
    label: str | None = None,
    frames: int = FRAMES,
    two: float = 0.25,
    moving_camera: float = 0.0,
) -> Clip:
    """Draw a clip at random in which every thing does the same.

    Args:
        rng: the only source of chance.
        label: of ``motions.LABELS``; one at random when None.
        frames: of the clip.
        two: share of clips with two things.
        moving_camera: share of clips whose camera moves.
    """
    label = label or LABELS[int(rng.integers(len(LABELS)))]
    count = 1 + int(rng.random() < two)
    while True:
        scene = sample_scene(rng, count=count)
        tracks = [track(label, s.width, s.height, frames, rng) for s in scene.sprites]
        if any(way is None for way in tracks):
            continue
        drawn = tuple(
            replace(
                scene,
                sprites=tuple(
                    replace(sprite, x=way[frame][0], y=way[frame][1])
                    for sprite, way in zip(scene.sprites, tracks, strict=True)
                ),
            )
            for frame in range(frames)
        )
        if not any(_touch(one) for one in drawn):
            break
    return _with_camera(Clip(drawn, label), rng, moving_camera)


def sample_still_clip(
    rng: np.random.Generator,
    *,
    frames: int = FRAMES,
    two: float = 0.5,
    moving_camera: float = 0.0,
) -> Clip:
    """Draw a clip at random in which nothing moves but the camera, if that; as ``sample_clip``."""
    scene = sample_scene(rng, count=1 + int(rng.random() < two))
    return _with_camera(Clip((scene,) * frames, None), rng, moving_camera)


def _with_camera(clip: Clip, rng: np.random.Generator, share: float) -> Clip:
    if rng.random() >= share:
        return clip
    direction = DIRECTIONS[1 + int(rng.integers(len(DIRECTIONS) - 1))]
    return replace(clip, direction=direction, speed=float(rng.uniform(*_SPEEDS)))


def _touch(scene: Scene) -> bool:
    boxes = [sprite.box for sprite in scene.sprites]
    return any(
        min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
        for number, a in enumerate(boxes)
        for b in boxes[:number]
    )


def draw_clip(clip: Clip) -> np.ndarray:
    """Draw all frames, uint8 [F, 128, 128, 3].

    A camera that moves moves the finished pictures: what comes in at the border is mirrored.
    """
    pictures = np.stack([draw_scene(scene) for scene in clip.frames])
    if not clip.moving_camera:
        return pictures
    moved = moved_by_camera(torch.from_numpy(pictures).permute(0, 3, 1, 2).float(), clip)
    return moved.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def moved_by_camera(drawn: Tensor, clip: Clip) -> Tensor:
    """What a clip's camera sees of its drawn frames [F, C, 128, 128]: the same shape."""
    if not clip.moving_camera:
        return drawn
    return camera_target(drawn, camera_path(clip.direction, clip.speed, len(drawn)), OWN)
