"""Draws clips with the camera asked to move: the miniature's pictures as frames of a clip, and
clips that its video model makes of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
from ..miniature.world import draw_scene
from ..sampling.camera_motion import CUMULATIVE, camera_path, camera_target
from ..sampling.camera_motion_patch import CameraMotion, patch_camera_motion
from .camera_cases import Case
from .miniature_models import Miniature, Settings, to_bytes
from .video_drawing import VideoRoute

NODE = "evaluate camera"
CameraWay = dict[str, float | str | int]


def _moving(model: Any, case: Case, way: CameraWay | None) -> Any:
    """A model whose camera goes where a case says; the model itself where there is no way."""
    if way is None:
        return model

    def path(count: int) -> torch.Tensor:
        return camera_path(case.direction, case.speed, count)

    return patch_camera_motion(model, CameraMotion(path, **way), NODE)


class ImageRoute:
    """Frames from one noise, tied together by value mapping, as Render Plan draws a scene.

    Args:
        miniature: the host's objects of the miniature.
        frames: of a clip.
        settings: steps, guidance, sampler.
    """

    def __init__(self, miniature: Miniature, frames: int, settings: Settings) -> None:
        self.miniature, self.frames, self.settings = miniature, frames, settings

    @torch.no_grad()
    def draw(self, case: Case, way: CameraWay | None) -> np.ndarray:
        """Draw a clip, uint8 [frames, 128, 128, 3].

        Args:
            case: what to draw, and where the camera goes.
            way: mode, percent, times, amount of ``CameraMotion``; None leaves the camera at rest.
        """
        model = patch_value_mapping(self.miniature.model, ValueMapping(seed=case.noise_seed))
        prompts = [case.prompt] * self.frames
        return self.miniature.sample_clip(
            _moving(model, case, way), prompts, case.noise_seed, self.settings
        )


class CameraVideoRoute:
    """The video model makes a clip of a drawn picture of the scene; no action is asked for.

    Args: as of ``ImageRoute``.
    """

    def __init__(self, miniature: Miniature, frames: int, settings: Settings) -> None:
        self.route = VideoRoute(miniature, frames, settings)

    @torch.no_grad()
    def draw(self, case: Case, way: CameraWay | None) -> np.ndarray:
        """Draw a clip; as ``ImageRoute.draw``."""
        model = _moving(self.route.model, case, way)
        picture = draw_scene(case.scene)
        return self.route.draw(picture, case.prompt, {}, case.noise_seed, model)


class LatentRoute:
    """The latents of a scene's picture moved and decoded: what a move loses before any sampling.

    Args:
        miniature, frames: as of ``ImageRoute``.
    """

    def __init__(self, miniature: Miniature, frames: int) -> None:
        self.miniature, self.frames = miniature, frames

    @torch.no_grad()
    def draw(self, case: Case, way: CameraWay | None) -> np.ndarray:
        """Draw a clip; as ``ImageRoute.draw``, but a camera that moves does so wholly and once."""
        latents = self.miniature.encode_pictures(draw_scene(case.scene)[None])
        latents = latents.expand(self.frames, -1, -1, -1)
        if way is not None:
            path = camera_path(case.direction, case.speed, self.frames)
            latents = camera_target(latents, path, CUMULATIVE)
        return to_bytes(self.miniature.vae.decode(latents))
