"""Pictures with captions and boxes, from a folder or from the tar shards of a webdataset.

Each picture has a JSON file of its own name beside it (in the folder, or in the tar):
``{"caption": "…", "boxes": [{"phrase": "a red ball", "box": [x0, y0, x1, y1]}, …]}`` with the
coordinates in 0–1 from the left and the top edge. Where boxes are not needed they may be left out,
or a text file may hold the caption instead.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

Box = tuple[float, float, float, float]
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
_LEAST = 0.02  # of a side: smaller boxes say nothing in latents
_SHUFFLED = 1000  # pictures among which shards are mixed


@dataclass(frozen=True)
class BoxedPicture:
    """One square picture, uint8 [side, side, 3], with what it shows."""

    picture: np.ndarray
    caption: str
    boxes: tuple[tuple[str, Box], ...]


def read_pair(
    picture: bytes, note: bytes, name: str, size: int, kind: str = "json", *, boxes: bool = True
) -> BoxedPicture:
    """Decode a picture and its note, cut to the square in the middle.

    Args:
        picture, note: content of both files.
        name: of the picture, for errors.
        size: side of the square.
        kind: of the note, "json" or "txt".
        boxes: whether they are needed.

    Raises:
        ValueError: what is wrong with which file.
    """
    try:
        told = json.loads(note) if kind == "json" else {"caption": note.decode().strip()}
        caption = str(told["caption"])
        listed = told["boxes"] if boxes else told.get("boxes", ())
        found = [(str(one["phrase"]), _box(one["box"])) for one in listed]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{name}: its JSON must be {{'caption': …, 'boxes': [{{'phrase': …, 'box': [x0, y0, "
            f"x1, y1]}}]}} with coordinates in 0–1; {type(error).__name__}: {error}"
        ) from error
    try:
        opened = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("RGB")
    except OSError as error:
        raise ValueError(f"{name} cannot be read as a picture: {error}") from error
    width, height = opened.size
    square = ImageOps.fit(opened, (size, size), Image.Resampling.LANCZOS)
    inside = tuple(
        (phrase, cut) for phrase, box in found if (cut := _cut(box, width, height)) is not None
    )
    return BoxedPicture(np.asarray(square), caption, inside)


def _box(values: Any) -> Box:
    x0, y0, x1, y1 = (float(value) for value in values)
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError(f"box {values} is not 0 ≤ x0 < x1 ≤ 1, 0 ≤ y0 < y1 ≤ 1")
    return x0, y0, x1, y1


def _cut(box: Box, width: int, height: int) -> Box | None:
    """The part of a box inside the square in the middle of its picture, None when nothing is."""
    side = min(width, height)
    ends = []
    for low, high, length in ((box[0], box[2], width), (box[1], box[3], height)):
        margin = (length - side) / 2
        edges = [(value * length - margin) / side for value in (low, high)]
        ends.append((max(edges[0], 0.0), min(edges[1], 1.0)))
    (x0, x1), (y0, y1) = ends
    return (x0, y0, x1, y1) if x1 - x0 >= _LEAST and y1 - y0 >= _LEAST else None


def boxed_pictures(
    source: str, size: int, seed: int, part: int = 0, parts: int = 1, *, boxes: bool = True
) -> Iterator[BoxedPicture]:
    """Pictures for ever, in random order, each process its own part of them.

    Args:
        source: a folder, a tar file, or a pattern of tar files such as "shards/*.tar".
        size: side of the pictures.
        seed: of the order.
        part, parts: number of this process and of all.
        boxes: whether every picture needs them.

    Raises:
        ValueError: there are no pictures, fewer than processes, or one is wrong.
    """
    if Path(source).is_dir():
        yield from _from_folder(Path(source), size, seed, part, parts, boxes)
    else:
        yield from _from_shards(source, size, seed, part, parts, boxes)


def _kinds(boxes: bool) -> tuple[str, ...]:
    """Kinds of notes, the first found is taken."""
    return ("json",) if boxes else ("json", "txt")


def _from_folder(
    folder: Path, size: int, seed: int, part: int, parts: int, boxes: bool
) -> Iterator[BoxedPicture]:
    found = []
    for path in sorted(folder.rglob("*")):
        notes = [path.with_suffix(f".{kind}") for kind in _kinds(boxes)]
        note = next((one for one in notes if one.exists()), None)
        if path.suffix.lower() in _ENDINGS and note is not None:
            found.append((path, note))
    if len(found) < parts:
        kinds = " or ".join(kind.upper() for kind in _kinds(boxes))
        raise ValueError(
            f"{folder} has {len(found)} pictures ({', '.join(_ENDINGS)}) with a {kinds} file of "
            f"the same name beside them, and {parts} are needed at least"
        )
    mixing, own = random.Random(seed), found[part::parts]
    while True:
        mixing.shuffle(own)
        for path, note in own:
            yield read_pair(
                path.read_bytes(),
                note.read_bytes(),
                path.name,
                size,
                note.suffix.removeprefix("."),
                boxes=boxes,
            )


def _from_shards(
    pattern: str, size: int, seed: int, part: int, parts: int, boxes: bool
) -> Iterator[BoxedPicture]:
    import webdataset

    shards = sorted(glob(pattern))  # files only: the library would also take addresses and commands
    if len(shards) < parts:
        raise ValueError(
            f"{pattern!r} names {len(shards)} files, and each of {parts} processes needs one; give "
            "a folder, or a pattern of tar files"
        )
    pictures = webdataset.WebDataset(
        shards[part::parts], shardshuffle=False, nodesplitter=None, empty_check=False
    ).shuffle(_SHUFFLED, rng=random.Random(seed))
    while True:
        some = False
        for sample in pictures:
            ending = next((end[1:] for end in _ENDINGS if end[1:] in sample), None)
            kind = next((kind for kind in _kinds(boxes) if kind in sample), None)
            if ending is not None and kind is not None:
                some = True
                name = sample["__key__"]
                yield read_pair(sample[ending], sample[kind], name, size, kind, boxes=boxes)
        if not some:
            kinds = " or ".join(kind.upper() for kind in _kinds(boxes))
            raise ValueError(f"{pattern!r}: the tar files hold no picture with a {kinds} beside it")
