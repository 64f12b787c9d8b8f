"""What manifest.json and take.json of a run folder say; `run_reading` reads them."""

import json
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    Strict,
    field_serializer,
    model_serializer,
)

from ..planning import plan_io
from ..planning.schema import Number, Slug, VideoPlan

VERSION = 1
TAKE_FILE = "take.json"
MAX_TAKES = 999_999


def check_file_name(name: str) -> str:
    """Return the name of a take's file when it can only mean a file inside the take's folder.

    Raises:
        ValueError: empty, absolute on any system, with a parent folder in it, or take.json.
    """
    odd = "\\" in name or ":" in name or not name.isprintable()
    parts = name.split("/")
    if odd or name == TAKE_FILE or any(part in ("", ".", "..") for part in parts):
        raise ValueError(
            f"{name[:200]!r} is no file name of a take; use names below the take's folder, with / "
            f"between folders, without : and \\, other than {TAKE_FILE}"
        )
    return name


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Strict(), Field(ge=1)]
TakeNumber = Annotated[int, Strict(), Field(ge=1, le=MAX_TAKES)]
FileName = Annotated[str, Field(max_length=1000), AfterValidator(check_file_name)]
Versions = dict[str, str]
Settings = dict[str, JsonValue]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FileRecord(_Record):
    """One file of a take."""

    sha256: Sha256
    bytes: Annotated[int, Strict(), Field(ge=0)]


class TakeFacts(_Record):
    """What whoever rendered a take tells of it."""

    hash: Sha256  # the scene's content hash
    frames: Count
    fps: Annotated[Number, Field(gt=0)]
    width: Count  # pixels
    height: Count
    seed: Annotated[int, Strict(), Field(ge=0, le=2**64 - 1)]
    seconds: Annotated[Number, Field(ge=0)] | None = None  # of rendering
    versions: Versions = Field(default_factory=dict)
    machine: str = ""


class TakeRecord(TakeFacts):
    """A finished take: written once, into its own take.json, and copied into the manifest."""

    number: TakeNumber
    created: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    files: Annotated[dict[FileName, FileRecord], Field(min_length=1)]


class SceneRecord(_Record):
    """The takes of one scene, by number."""

    takes: list[TakeRecord] = Field(default_factory=list)
    chosen: TakeNumber | None = Field(
        default=None, description="the take a person chose; None takes the newest that fits"
    )
    chosen_for: Sha256 | None = Field(
        default=None,
        description="the scene's content hash when they did; the take may have another one",
    )

    @model_serializer(mode="wrap")
    def _without_unused(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A pack that does not know ``chosen_for`` yet reads every manifest that does without.
        data = serialize(self)
        return data if self.chosen_for else {k: v for k, v in data.items() if k != "chosen_for"}

    @property
    def next_number(self) -> int:
        """The number of one take more."""
        return max((take.number for take in self.takes), default=0) + 1

    def take(self, number: int) -> TakeRecord | None:
        """The take of a number; None where there is none."""
        return next((take for take in self.takes if take.number == number), None)


class RunManifest(_Record):
    """What a run folder holds."""

    version: Annotated[int, Strict(), Field(ge=VERSION, le=VERSION)]
    plan: VideoPlan | None = None
    settings: Settings = Field(default_factory=dict)
    versions: Versions = Field(default_factory=dict)
    scenes: dict[Slug, SceneRecord] = Field(default_factory=dict)

    @field_serializer("plan")
    def _plan_as_its_file(self, plan: VideoPlan | None) -> Any:
        return None if plan is None else json.loads(plan_io.dumps(plan))


def dump(record: BaseModel) -> bytes:
    """A manifest or a take as the content of its file.

    Raises:
        ValueError: settings hold a number that is not finite.
    """
    data = record.model_dump(mode="json")
    return (json.dumps(data, indent=2, allow_nan=False) + "\n").encode("ascii")
