"""Reads manifest.json and take.json with suspicion.

People edit manifests, disks damage them. Reading one therefore never fails because of what it
holds: parts that are right are kept, for the rest `ReadManifest.damage` says what is wrong. Only a
manifest of a newer version is refused.
"""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from ..planning.schema import VERSION as PLAN_VERSION
from ..planning.schema import Slug, VideoPlan
from .run_errors import RunFolderVersionError
from .run_manifest import (
    VERSION,
    RunManifest,
    SceneRecord,
    Settings,
    Sha256,
    TakeNumber,
    TakeRecord,
    Versions,
)

MAX_BYTES = 64 * 2**20


@dataclass(frozen=True)
class ReadManifest:
    """A manifest as far as it is right, and what is wrong with it."""

    manifest: RunManifest
    damage: list[str] = field(default_factory=list)


def read_manifest(raw: bytes) -> ReadManifest:
    """Read the content of manifest.json, whatever it is.

    Raises:
        RunFolderVersionError: a newer version of the pack wrote it.
    """
    try:
        data = _parse(raw)
    except ValueError as error:
        return ReadManifest(RunManifest(version=VERSION), [str(error)])
    _refuse_newer(data)
    try:
        return ReadManifest(RunManifest.model_validate(data))
    except ValidationError as error:
        return ReadManifest(_salvaged(data), _damage(error))


def read_take(raw: bytes) -> TakeRecord | None:
    """Read the content of take.json; None where it is damaged."""
    try:
        return TakeRecord.model_validate(_parse(raw))
    except ValueError:  # pydantic's errors are of this kind
        return None


def _parse(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is not JSON ({error.msg})") from error
    except RecursionError as error:
        raise ValueError("brackets are nested too deeply") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _refuse_newer(data: Any) -> None:
    plan = data.get("plan") if isinstance(data, dict) else None
    for what, part, known in (("manifest", data, VERSION), ("plan", plan, PLAN_VERSION)):
        version = part.get("version") if isinstance(part, dict) else None
        if isinstance(version, int) and version > known:
            raise RunFolderVersionError(
                f"The run folder's {what} has version {version}, and this pack knows {known}: a "
                "newer pack wrote it. Update ComfyUI-VideoDirector, or use another folder."
            )


def _damage(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5]]


def _salvaged(data: Any) -> RunManifest:
    """The parts that are right on their own."""
    parts = data if isinstance(data, dict) else {}
    scenes = parts.get("scenes")
    return RunManifest(
        version=VERSION,
        plan=_valid(VideoPlan | None, parts.get("plan"), None),
        settings=_valid(Settings, parts.get("settings"), {}),
        versions=_valid(Versions, parts.get("versions"), {}),
        scenes={
            name: _salvaged_scene(scene)
            for name, scene in (scenes.items() if isinstance(scenes, dict) else ())
            if _valid(Slug, name, None)
        },
    )


def _salvaged_scene(data: Any) -> SceneRecord:
    scene = data if isinstance(data, dict) else {}
    takes = scene.get("takes")
    found = [_valid(TakeRecord, take, None) for take in (takes if isinstance(takes, list) else ())]
    return SceneRecord(
        takes=[take for take in found if take],
        chosen=_valid(TakeNumber | None, scene.get("chosen"), None),
        chosen_for=_valid(Sha256 | None, scene.get("chosen_for"), None),
    )


def _valid(kind: Any, value: Any, otherwise: Any) -> Any:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return otherwise
