"""Holds pieces of foreground against the silhouettes and marks of the world's sprites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image
from scipy import ndimage

from .backgrounds import SIZE
from .oracle_segments import COLOUR_NAMES
from .shapes import ASPECTS, FACING, RESOLUTION, mark_mask, silhouette
from .vocabulary import KINDS, MARKS

_INNER, _AROUND = 28, 3  # cells across a box, and around it, when it is held against a template
_CELLS = _INNER + 2 * _AROUND
# Autoencoders and denoisers soften edges: crisp templates alone misread what they made.
_BLURS = (0.0, 0.8, 1.6)
_ASPECT_TOLERANCE = 0.30  # of the logarithm of width over height
_HIDDEN_PENALTY = 0.5
_PLAIN_PRIOR = 0.02
_CANDIDATES = 4  # shapes whose marks are looked at

PixelBox = tuple[float, float, float, float]  # xyxy, may reach beyond the picture


@dataclass(frozen=True)
class Look:
    """What a piece of foreground looks like; ``score`` in 0–1."""

    kind: str
    colour: str
    mark: str
    second_colour: str | None
    box: PixelBox
    score: float


@dataclass(frozen=True)
class _Library:
    names: tuple[tuple[str, bool], ...]  # (kind, mirrored) of each shape
    shapes: np.ndarray  # float32 [shape, blur, cells, cells]
    areas: np.ndarray  # [shape, blur]
    marks: np.ndarray  # float32 [shape, mark, cells, cells], 1 where the second colour goes
    aspects: np.ndarray  # [shape], logarithm


def _on_cells(image: Image.Image) -> np.ndarray:
    step = RESOLUTION // _INNER
    small = image.resize((_INNER * step, _INNER * step), Image.Resampling.BOX)
    values = np.asarray(small, np.float32).reshape(_INNER, step, _INNER, step).mean((1, 3)) / 255
    return np.pad(values, _AROUND)


@lru_cache(maxsize=1)
def _library() -> _Library:
    names = tuple((kind, flip) for kind in KINDS for flip in (False, True)[: 1 + (kind in FACING)])
    crisp = np.stack([_on_cells(silhouette(*name)) for name in names])
    shapes = np.stack([ndimage.gaussian_filter(crisp, (0, blur, blur)) for blur in _BLURS], axis=1)
    marks = np.stack(
        [[_on_cells(mark_mask(kind, mark, flip)) for mark in MARKS] for kind, flip in names]
    )
    aspects = np.log(np.array([ASPECTS[kind] for kind, _ in names]))
    return _Library(names, shapes, shapes.sum((2, 3)), marks.round(), aspects)


def _weights(start: float, end: float, first: int, count: int) -> np.ndarray:
    """How much of each of ``count`` pixels from ``first`` on falls into each cell, [cells, count].

    Cells cover start–end and the margin around it; the weights of a cell add up to at most 1.
    """
    step = (end - start) / _INNER
    edges = start + step * np.arange(-_AROUND, _INNER + _AROUND + 1)
    pixels = np.arange(first, first + count)
    low = np.maximum(edges[:-1, None], pixels)
    high = np.minimum(edges[1:, None], pixels + 1)
    return (np.maximum(high - low, 0) / step).astype(np.float32)


class Matcher:
    """A piece of foreground that is held against templates at any box.

    Args:
        alpha: coverage, float32 [h, w].
        labels: index of the colour of each pixel or −1, [h, w].
        left, top: where the piece lies in the picture.
        unknown: pixels that something else hides, bool [h, w] or None.
    """

    def __init__(
        self,
        alpha: np.ndarray,
        labels: np.ndarray,
        left: int,
        top: int,
        unknown: np.ndarray | None = None,
    ) -> None:
        self.left, self.top, self.labels = left, top, labels
        self.hidden = None if unknown is None else unknown.astype(np.float32)
        self.alpha = alpha if unknown is None else alpha * ~unknown
        self.total = float(self.alpha.sum())

    def _sampler(self, box: PixelBox) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights for rows and columns, and how much of each cell can be seen."""
        x0, y0, x1, y1 = box
        height, width = self.alpha.shape
        rows = _weights(y0, y1, self.top, height)
        columns = _weights(x0, x1, self.left, width)
        seen = np.outer(_inside(y0, y1), _inside(x0, x1))
        if self.hidden is not None:
            seen = seen - rows @ self.hidden @ columns.T
        return rows, columns, seen

    def shape_scores(self, box: PixelBox, shapes: slice) -> np.ndarray:
        """Overlap with templates, best over blurs, [shape] in 0–1."""
        library = _library()
        rows, columns, seen = self._sampler(box)
        cells = rows @ self.alpha @ columns.T
        templates = library.shapes[shapes]
        expected = templates * seen
        visible = expected.sum((2, 3))
        common = np.minimum(expected, cells).sum((2, 3))
        x0, y0, x1, y1 = box
        # Foreground that lies beyond the cells is unexplained too.
        everything = max(self.total * _INNER**2 / ((x1 - x0) * (y1 - y0)), float(cells.sum()))
        overlap = common / (visible + everything - common)
        shown = visible / library.areas[shapes]
        off = np.log((x1 - x0) / (y1 - y0)) - library.aspects[shapes]
        likely = np.exp(-0.5 * (off / _ASPECT_TOLERANCE) ** 2)
        shown = np.minimum(shown, 1)
        return (overlap * (1 - _HIDDEN_PENALTY * (1 - shown))).max(axis=1) * likely

    def best_mark(self, box: PixelBox, shape: int) -> tuple[float, str, str, str | None]:
        """How well one mark explains the colours in a shape: (share, colour, mark, second)."""
        library = _library()
        rows, columns, _ = self._sampler(box)
        cover = library.shapes[shape, 0]
        present = [index for index in range(len(COLOUR_NAMES)) if (self.labels == index).any()]
        painted = np.stack(
            [cover * (rows @ (self.labels == index) @ columns.T) for index in present]
        )
        total = max(float(painted.sum()), 1e-6)
        best = (-1.0, COLOUR_NAMES[0], "plain", None)
        sums = painted.sum((1, 2))
        inside = np.einsum("cyx,myx->mc", painted, library.marks[shape])
        for number, mark in enumerate(MARKS):
            outside = sums - inside[number]
            first = int(outside.argmax())
            if mark == "plain":
                found = (float(outside[first]) / total, COLOUR_NAMES[present[first]], mark, None)
            else:
                second = int(inside[number].argmax())
                if second == first:
                    continue
                share = float(outside[first] + inside[number][second]) / total - _PLAIN_PRIOR
                found = (share, COLOUR_NAMES[present[first]], mark, COLOUR_NAMES[present[second]])
            best = max(best, found, key=lambda option: option[0])
        return best

    def look(self, boxes: list[PixelBox]) -> Look:
        """Find the shape and mark that explain the piece best, starting from some boxes."""
        library = _library()
        every = slice(0, len(library.names))
        scores = np.stack([self.shape_scores(box, every) for box in boxes])
        order = np.argsort(-scores.max(axis=0))[:_CANDIDATES]
        options = []
        for shape in order:
            at = int(scores[:, shape].argmax())
            if scores[at, shape] < 0.6 * scores.max():
                continue
            box, score = self._refine(boxes[at], int(shape), float(scores[at, shape]))
            share, *words = self.best_mark(box, int(shape))
            options.append(Look(library.names[shape][0], *words, box, score * share))
        return max(options, key=lambda option: option.score)

    def _refine(self, box: PixelBox, shape: int, score: float) -> tuple[PixelBox, float]:
        """Move the edges of a box, one at a time, while the overlap grows."""
        only = slice(shape, shape + 1)
        for step in (1.0, 0.5):
            for _ in range(4):
                before = score
                for edge in range(4):
                    for move in (-step, step):
                        tried = list(box)
                        tried[edge] += move
                        if tried[2] - tried[0] < 5 or tried[3] - tried[1] < 5:
                            continue
                        value = float(self.shape_scores(tuple(tried), only)[0])
                        if value > score + 1e-4:
                            box, score = tuple(tried), value
                if score - before < 2e-3:
                    break
        return box, score


def _inside(start: float, end: float) -> np.ndarray:
    """Share of each cell that lies within the picture, [cells]."""
    step = (end - start) / _INNER
    edges = start + step * np.arange(-_AROUND, _INNER + _AROUND + 1)
    clipped = np.clip(edges, 0, SIZE)
    return ((clipped[1:] - clipped[:-1]) / step).astype(np.float32)
