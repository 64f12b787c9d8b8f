"""What the frames of scenes need of disk and memory, held against what there is."""

import shutil
from pathlib import Path

# Most bytes of a pixel in a file; a picture of noise in ffv1 or png takes no more than 3.
BYTES_PER_PIXEL = {"ffv1": 3.0, "png": 3.0, "mp4": 0.5}
FLOAT_BYTES_PER_PIXEL = 3 * 4  # an IMAGE of the host
GIGABYTE = 2**30


def frames_in_memory(frames: int, size: tuple[int, int]) -> int:
    """Bytes of frames as the host holds them.

    Args:
        frames: how many.
        size: width and height, in pixels.
    """
    width, height = size
    return frames * width * height * FLOAT_BYTES_PER_PIXEL


def disk_problems(
    frames: int, size: tuple[int, int], kind: str, folder: Path, remedy: str
) -> list[str]:
    """Whether the files of frames may not fit on a disk.

    Args:
        frames: how many.
        size: width and height, in pixels.
        kind: a key of BYTES_PER_PIXEL.
        folder: on that disk; need not be there yet.
        remedy: what helps besides another folder or a free disk, after "or".

    Returns:
        A sentence; none where they fit.
    """
    width, height = size
    needed = frames * width * height * BYTES_PER_PIXEL[kind]
    free = shutil.disk_usage(_existing(folder)).free
    if needed <= free:
        return []
    return [
        f"the scenes may take {needed / GIGABYTE:.1f} GB, and the disk of {folder} has "
        f"{free / GIGABYTE:.1f} GB free: free some, use another folder, or {remedy}"
    ]


def memory_problems(what: str, needed: float, total: float, remedy: str) -> list[str]:
    """Whether frames may not fit into a machine's memory.

    Args:
        what: the frames, in words, as the subject of "take".
        needed: their bytes, as `frames_in_memory` counts them.
        total: bytes of memory; 0 where that is not known.
        remedy: what to do.

    Returns:
        A sentence; none where they fit.
    """
    if not total or needed <= total:
        return []
    return [
        f"{what} alone take {needed / GIGABYTE:.1f} GB of memory, and this machine has "
        f"{total / GIGABYTE:.1f} GB: {remedy}"
    ]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest of its parents that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())
