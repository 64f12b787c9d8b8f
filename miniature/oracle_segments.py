"""Separates sprites from the background and names the colour of every pixel of theirs.

Textures, shading and lights of a background add the same amount to all three channels, so the
differences between channels do not see them: that is where sprites are found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .vocabulary import COLOURS

COLOUR_NAMES = tuple(COLOURS)
EIGHT = np.ones((3, 3), bool)
PALETTE = np.array([COLOURS[name] for name in COLOUR_NAMES], np.float32)
_LIGHTNESS_WEIGHT = 0.45
_CORE = 0.72  # coverage from which a pixel's own colour is believed
_THINNEST_SHARE = 0.035  # of a segment; a colour that covers less is a seam between two others
_WEAKEST = 40.0  # difference from the background below which a pixel's colour does not matter
_NEAR_SEAM = 0.6  # coverage beside a seam between two colours
_FEWEST = 12  # pixels that a colour needs to count
_MARGIN = 4  # pixels around a segment that are kept with it


@dataclass(frozen=True)
class Segment:
    """A connected piece of foreground, cut out of the picture with a small margin.

    ``alpha`` is how much a sprite covers each pixel (0–1, of this segment only), ``labels`` the
    index of its colour (−1 = none); ``left`` and ``top`` tell where the cut-out lies.
    """

    rgb: np.ndarray  # float32 [h, w, 3] in 0–255
    alpha: np.ndarray  # float32 [h, w]
    labels: np.ndarray  # int8 [h, w]
    left: int
    top: int

    @property
    def mask(self) -> np.ndarray:
        return self.labels >= 0


def _features(rgb: np.ndarray) -> np.ndarray:
    """Red−green, green−blue and weighted lightness."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    lightness = (red + green + blue) * np.float32(_LIGHTNESS_WEIGHT / 3)
    return np.stack([red - green, green - blue, lightness], axis=-1)


_PALETTE_FEATURES = _features(PALETTE)
_PALETTE_SQUARES = (_PALETTE_FEATURES**2).sum(axis=1)


def _nearest_colour(features: np.ndarray) -> np.ndarray:
    """Index of the nearest palette colour for features [n, 3]."""
    return (_PALETTE_SQUARES - 2 * features @ _PALETTE_FEATURES.T).argmin(axis=1)


def _fill_from(sure: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Give every pixel the value of the nearest pixel that is sure."""
    nearest = ndimage.distance_transform_edt(~sure, return_distances=False, return_indices=True)
    return values[nearest[0], nearest[1]]


def _without_seams(labels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Give thin seams of mixed colours to the colours that they lie between."""
    inside = np.where(mask, labels, np.int8(-1))
    counts = np.bincount(inside[mask], minlength=len(COLOUR_NAMES))
    least = _THINNEST_SHARE * counts.sum()
    if (counts > 0).sum() <= 1:
        return inside
    kept = np.zeros_like(mask)
    for index in np.flatnonzero(counts >= max(least, 1)):
        # Padded with its own edge, because the picture's border does not make a colour thin.
        padded = np.pad(inside == index, 1, mode="edge")
        solid = ndimage.binary_opening(padded, EIGHT)[1:-1, 1:-1]
        if solid.sum() >= least:
            kept |= solid
    if not kept.any():
        return np.where(mask, np.int8(counts.argmax()), np.int8(-1))
    return np.where(mask, _fill_from(kept, inside), np.int8(-1))


class _Differences:
    """Channel differences of a picture against its background."""

    def __init__(self, rgb: np.ndarray, rows: np.ndarray) -> None:
        self.rgb = rgb
        features = _features(rgb)
        behind = _features(rows)[:, None, :2]
        self.strength = np.sqrt(((features[..., :2] - behind) ** 2).sum(axis=-1))
        # How strong a full cover by each colour would be, per row [128, 7].
        self.full = np.sqrt(((_PALETTE_FEATURES[:, :2] - behind) ** 2).sum(axis=-1))
        self.labels = np.zeros(rgb.shape[:2], np.int8)
        coloured = self.strength > _WEAKEST
        self.labels[coloured] = _nearest_colour(features[coloured])

    def alpha(self, labels: np.ndarray, place: tuple[slice, slice]) -> np.ndarray:
        full = np.take_along_axis(self.full[place[0]], labels.astype(np.intp), axis=1)
        return np.minimum(self.strength[place] / full, 1).astype(np.float32)


def _cut_out(
    differences: _Differences, rough: np.ndarray, numbered: np.ndarray, index: int, found: tuple
) -> Segment:
    """Cut one rough segment out and read coverage and colours in it again with more care."""
    place = tuple(
        slice(max(0, part.start - _MARGIN), min(size, part.stop + _MARGIN))
        for part, size in zip(found, numbered.shape, strict=True)
    )
    mine = numbered[place] == index
    others = (numbered[place] > 0) & ~mine
    sure = mine & (rough[place] >= _CORE)
    labels = differences.labels[place]
    if sure.any():
        # A soft edge shows a mixture, so it takes the name of the nearest pixel that is sure.
        labels = _fill_from(sure, labels)
    alpha = np.where(others, np.float32(0), differences.alpha(labels, place))
    alpha = np.maximum(alpha, ndimage.grey_closing(alpha, size=(3, 3)))
    alpha[mine & _seams(alpha, labels)] = 1
    alpha *= ndimage.binary_dilation(mine, EIGHT, iterations=2)
    labels = _without_seams(labels, (alpha >= 0.5) & ~others)
    return Segment(differences.rgb[place], alpha, labels, place[1].start, place[0].start)


def _seams(alpha: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Pixels that lie between two colours: opposite colours mix to a grey that hides a seam."""
    inside = alpha >= _NEAR_SEAM
    counts = np.bincount(labels[inside], minlength=len(COLOUR_NAMES))
    beside = np.zeros(alpha.shape, np.int8)
    for index in np.flatnonzero(counts >= _FEWEST):
        beside += ndimage.binary_dilation(inside & (labels == index), EIGHT)
    return beside >= 2


def find_segments(rgb: np.ndarray, rows: np.ndarray, least_area: int) -> list[Segment]:
    """Find the connected pieces of foreground.

    Args:
        rgb: float32 [128, 128, 3] in 0–255.
        rows: the background's colour in each row, [128, 3].
        least_area: pixels; smaller pieces are specks.
    """
    differences = _Differences(rgb, rows)
    rough = differences.alpha(differences.labels, (slice(None), slice(None)))
    closed = np.maximum(rough, ndimage.grey_closing(rough, size=(3, 3)))
    closed[_seams(rough, differences.labels)] = 1
    numbered, count = ndimage.label(closed >= 0.5, EIGHT)
    areas = np.bincount(numbered.ravel(), minlength=count + 1)
    return [
        _cut_out(differences, closed, numbered, index, found)
        for index, found in enumerate(ndimage.find_objects(numbered), 1)
        if areas[index] >= least_area
    ]
