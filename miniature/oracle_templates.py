"""Holds pieces of foreground against the silhouettes and marks of the world's sprites."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image
from scipy import ndimage

from .backgrounds import SIZE
from .oracle_cells import AROUND, INNER, Integral, cell_edges, cell_weights, inside_share
from .oracle_segments import COLOUR_NAMES, PALETTE, Segment
from .shapes import ASPECTS, FACING, RESOLUTION, mark_mask, silhouette
from .vocabulary import KINDS, MARKS

# Autoencoders and denoisers soften edges: crisp templates alone misread what they made.
_BLURS = (0.0, 0.8, 1.6)
_ASPECT_TOLERANCE = 0.30  # of the logarithm of width over height
_HIDDEN_PENALTY = 0.5
_SOLID = 0.9  # coverage from which a pixel shows no background
_BETWEEN = 45.0  # distance of a mixture from the line between two colours
_FEWEST = 8  # pixels whose mean tells a colour
_PRIORS = {"plain": 0.02, "dot": 0.006}  # what softening takes from dots, seen on reconstructions
_CANDIDATES = 4  # shapes that are looked at closely
_CLEARLY_WORSE = 0.12

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
    step = RESOLUTION // INNER
    small = image.resize((INNER * step, INNER * step), Image.Resampling.BOX)
    values = np.asarray(small, np.float32).reshape(INNER, step, INNER, step).mean((1, 3)) / 255
    return np.pad(values, AROUND)


@lru_cache(maxsize=1)
def _library() -> _Library:
    names = tuple((kind, flip) for kind in KINDS for flip in (False, True)[: 1 + (kind in FACING)])
    crisp = np.stack([_on_cells(silhouette(*name)) for name in names])
    shapes = np.stack([ndimage.gaussian_filter(crisp, (0, blur, blur)) for blur in _BLURS], axis=1)
    marks = np.stack(
        [[_on_cells(mark_mask(kind, mark, flip)) for mark in MARKS] for kind, flip in names]
    )
    aspects = np.log(np.array([ASPECTS[kind] for kind, _ in names]))
    return _Library(names, shapes, shapes.sum((2, 3)), marks, aspects)


class Matcher:
    """A piece of foreground that is held against templates at any box.

    Args:
        segment: what the piece belongs to.
        mask: which of its pixels are the piece, bool [h, w]; others may hide some of it.
    """

    def __init__(self, segment: Segment, mask: np.ndarray) -> None:
        self.left, self.top = segment.left, segment.top
        self.labels = np.where(mask, segment.labels, np.int8(-1))
        self.solid = mask & (segment.alpha >= _SOLID)
        # Edges show background too: they count as the colour that they were named.
        self.pixels = np.where(self.solid[:, :, None], segment.rgb, PALETTE[self.labels])
        rest = segment.mask & ~mask
        alpha = segment.alpha * ~rest
        self.hidden = Integral(rest, self.left, self.top) if rest.any() else None
        self.alpha = Integral(alpha, self.left, self.top)
        self.total = float(alpha.sum())

    def shape_scores(self, boxes: np.ndarray, shapes: slice) -> np.ndarray:
        """Overlap with templates, best over blurs.

        Args:
            boxes: xyxy in pixels, [n, 4].
            shapes: which templates.

        Returns:
            [n, shapes] in 0–1.
        """
        library = _library()
        x0, y0, x1, y1 = boxes.T
        ys, xs = cell_edges(y0, y1), cell_edges(x0, x1)
        cells = self.alpha.cells(ys, xs)
        templates = library.shapes[shapes]
        expected, visible = templates[None], library.areas[shapes][None]
        if self.hidden is not None or min(x0.min(), y0.min()) < 0 or max(x1.max(), y1.max()) > SIZE:
            seen = inside_share(ys)[:, :, None] * inside_share(xs)[:, None, :]
            if self.hidden is not None:
                seen = seen - self.hidden.cells(ys, xs)
            expected = templates[None] * seen.astype(np.float32)[:, None, None]
            visible = expected.sum((3, 4))
        common = np.minimum(expected, cells[:, None, None]).sum((3, 4))
        # Foreground that lies beyond the cells is unexplained too.
        everything = np.maximum(self.total * INNER**2 / ((x1 - x0) * (y1 - y0)), cells.sum((1, 2)))
        overlap = common / (visible + everything[:, None, None] - common)
        shown = np.minimum(visible / library.areas[shapes], 1)
        off = np.log((x1 - x0) / (y1 - y0))[:, None] - library.aspects[shapes]
        likely = np.exp(-0.5 * (off / _ASPECT_TOLERANCE) ** 2)
        return (overlap * (1 - _HIDDEN_PENALTY * (1 - shown))).max(axis=2) * likely

    def best_mark(self, box: PixelBox, shape: int) -> tuple[float, str, str, str | None]:
        """How well one mark explains the colours in a shape: (share, colour, mark, second)."""
        library = _library()
        present = np.unique(self.labels[self.labels >= 0])
        if len(present) == 1:
            return 1.0, COLOUR_NAMES[present[0]], "plain", None
        x0, y0, x1, y1 = np.array([box], float).T
        height, width = self.labels.shape
        rows = cell_weights(cell_edges(y0, y1)[0], self.top, height)
        columns = cell_weights(cell_edges(x0, x1)[0], self.left, width).T

        def in_shape(values: np.ndarray) -> np.ndarray:
            return rows @ values @ columns * library.shapes[shape, 0]

        painted = (self.labels == present[:, None, None]).astype(np.float32)
        areas = in_shape(painted).sum(axis=(1, 2))
        total = max(float(areas.sum()), 1e-6)
        largest = present[np.argsort(-areas)[:3]].tolist()
        plain = float(areas.max()) / total + _PRIORS["plain"]
        best = (plain, COLOUR_NAMES[largest[0]], "plain", None)
        for one, two in itertools.combinations(largest, 2):
            ones, twos = (in_shape(share) for share in self._shares(one, two))
            for number, mark in enumerate(MARKS[1:], 1):
                where = library.marks[shape, number]
                ways = ((one, two, twos, ones), (two, one, ones, twos))
                for first, second, inside, outside in ways:
                    right = float((inside * where + outside * (1 - where)).sum()) / total
                    right += _PRIORS.get(mark, 0)
                    if right > best[0]:
                        best = (right, COLOUR_NAMES[first], mark, COLOUR_NAMES[second])
        return min(best[0], 1.0), *best[1:]

    def _shares(self, first: int, second: int) -> tuple[np.ndarray, np.ndarray]:
        """How much of each pixel has either of two colours; their mixtures have both."""
        ends = []
        for index in (first, second):
            own = self.solid & (self.labels == index)
            ends.append(self.pixels[own].mean(axis=0) if own.sum() >= _FEWEST else PALETTE[index])
        way = ends[1] - ends[0]
        offset = self.pixels - ends[0]
        share = np.clip(offset @ way / (way @ way), 0, 1)
        between = ((offset - share[:, :, None] * way) ** 2).sum(axis=2) < _BETWEEN**2
        either = (self.labels == first) | (self.labels == second)
        counts = either | (between & (self.labels >= 0))
        return (1 - share) * counts, share * counts

    def look(self, boxes: list[PixelBox], *, closely: bool = True) -> Look:
        """Find the shape and mark that explain the piece best.

        Args:
            boxes: where the piece may lie.
            closely: fit the box of the most likely shapes too, which takes most of the time.
        """
        library = _library()
        starts = np.array(boxes, float)
        scores = self.shape_scores(starts, slice(None))
        first = scores.argmax(axis=0)
        options: list[Look] = []
        for shape in np.argsort(-scores.max(axis=0))[: _CANDIDATES if closely else 2]:
            box, score = starts[first[shape]], float(scores[first[shape], shape])
            if options and score < options[0].score - _CLEARLY_WORSE:
                continue
            if closely:
                box, score = self._refine(box, int(shape), score)
            edges = tuple(float(edge) for edge in box)
            share, *words = self.best_mark(edges, int(shape))
            options.append(Look(library.names[shape][0], *words, edges, score * share))
        return max(options, key=lambda option: option.score)

    def _refine(self, box: np.ndarray, shape: int, score: float) -> tuple[np.ndarray, float]:
        """Move the edges of a box while the overlap grows."""
        only = slice(shape, shape + 1)
        for step in (1.0, 0.5):
            moves = np.concatenate([np.eye(4), -np.eye(4)]) * step
            for _ in range(4):
                tried = box + moves
                if (tried[:, 2:] - tried[:, :2]).min() < 5:
                    break
                values = self.shape_scores(tried, only)[:, 0]
                if values.max() < score + 1e-3:
                    break
                # All edges that gain by moving move at once, when that is better than one alone.
                gains = np.maximum(values - score, 0)
                gains *= gains >= np.roll(gains, 4)
                together = box + (moves * (gains > 1e-3)[:, None]).sum(axis=0)
                joint = float(self.shape_scores(together[None], only)[0, 0])
                alone = int(values.argmax())
                better = joint >= values[alone]
                box, score = (together, joint) if better else (tried[alone], float(values[alone]))
        return box, score
