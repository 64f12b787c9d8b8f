"""What a language model may answer, read leniently where nothing can be misunderstood.

Extra keys are passed over, numbers may be in quotes, words of the closed sets may be in capitals.
Everything else that is wrong is told in the answer's own terms, so that the model can mend it.
"""

import re
from typing import Annotated, TypeVar

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticCustomError

from ..problems import describe
from ..schema import Direction, PlanError, Speed

MAX_NAME = 200
MAX_PROMPT = 2000
_CAMERA = {
    "in": "zoom_in",
    "out": "zoom_out",
    "forward": "zoom_in",
    "backward": "zoom_out",
    "backwards": "zoom_out",
    "none": "static",
    "still": "static",
    "fixed": "static",
}
_NO_NAME = frozenset({"none", "null", "n/a", "-"})
_MOVING = re.compile(r"^(?:moving|move|panning|pan|tilting|tilt)_")


def _tidy(value: str) -> str:
    # JSON's escapes can make half characters (lone surrogates), which no file can hold.
    return " ".join(value.encode("utf-8", "replace").decode().split())


def _filled(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not (tidy := _tidy(value)):
        raise PydanticCustomError("empty", "is empty; write what it says")
    return tidy


def _or_empty(value: object) -> object:
    return _tidy(value) if isinstance(value, str) else "" if value is None else value


def _names(value: object) -> object:
    if value is None:
        return []
    if isinstance(value, str):
        return [name for name in value.split(",") if _or_no_name(name)]
    return value


def _or_no_name(value: object) -> object:
    if isinstance(value, str):
        name = _tidy(value).strip(" .\"'")
        return "" if name.lower() in _NO_NAME else name
    return _or_empty(value)


def _direction(value: object) -> object:
    if not isinstance(value, str):
        return "static" if value is None else value
    plain = _MOVING.sub("", re.sub(r"[\s-]+", "_", value.strip().lower()))
    return _CAMERA.get(plain, plain)


def _speed(value: object) -> object:
    return "medium" if value is None else value.strip().lower() if isinstance(value, str) else value


_Name = Annotated[str, BeforeValidator(_filled), Field(max_length=MAX_NAME)]
_Told = Annotated[str, BeforeValidator(_filled), Field(max_length=MAX_PROMPT)]
_Loose = Annotated[str, BeforeValidator(_or_empty), Field(max_length=MAX_PROMPT)]
_NameOrNone = Annotated[str, BeforeValidator(_or_no_name), Field(max_length=MAX_NAME)]
_Number = Annotated[float, AllowInfNan(False)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


class NamedThing(_Answer):
    """An entity or a background with what it looks like."""

    name: _Name
    description: _Loose = ""


class BoxRow(_Answer):
    """Where one entity is at one frame; ``box`` is xyxy in 0–1, or just over the edge."""

    frame: Annotated[int, Field(ge=0)]
    entity: _Name
    box: Annotated[list[_Number], Field(min_length=4, max_length=4)]

    @field_validator("box")
    @classmethod
    def _has_two_corners(cls, box: list[float]) -> list[float]:
        x0, y0, x1, y1 = box
        if not all(-1 <= value <= 2 for value in box):
            wrong = "is not in fractions of the picture; divide pixels by its width and height"
        elif x0 >= x1 or y0 >= y1:
            wrong = (
                "has its right or lower edge before the left or upper one; write "
                "[left, top, right, bottom], not width and height"
            )
        else:
            return box
        # As a problem of the row: pydantic would put no value of the box into its message.
        raise PydanticCustomError("box", "{box} {wrong}", {"box": str(box)[:80], "wrong": wrong})


class LayoutAnswer(_Answer):
    """Where the entities of one scene are, and how strictly that is to be kept (alpha, 0–1)."""

    boxes: list[BoxRow] = Field(default_factory=list)
    layout_strength: Annotated[_Number, Field(ge=0, le=1)] = 0.3


class SceneText(_Answer):
    """What one scene shows."""

    prompt: _Told
    background: _NameOrNone = ""
    entities: Annotated[list[_Name], BeforeValidator(_names)] = Field(default_factory=list)


class CameraAnswer(_Answer):
    """Where the camera of one scene goes."""

    camera_direction: Annotated[Direction, BeforeValidator(_direction)] = "static"
    camera_speed: Annotated[Speed, BeforeValidator(_speed)] = "medium"


class DirectorScene(SceneText, LayoutAnswer, CameraAnswer):
    """One scene with everything about it."""

    action: _Loose = ""


class ScenesAnswer(_Answer):
    """The scenes of a video."""

    scenes: Annotated[list[SceneText], Field(min_length=1)]


class CamerasAnswer(_Answer):
    """One camera for every scene."""

    cameras: list[CameraAnswer]


class DirectorAnswer(_Answer):
    """A whole video."""

    entities: list[NamedThing] = Field(default_factory=list)
    backgrounds: list[NamedThing] = Field(default_factory=list)
    scenes: Annotated[list[DirectorScene], Field(min_length=1)]


class FramesAnswer(_Answer):
    """What a video shows, and each of its frames."""

    summary: _Told
    frames: list[_Told]


_Model = TypeVar("_Model", bound=_Answer)


def validated(model: type[_Model], data: object) -> _Model:
    """Read an answer.

    Args:
        model: which one is expected.
        data: plain JSON data.

    Raises:
        PlanError: with every problem, by its path in the answer.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = describe(error, model)
    raise PlanError([re.sub(r"^plan:", "answer:", problem) for problem in problems])
