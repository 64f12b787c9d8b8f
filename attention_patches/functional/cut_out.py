"""Parts the thing in a picture from what is behind it, and shows an image encoder one of them.

Without any learning: the colours along the border are taken for the background's. Where no model of
the host's (BiRefNet, SAM3) is at hand this serves for things on plain ground, which is what
reference pictures are asked to be.
"""

import numpy as np
import torch
import torch.nn.functional as F
from kornia.color import rgb_to_lab
from scipy import ndimage
from scipy.cluster.vq import kmeans2
from torch import Tensor

# Around a cut-out, and the share of the square that its longer side fills: as the miniature's
# weights are trained; CLIP was trained on pictures whose mean is close to that grey.
GREY = 127 / 255
_FILLED = 0.7

_RING = 0.04  # width of the border that is all background, as a share of the shorter side
_COLOURS = 8
_LEAST = 14.0  # CIE Lab distance below which two colours are one
_SMALLEST = 0.004  # share of the picture; anything smaller is a speck
_LARGEST = 0.85


def cut_out(picture: Tensor) -> Tensor | None:
    """Find the one thing that stands out from the border.

    Args:
        picture: [h, w, 3], 0 to 1.

    Returns:
        Mask [h, w], 1 on the thing; None where nothing stands out or everything does.
    """
    lab = rgb_to_lab(picture.movedim(-1, 0)[None].float().cpu())[0].movedim(0, -1).numpy()
    away = _distance_from_border(lab)
    if away.max() <= _LEAST:
        return None
    found = away > max(_LEAST, _otsu(away))
    found = ndimage.binary_fill_holes(ndimage.binary_opening(found, iterations=1))
    component = _main_component(found)
    if component is None:
        return None
    share = component.mean()
    if not _SMALLEST <= share <= _LARGEST:
        return None
    return picture.new_tensor(component)


def _distance_from_border(lab: np.ndarray) -> np.ndarray:
    """Distance of every pixel to the nearest of the border's main colours, [h, w]."""
    height, width = lab.shape[:2]
    ring = max(1, round(_RING * min(height, width)))
    inside = np.zeros((height, width), bool)
    inside[ring:-ring, ring:-ring] = True
    border = lab[~inside].astype(np.float64)
    distinct = np.unique(border.round(), axis=0)
    if len(distinct) > _COLOURS:
        centres, _ = kmeans2(distinct, _COLOURS, minit="++", seed=0)
    else:
        centres = distinct
    owner = np.linalg.norm(border[:, None] - centres, axis=-1).argmin(1)
    held = np.unique(owner)
    # A thing that touches the border has some of it; the background has most.
    shares = np.bincount(owner, minlength=len(centres)) / len(owner)
    main = [number for number in held if shares[number] >= 0.5 / _COLOURS] or list(held)
    distances = [np.linalg.norm(lab - centres[number], axis=-1) for number in main]
    nearest: np.ndarray = np.min(distances, axis=0)
    return nearest


def _otsu(values: np.ndarray) -> float:
    """The threshold that parts values best into two groups (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=256)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(middles[np.nanargmax(between[:-1])])


def _main_component(found: np.ndarray) -> np.ndarray | None:
    """The largest connected part, nearer ones to the middle counting more."""
    parts, number = ndimage.label(found)
    if not number:
        return None
    height, width = found.shape
    y, x = np.mgrid[:height, :width]
    nearness = 1.5 - np.hypot((y + 0.5) / height - 0.5, (x + 0.5) / width - 0.5)
    weights = ndimage.sum_labels(nearness, parts, range(1, number + 1))
    largest: np.ndarray = parts == int(np.argmax(weights)) + 1
    return largest


def shown_alone(picture: Tensor, mask: Tensor | None, ground: float = GREY) -> Tensor:
    """The thing in the middle of a square: cut out where it has a mask.

    Args:
        picture: [h, w, 3], 0 to 1.
        mask: [h, w], 1 on the thing; None shows the whole picture.
        ground: brightness of what is around it.

    Returns:
        [1, side, side, 3].

    Raises:
        ValueError: an empty mask, or one of another size than the picture.
    """
    if mask is None:
        return _squared(picture, max(picture.shape[:2]), ground)
    _check_mask(picture, mask)
    left, top, right, bottom = bounds(mask)
    inside = (slice(top, bottom), slice(left, right))
    share = mask[inside][..., None].to(picture)
    cut = picture[inside] * share + ground * (1 - share)
    return _squared(cut, round(max(cut.shape[:2]) / _FILLED), ground)


def bounds(mask: Tensor) -> tuple[int, int, int, int]:
    """The box around a mask [h, w] in pixels, xyxy.

    Raises:
        ValueError: an empty mask.
    """
    rows, columns = (torch.nonzero(mask.amax(axis) > 0.5).flatten().tolist() for axis in (1, 0))
    if not rows:
        raise ValueError("its mask is empty; paint the entity in it, or leave the mask out")
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def shown_in_place(picture: Tensor, mask: Tensor | None, ground: float = GREY) -> Tensor:
    """A place without what stands before it: the picture where its mask is, else ``ground``.

    Args:
        picture: [h, w, 3], 0 to 1.
        mask: [h, w], 1 where the place is to be seen; None shows the whole picture.
        ground: brightness of the rest.

    Returns:
        [1, h, w, 3].

    Raises:
        ValueError: a mask of another size than the picture.
    """
    if mask is None:
        return picture[None]
    _check_mask(picture, mask)
    share = mask[..., None].to(picture)
    return (picture * share + ground * (1 - share))[None]


def _check_mask(picture: Tensor, mask: Tensor) -> None:
    sizes = tuple(mask.shape), tuple(picture.shape[:2])
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"its mask is {sizes[0]} and its picture {sizes[1]} pixels high and wide; both must be "
            "of one size"
        )


def _squared(picture: Tensor, side: int, ground: float) -> Tensor:
    height, width = picture.shape[:2]
    left, top = (side - width) // 2, (side - height) // 2
    around = (0, 0, left, side - width - left, top, side - height - top)
    return F.pad(picture, around, value=ground)[None]
