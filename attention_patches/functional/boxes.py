"""Grids of cells, and how much of each cell lies in boxes."""

from __future__ import annotations

import torch
from torch import Tensor


def grid_of(cells: int, aspect: float) -> tuple[int, int]:
    """Height and width, in cells, of the grid of that many.

    Args:
        cells: height·width.
        aspect: width over height.
    """
    height = round((cells / aspect) ** 0.5)
    return height, cells // height


def cell_coverage(boxes: Tensor, height: int, width: int) -> Tensor:
    """Share of every cell that a box covers, exactly.

    Args:
        boxes: xyxy in 0–1, [..., n, 4]; a box without area covers nothing.
        height, width: of the grid in cells.

    Returns:
        0–1, [..., height·width, n], cells row by row.
    """
    x0, y0, x1, y1 = boxes.unbind(-1)

    def covered(low: Tensor, high: Tensor, cells: int) -> Tensor:
        edges = torch.arange(cells + 1, device=low.device) / cells
        ends = torch.minimum(high[..., None], edges[1:]) - torch.maximum(low[..., None], edges[:-1])
        return ends.clamp(min=0) * cells

    share = covered(y0, y1, height)[..., :, None] * covered(x0, x1, width)[..., None, :]
    return share.flatten(-2).transpose(-1, -2)
