"""The video plan: one document between the planner, the person who edits it and the renderer.

The classes here say what a plan is made of; rules that look at more than one value are in
`invariants.py`. Building a `VideoPlan` runs both, so an object of this class is always a plan
that can be rendered. `plan_io` reads and writes it.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .invariants import bundle_problems, plan_problems

VERSION = 1
MAX_FRAMES = 1024
MAX_FPS = 120
MAX_SCENES = 256
MAX_ENTITIES = 256
MAX_TEXT = 20_000
SLUG_PATTERN = r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$"

Box = tuple[float, float, float, float]
Direction = Literal["static", "left", "right", "up", "down", "zoom_in", "zoom_out"]
Speed = Literal["slow", "medium", "fast"]

_CAMERA_SYNONYMS = {"forward": "zoom_in", "backward": "zoom_out"}


class PlanError(ValueError):
    """A plan that cannot be used, with everything that is wrong in it.

    Attributes:
        problems: one message each, "path: what is wrong; how to put it right".
    """

    _SHOWN = 20

    def __init__(self, problems: Sequence[str] | str) -> None:
        listed = [problems] if isinstance(problems, str) else list(problems)
        # Quoted input may hold half characters (lone surrogates), which no terminal can print.
        self.problems = [p.encode("utf-8", "backslashreplace").decode() for p in listed]
        super().__init__(self._text())

    def _text(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        lines = [f"the plan has {len(self.problems)} problems:"]
        lines += [f"- {problem}" for problem in self.problems[: self._SHOWN]]
        if len(self.problems) > self._SHOWN:
            lines.append(f"- and {len(self.problems) - self._SHOWN} more")
        return "\n".join(lines)


def _canonical_direction(value: object) -> object:
    return _CAMERA_SYNONYMS.get(value, value) if isinstance(value, str) else value


def _no_look_alike(value: object) -> object:
    if type(value) is int:  # true and 1.0 equal 1 and would pass as Literal[1]
        return value
    raise PydanticCustomError("version", "version")


def _four_numbers(value: object) -> object:
    if isinstance(value, list | tuple) and len(value) == 4:
        return value
    raise PydanticCustomError("box_shape", "box_shape")


Version = Annotated[Literal[1], BeforeValidator(_no_look_alike)]
# Strict, because "8", 8.5 and true are slips of the pen in a plan, not numbers of frames.
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), AllowInfNan(False)]
Switch = Annotated[bool, Strict()]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=64)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Size = Annotated[Whole, Field(ge=64, le=8192, multiple_of=8)]
_BoxField = Annotated[
    tuple[Number, Number, Number, Number],
    BeforeValidator(_four_numbers),
]


class _Part(BaseModel):
    """Common to all parts of a plan: an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid")


class CameraPose(_Part):
    """Where the camera is at one frame; between two of them it moves evenly."""

    frame: Annotated[Whole, Field(ge=0)]
    pan_x: Annotated[
        Number, Field(ge=-8, le=8, description="to the right, in widths of the frame")
    ] = 0.0
    pan_y: Annotated[Number, Field(ge=-8, le=8, description="down, in heights of the frame")] = 0.0
    zoom: Annotated[Number, Field(gt=0, le=16, description="2 shows things twice as large")] = 1.0
    roll: Annotated[Number, Field(ge=-720, le=720, description="clockwise, in degrees")] = 0.0


class Camera(_Part):
    """Where the camera goes: camera left means that the content moves right."""

    direction: Annotated[Direction, BeforeValidator(_canonical_direction)] = "static"
    speed: Speed = "medium"
    strength: Annotated[Number, Field(ge=0, le=10)] | None = Field(
        default=None, description="times the speed; 1 when absent"
    )
    path: list[CameraPose] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_FRAMES,
        description="where the camera is at some frames, instead of direction and speed",
    )


class Keyframe(_Part):
    """Where things are at one frame; the frames between are interpolated (see `layout.py`)."""

    frame: Annotated[Whole, Field(ge=0)]
    boxes: dict[Slug, _BoxField] = Field(
        default_factory=dict,
        description="entity id to [x0, y0, x1, y1], 0 to 1 from the left and the top edge",
    )
    caption: Text | None = None


class Entity(_Part):
    """Something that can be seen; one id in several scenes looks the same in all of them."""

    id: Slug
    name: Text
    kind: Literal["foreground", "background"]
    description: Text = ""
    reference_image: Text | None = Field(
        default=None, description="a file name relative to ComfyUI's input folder"
    )


class Scene(_Part):
    """One continuous shot."""

    id: Slug
    prompt: Text
    frames: Annotated[Whole, Field(ge=1, le=MAX_FRAMES)]
    frame_prompts: list[Text] | None = Field(
        default=None, description="one prompt per frame, instead of the scene's prompt"
    )
    background: Slug | None = Field(default=None, description="id of a background entity")
    entities: list[Slug] = Field(
        default_factory=list, description="ids of the foreground entities seen in this scene"
    )
    layout: list[Keyframe] = Field(default_factory=list)
    camera: Camera = Field(default_factory=Camera)
    action: dict[str, Annotated[Number, Field(gt=0, le=1)]] = Field(
        default_factory=dict, description="Kinetics-400 label to weight"
    )
    layout_strength: Annotated[Number, Field(ge=0, le=1)] = Field(
        default=0.3, description="share of the sampling steps that obey the boxes"
    )
    seed: Annotated[Whole, Field(ge=0, le=2**64 - 1)] | None = None
    locked: Switch = Field(default=False, description="keep this scene when planning again")


class VideoPlan(_Part):
    """A whole video: its entities and its scenes in the order they are shown."""

    version: Version = Field(description="version of this format")
    prompt: Text
    fps: Annotated[Whole, Field(ge=1, le=MAX_FPS)]
    width: Size
    height: Size
    entities: list[Entity] = Field(default_factory=list, max_length=MAX_ENTITIES)
    scenes: list[Scene] = Field(min_length=1, max_length=MAX_SCENES)

    @model_validator(mode="after")
    def _obeys_the_invariants(self) -> "VideoPlan":
        _refuse(plan_problems(self.model_dump()))
        return self


class SceneBundle(_Part):
    """One scene with everything its rendering depends on, and nothing else."""

    fps: Annotated[Whole, Field(ge=1, le=MAX_FPS)]
    width: Size
    height: Size
    entities: list[Entity] = Field(default_factory=list, max_length=MAX_ENTITIES)
    scene: Scene

    @model_validator(mode="after")
    def _obeys_the_invariants(self) -> "SceneBundle":
        _refuse(bundle_problems(self.model_dump()))
        return self

    def entity(self, entity_id: str) -> Entity:
        """Return the entity of that id; KeyError when the bundle has none."""
        return {entity.id: entity for entity in self.entities}[entity_id]


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise PlanError(problems)  # a ValueError: pydantic carries it inside its ValidationError
