"""Resamples pieces of a picture to a grid of cells laid over a box of any size and place."""

from __future__ import annotations

import numpy as np

from .backgrounds import SIZE

INNER, AROUND = 24, 3  # cells across a box, and around it


def cell_edges(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Where the cells of each box begin and end, [n, cells + 1]."""
    fractions = np.arange(-AROUND, INNER + AROUND + 1) / INNER
    return starts[:, None] + (ends - starts)[:, None] * fractions


class Integral:
    """Sums of a picture over rectangles of any size and place, by its integral."""

    def __init__(self, values: np.ndarray, left: int, top: int) -> None:
        self.left, self.top = left, top
        self.sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
        np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=self.sums[1:, 1:])

    def cells(self, ys: np.ndarray, xs: np.ndarray) -> np.ndarray:
        """Mean in each cell between the edges ys and xs [n, cells + 1]; zero outside."""
        height, width = self.sums.shape
        boxes = np.arange(len(ys))[:, None, None]
        y, x = np.clip(ys - self.top, 0, height - 1), np.clip(xs - self.left, 0, width - 1)
        row = np.minimum(y.astype(np.intp), height - 2)
        column = np.minimum(x.astype(np.intp), width - 2)
        down, along = (y - row)[:, :, None], (x - column)[:, None, :]
        lines = self.sums[row] * (1 - down) + self.sums[row + 1] * down  # [n, cells + 1, width]
        every = np.arange(row.shape[1])[None, :, None]
        low = lines[boxes, every, column[:, None, :]]
        high = lines[boxes, every, column[:, None, :] + 1]
        corners = low * (1 - along) + high * along
        sums = np.diff(np.diff(corners, axis=1), axis=2)
        size = (ys[:, 1] - ys[:, 0]) * (xs[:, 1] - xs[:, 0])
        return (sums / size[:, None, None]).astype(np.float32)


def cell_weights(edges: np.ndarray, first: int, count: int) -> np.ndarray:
    """Share of each cell that each of ``count`` pixels from ``first`` on fills, [cells, count]."""
    pixels = np.arange(first, first + count)
    low = np.maximum(edges[:-1, None], pixels)
    high = np.minimum(edges[1:, None], pixels + 1)
    return (np.maximum(high - low, 0) / (edges[1] - edges[0])).astype(np.float32)


def inside_share(edges: np.ndarray) -> np.ndarray:
    """Share of each cell that lies within the picture, [n, cells]."""
    return np.diff(np.clip(edges, 0, SIZE), axis=1) / (edges[:, 1:2] - edges[:, :1])
