"""Draws clips with the camera asked to move: the miniature's pictures as frames of a clip."""

from __future__ import annotations

import numpy as np
import torch

from ..attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
from ..sampling.camera_motion import camera_path
from ..sampling.camera_motion_patch import CameraMotion, patch_camera_motion
from .camera_cases import Case
from .miniature_models import Miniature, Settings

NODE = "evaluate camera"


class ImageRoute:
    """Frames from one noise, tied together by value mapping, as Render Plan draws a scene.

    Args:
        frames: of a clip.
        settings: steps, guidance, sampler.
    """

    def __init__(self, frames: int, settings: Settings) -> None:
        self.miniature, self.frames, self.settings = Miniature(), frames, settings

    @torch.no_grad()
    def draw(self, case: Case, way: dict[str, float | str | int] | None) -> np.ndarray:
        """Draw a clip, uint8 [frames, 128, 128, 3].

        Args:
            case: what to draw, and where the camera goes.
            way: mode, percent, times, amount of ``CameraMotion``; None leaves the camera at rest.
        """
        model = patch_value_mapping(self.miniature.model, ValueMapping(seed=case.noise_seed))
        if way is not None:

            def path(count: int) -> torch.Tensor:
                return camera_path(case.direction, case.speed, count)

            model = patch_camera_motion(model, CameraMotion(path, **way), NODE)
        prompts = [case.prompt] * self.frames
        return self.miniature.sample_clip(model, prompts, case.noise_seed, self.settings)
