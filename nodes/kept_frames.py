"""The frames of a scene in a file, where nodes expect a batch of pictures: read when looked at."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..rendering.clip_frames import Clip


class KeptFrames:
    """Stands for images of (f h w c), 0 to 1, and holds none of them.

    Args:
        clip: the file.
    """

    ndim = 4

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.shape = (clip.frames, clip.height, clip.width, clip.channels)

    def __len__(self) -> int:
        return self.clip.frames

    def __iter__(self) -> Iterator[Tensor]:
        for frame in self.clip:
            yield _values(frame)

    def __getitem__(self, place: int) -> Tensor:
        """Read one frame, counted from 0; most clips need not decode others for it."""
        return _values(self.clip.frame(place))


def _values(frame: np.ndarray) -> Tensor:
    return torch.from_numpy(frame).float() / 255
