"""Decides which pieces of a segment belong to one sprite.

Two colours in one segment are a marked sprite or two sprites that touch; one colour may be two
sprites that touch. Every way of grouping is tried until shapes explain what is seen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from .backgrounds import SIZE
from .oracle_segments import EIGHT, Segment
from .oracle_templates import Look, Matcher, PixelBox

_GOOD = 0.78  # one shape that explains a segment this well ends the search
_PER_OBJECT = 0.05  # what every further object must add to the mean score
_MOST_PARTS = 6
_LEAST_PART = 20  # pixels
_FAINT = 0.25  # coverage
_CUTS = (0.0, 0.18, 0.36, 0.54)  # shares of a side that may lie beyond the picture's border


def _tight_box(mask: np.ndarray, left: int, top: int) -> PixelBox:
    ys, xs = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        float(left + xs[0]),
        float(top + ys[0]),
        float(left + xs[-1] + 1),
        float(top + ys[-1] + 1),
    )


def _boxes(tight: PixelBox) -> list[PixelBox]:
    """The tight box and, where it touches the border, boxes that reach beyond."""
    x0, y0, x1, y1 = tight
    boxes = [tight]
    for cut in _CUTS[1:]:
        beyond_x, beyond_y = (x1 - x0) * cut / (1 - cut), (y1 - y0) * cut / (1 - cut)
        if x0 <= 0:
            boxes.append((x0 - beyond_x, y0, x1, y1))
        if x1 >= SIZE:
            boxes.append((x0, y0, x1 + beyond_x, y1))
        if y0 <= 0:
            boxes.append((x0, y0 - beyond_y, x1, y1))
        if y1 >= SIZE:
            boxes.append((x0, y0, x1, y1 + beyond_y))
    return boxes


def _look(segment: Segment, mask: np.ndarray) -> Look:
    """What a part of a segment looks like when the rest of the segment may hide some of it."""
    boxes = _boxes(_tight_box(mask, segment.left, segment.top))
    # The tips of stars and fins are faint in softened pictures.
    faint = (segment.alpha >= _FAINT) & ~(segment.mask & ~mask)
    boxes.append(_tight_box(faint, segment.left, segment.top))
    return Matcher(segment, mask).look(boxes)


def _parts(segment: Segment) -> list[np.ndarray]:
    """Connected areas of one colour, largest first; crumbs go to what they touch."""
    parts = []
    for index in np.unique(segment.labels[segment.mask]):
        numbered, count = ndimage.label(segment.labels == index)
        parts += [numbered == number for number in range(1, count + 1)]
    parts.sort(key=lambda part: -int(part.sum()))
    kept = [part for part in parts[:_MOST_PARTS] if part.sum() >= _LEAST_PART] or parts[:1]
    owner = np.zeros(segment.mask.shape, np.int8)
    for number, part in enumerate(kept, 1):
        owner[part] = number
    nearest = ndimage.distance_transform_edt(
        owner == 0, return_distances=False, return_indices=True
    )
    owner = np.where(segment.mask, owner[nearest[0], nearest[1]], 0)
    return [owner == number for number in range(1, len(kept) + 1)]


def _necks(mask: np.ndarray) -> list[np.ndarray]:
    """Cut a mask where it is narrowest; one mask comes back when it has no neck."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    for radius in np.arange(1.0, depth.max(), 0.5):
        numbered, count = ndimage.label(depth > radius, EIGHT)
        areas = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
        seeds = np.flatnonzero(areas >= _LEAST_PART) + 1
        if len(seeds) >= 2:
            seeded = np.where(np.isin(numbered, seeds), numbered, 0)
            nearest = ndimage.distance_transform_edt(
                seeded == 0, return_distances=False, return_indices=True
            )
            owner = np.where(mask, seeded[nearest[0], nearest[1]], 0)
            return [owner == seed for seed in seeds]
    return [mask]


def _groupings(count: int) -> Iterator[list[list[int]]]:
    """Every way to put ``count`` things into groups."""
    if count == 0:
        yield []
        return
    for grouping in _groupings(count - 1):
        for at in range(len(grouping)):
            yield [[*group, count - 1] if at == n else group for n, group in enumerate(grouping)]
        yield [*grouping, [count - 1]]


def _worth(looks: list[Look], areas: list[int]) -> float:
    mean = sum(look.score * area for look, area in zip(looks, areas, strict=True)) / sum(areas)
    return mean - _PER_OBJECT * (len(looks) - 1)


def _best_grouping(segment: Segment, parts: list[np.ndarray]) -> tuple[list[Look], float]:
    """The grouping of parts whose groups look most like sprites, and its worth."""
    known: dict[tuple[int, ...], tuple[Look | None, int]] = {}

    def seen(group: list[int]) -> tuple[Look | None, int]:
        key = tuple(group)
        if key not in known:
            mask = np.logical_or.reduce([parts[index] for index in group])
            whole = ndimage.label(mask, EIGHT)[1] == 1
            known[key] = (_look(segment, mask) if whole else None, int(mask.sum()))
        return known[key]

    best: list[Look] = []
    best_worth = -1.0
    for grouping in _groupings(len(parts)):
        views = [seen(group) for group in grouping]
        looks = [look for look, _ in views if look is not None]
        if len(looks) < len(views):
            continue
        worth = _worth(looks, [area for _, area in views])
        if worth > best_worth:
            best, best_worth = looks, worth
    return best, best_worth


def explain(segment: Segment) -> list[Look]:
    """Tell which sprites a segment shows.

    Returns:
        At least one look; its score says how much it can be believed.
    """
    joint = _look(segment, segment.mask)
    if joint.score >= _GOOD:
        return [joint]
    best, worth = [joint], joint.score
    ways = [_parts(segment), _necks(segment.mask)]
    for parts in ways:
        if len(parts) < 2:
            continue
        looks, value = _best_grouping(segment, parts[:_MOST_PARTS])
        if value > worth:
            best, worth = looks, value
    return best
