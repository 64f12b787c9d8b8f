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
_MOST_PARTS = 5
_LEAST_PART = 20  # pixels
_ONE_PIECE = 0.85
_LOOKED_AT = 2
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


def _look(segment: Segment, mask: np.ndarray, *, closely: bool = True) -> Look:
    """What a part of a segment looks like when the rest of the segment may hide some of it."""
    boxes = _boxes(_tight_box(mask, segment.left, segment.top))
    # The tips of stars and fins are faint in softened pictures.
    faint = (segment.alpha >= _FAINT) & ~(segment.mask & ~mask)
    boxes.append(_tight_box(faint, segment.left, segment.top))
    return Matcher(segment, mask).look(boxes, closely=closely)


def _connected(masks: list[np.ndarray], whole: np.ndarray) -> list[np.ndarray]:
    """Connected areas of some masks, largest first; crumbs go to what they lie beside."""
    parts = []
    for mask in masks:
        numbered, count = ndimage.label(mask)
        parts += [numbered == number for number in range(1, count + 1)]
    parts.sort(key=lambda part: -int(part.sum()))
    kept = [part for part in parts[:_MOST_PARTS] if part.sum() >= _LEAST_PART] or parts[:1]
    owner = np.zeros(whole.shape, np.int8)
    for number, part in enumerate(kept, 1):
        owner[part] = number
    owner = np.where(whole, _spread(owner), 0)
    return [owner == number for number in range(1, len(kept) + 1)]


def _spread(owner: np.ndarray) -> np.ndarray:
    """Give every pixel that has no owner that of the nearest one."""
    nearest = ndimage.distance_transform_edt(
        owner == 0, return_distances=False, return_indices=True
    )
    return owner[nearest[0], nearest[1]]


def _necks(mask: np.ndarray) -> list[np.ndarray]:
    """Cut a mask where it is narrowest; one mask comes back when it has no neck."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    for radius in np.arange(1.0, depth.max(), 0.5):
        numbered, count = ndimage.label(depth > radius, EIGHT)
        areas = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
        seeds = np.flatnonzero(areas >= _LEAST_PART) + 1
        if len(seeds) >= 2:
            owner = np.where(mask, _spread(np.where(np.isin(numbered, seeds), numbered, 0)), 0)
            return [owner == seed for seed in seeds]
    return [mask]


def _ways_to_part(segment: Segment) -> Iterator[list[np.ndarray]]:
    """By colour, at necks, and by both."""
    whole = segment.mask
    colours = [segment.labels == index for index in np.unique(segment.labels[whole])]
    necks = _necks(whole)
    ways = [_connected(colours, whole), _connected(necks, whole)]
    if len(colours) > 1 and len(necks) > 1:
        ways.append(_connected([a & b for a in colours for b in necks], whole))
    return (parts for parts in ways if len(parts) > 1)


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


def _is_one_piece(mask: np.ndarray) -> bool:
    """Whether nearly all of a mask hangs together."""
    numbered, count = ndimage.label(mask, EIGHT)
    return count == 1 or np.bincount(numbered.ravel())[1:].max() >= _ONE_PIECE * mask.sum()


def _likely_groupings(segment: Segment, parts: list[np.ndarray]) -> list[list[np.ndarray]]:
    """The groupings of parts whose groups look most like sprites at a glance, best first."""
    known: dict[tuple[int, ...], tuple[Look | None, np.ndarray]] = {}

    def glance(group: list[int]) -> tuple[Look | None, np.ndarray]:
        key = tuple(group)
        if key not in known:
            mask = np.logical_or.reduce([parts[index] for index in group])
            whole = _is_one_piece(mask)
            known[key] = (_look(segment, mask, closely=False) if whole else None, mask)
        return known[key]

    ranked = []
    for grouping in _groupings(len(parts)):
        views = [glance(group) for group in grouping]
        looks = [look for look, _ in views if look is not None]
        if len(looks) == len(views) > 1:
            ranked.append((_worth(looks, [int(mask.sum()) for _, mask in views]), views))
    ranked.sort(key=lambda pair: -pair[0])
    return [[mask for _, mask in views] for _, views in ranked[:_LOOKED_AT]]


def explain(segment: Segment) -> list[Look]:
    """Tell which sprites a segment shows.

    Returns:
        At least one look; its score says how much it can be believed.
    """
    joint = _look(segment, segment.mask)
    best, worth = [joint], joint.score
    if worth >= _GOOD:
        return best
    for parts in _ways_to_part(segment):
        for masks in _likely_groupings(segment, parts):
            looks = [_look(segment, mask) for mask in masks]
            value = _worth(looks, [int(mask.sum()) for mask in masks])
            if value > worth:
                best, worth = looks, value
        if len(best) > 1 and worth >= _GOOD - _PER_OBJECT:
            break
    return best
