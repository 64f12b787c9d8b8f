"""Pictures that a plan names, for hosts that do not have them."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from PIL import Image

from ..host.errors import DirectorError
from ..planning.schema import Entity, VideoPlan
from .run_disk import replace_file

FOLDER = "video_director"  # below a host's input folder
MOST_BYTES = 64 * 2**20
_DIGITS = 12
_NAMED = re.compile(rf"[0-9a-f]{{{_DIGITS}}}-")


@dataclass(frozen=True)
class PlanPictures:
    """A plan whose pictures have names of their content, and these pictures.

    Attributes:
        plan: entities name their pictures as a host has them in its input folder.
        files: content by that name; pictures that were not found here are not in it.
    """

    plan: VideoPlan
    files: Mapping[str, bytes] = field(default_factory=dict)


def gathered(plan: VideoPlan, folders: Sequence[Path]) -> PlanPictures:
    """Look for the plan's pictures in folders, such as that of the plan's file.

    What is not there is left to the host's own input folder. A name of its content makes a picture
    the same on every host, and another one where the file has changed.

    Args:
        plan: as it was read.
        folders: that ``reference_image`` may be relative to; the first that has it is taken.

    Raises:
        DirectorError: a file there is no picture, too large, or can't be read.
    """
    files: dict[str, bytes] = {}
    entities = []
    for entity in plan.entities:
        path = next(filter(None, (_found(entity, folder) for folder in folders)), None)
        if path is None:
            entities.append(entity)
            continue
        content = _read(entity, path)
        name = _named(path.name, content)
        files[name] = content
        entities.append(entity.model_copy(update={"reference_image": name}))
    return PlanPictures(plan.model_copy(update={"entities": entities}) if files else plan, files)


def kept(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write pictures into a folder under their names, from where ``gathered`` finds them again.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    for name, content in files.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content)


def _found(entity: Entity, folder: Path) -> Path | None:
    if entity.reference_image is None:
        return None
    path = folder / entity.reference_image
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        return path if inside and path.is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def _read(entity: Entity, path: Path) -> bytes:
    who = f"entity {entity.id!r}: {entity.reference_image!r}"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DirectorError(f"{who} has more than {MOST_BYTES >> 20} MiB; make it smaller.")
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as picture:
            picture.verify()
    except DirectorError:
        raise
    except Exception as error:  # what a decoder raises at odd bytes is of many kinds
        raise DirectorError(
            f"{who} can't be read as a picture ({type(error).__name__}); save it as PNG or JPEG."
        ) from error
    return content


def _named(name: str, content: bytes) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", _NAMED.sub("", PurePosixPath(name).name))
    return f"{FOLDER}/{hashlib.sha256(content).hexdigest()[:_DIGITS]}-{plain}"
