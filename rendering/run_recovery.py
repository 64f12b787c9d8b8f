"""Brings a run folder's manifest into line with the takes that are really there.

A take's own take.json, written together with its files, outweighs the manifest's copy. Where the
two differ, the files decide: the record that they agree with stays, and a take that agrees with
neither is not listed. Its files are left alone.
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..planning import plan_io
from ..planning.schema import VideoPlan
from .run_disk import replace_file
from .run_errors import RunFolderError
from .run_manifest import VERSION, RunManifest, SceneRecord, TakeRecord
from .run_reading import MAX_BYTES, read_manifest
from .take_files import SCENES, is_whole, takes_on_disk

_LOG = logging.getLogger(__name__)
MANIFEST, PLAN = "manifest.json", "plan.json"
UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Recovered:
    """What a run folder holds, and how far its manifest said so."""

    manifest: RunManifest
    raw: bytes | None  # the manifest's file; None where there is none
    damage: list[str]  # what the manifest said wrongly
    found: int  # takes that it did not know

    @property
    def changed(self) -> bool:
        """Whether the manifest's file is to be written again."""
        return self.raw is None or bool(self.damage) or self.found > 0


def recover(root: Path) -> Recovered:
    """Read a run folder without changing it.

    Raises:
        RunFolderVersionError: a newer version of the pack wrote it.
        RunFolderError: the manifest cannot be read.
    """
    raw = _raw_manifest(root)
    if raw is None:
        read, damage = RunManifest(version=VERSION, plan=_kept_plan(root)), []
    else:
        result = read_manifest(raw)
        read, damage = result.manifest, list(result.damage)
        if damage and read.plan is None:
            read.plan = _kept_plan(root)
    listed = {(name, t.number): t for name, scene in read.scenes.items() for t in scene.takes}
    if len(listed) < sum(len(scene.takes) for scene in read.scenes.values()):
        damage.append("two takes of one scene have the same number")
    on_disk = {(name, number): take for name, number, take in takes_on_disk(root)}
    scenes = {name: SceneRecord() for name in read.scenes}
    found = 0
    for key in sorted({*listed, *on_disk}):
        take = _agreed(root, key, listed.get(key), on_disk.get(key))
        if take is not None:
            scenes.setdefault(key[0], SceneRecord()).takes.append(take)
        if key not in listed:
            found += take is not None
        elif take != listed[key]:
            damage.append(f"take {key[1]} of scene {key[0]} is not what is on the disk")
    damage += _carry_choices(read, scenes)
    manifest = read.model_copy(update={"scenes": scenes})
    return Recovered(manifest, raw, damage, found)


def keep_damaged(root: Path, recovered: Recovered) -> None:
    """Copy a manifest that says something wrong to manifest.damaged-<n>.json, and warn."""
    if recovered.raw is None or not recovered.damage:
        return
    number = 1
    while (copy := root / f"manifest.damaged-{number}.json").exists():
        number += 1
    replace_file(copy, recovered.raw, root / UNFINISHED)
    _LOG.warning(
        "the manifest of run folder %s is damaged or was edited (%s); it is kept as %s, and what "
        "the takes themselves say is used",
        root.name,
        "; ".join(recovered.damage[:5]),
        copy.name,
    )


def remove_leftovers(root: Path) -> None:
    """Remove what a killed process left unfinished. Only for the holder of the folder's lock."""
    folder = root / UNFINISHED
    if folder.is_symlink():
        raise RunFolderError(
            f"{UNFINISHED} in the run folder {root.name!r} is a link; remove it and run it again."
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)


def is_run_folder(root: Path) -> bool:
    """Whether a folder holds a manifest, or takes to make one from."""
    return (root / MANIFEST).is_file() or (root / SCENES).is_dir()


def _raw_manifest(root: Path) -> bytes | None:
    try:
        with open(root / MANIFEST, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunFolderError(
            f"{MANIFEST} of the run folder {root.name!r} can't be read ({error.strerror}); set "
            "that right, or use another folder."
        ) from error


def _kept_plan(root: Path) -> VideoPlan | None:
    try:
        return plan_io.load(root / PLAN)
    except (OSError, ValueError):
        return None


def _agreed(
    root: Path, key: tuple[str, int], listed: TakeRecord | None, on_disk: TakeRecord | None
) -> TakeRecord | None:
    if listed == on_disk:
        return listed  # as they left the writer; the files are looked at when the take is used
    for take in (on_disk, listed):
        if take is not None and is_whole(root, key[0], take):
            return take
    return None


def _carry_choices(read: RunManifest, scenes: dict[str, SceneRecord]) -> list[str]:
    """Take over the choices of takes that are there; returns what is wrong with the others."""
    damage = []
    for name, scene in read.scenes.items():
        if scene.chosen is None or scenes[name].take(scene.chosen) is not None:
            scenes[name].chosen, scenes[name].chosen_for = scene.chosen, scene.chosen_for
        else:
            damage.append(f"take {scene.chosen} of scene {name} was chosen, but is not there")
    return damage
