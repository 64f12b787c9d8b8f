"""A guide of the video model in training: hidden states should tell where things are, and when.

What an action changes is a few cells of a clip, and where noise rules the loss of the denoising
hardly feels it. A throw-away reader asks for it directly; nothing of it is shipped.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..video_models.videostudio_unet import VideoStudioUNet


class MotionGuide(nn.Module):
    """Reads where things are from the deepest and from the last hidden states.

    Args:
        unet: whose calls are watched from now on.
        cells: of the latents, in each direction.
    """

    def __init__(self, unet: VideoStudioUNet, cells: int) -> None:
        super().__init__()
        deepest, last = unet.config.channels[-1], unet.config.channels[0]
        self.factor = 2 ** (len(unet.config.channels) - 1)
        self.cells = cells
        self.from_deepest = nn.Linear(deepest, self.factor**2)
        self.from_last = nn.Linear(last, 1)
        self._deepest = self._last = torch.empty(0)
        unet.mid_block.temp_convs[-1].register_forward_hook(self._keep_deepest)
        unet.conv_norm_out.register_forward_pre_hook(self._keep_last)

    def _keep_deepest(self, module: nn.Module, given: object, out: Tensor) -> None:
        self._deepest = out

    def _keep_last(self, module: nn.Module, given: tuple[Tensor]) -> None:
        self._last = given[0]

    def forward(self, inside: Tensor) -> Tensor:
        """Cross-entropy of what the last call's hidden states tell, mean of both readers.

        Args:
            inside: share of each cell that things cover, [B, 1, F, cells, cells]; the call had the
                scene picture's latent before the F frames.
        """
        wanted = inside[:, 0]
        deepest = self._deepest.float().movedim(1, -1)  # [B, 1 + F, h, w, C]
        fine = self.from_deepest(deepest).movedim(-1, 2).flatten(0, 1)
        fine = F.pixel_shuffle(fine, self.factor).view(len(inside), -1, self.cells, self.cells)
        last = self.from_last(self._last.float().movedim(1, -1))
        last = last.view(len(inside), -1, self.cells, self.cells)
        told = torch.stack([fine[:, 1:], last[:, 1:]])
        return F.binary_cross_entropy_with_logits(told, wanted.expand_as(told))
