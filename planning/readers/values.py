"""Makes a plan of a value that was read: our JSON, almost our JSON, or the papers' in JSON."""

import re
from collections.abc import Mapping

from ..plan_io import from_data
from ..schema import PlanError, VideoPlan
from . import lvd
from .directt2v import frames_plan
from .drafts import Settings
from .near_fields import KEYFRAME_FIELDS, fields_of
from .near_plan import find_plan, read_near_plan
from .videodirectorgpt import is_dictionary, read_dictionary
from .videostudio import read_videostudio

_FRAME = re.compile(r"(?:frame|image)?[ _-]?\d{1,4}", re.IGNORECASE)
_STEP = re.compile(r"\[?\s*(?:scene|step|shot)[ _]?\d{1,3}\s*:", re.IGNORECASE)
_NUMBER = re.compile(
    r"^Frame[ _]?\d{1,4}\s*(?:[(\[][\d:.\s]{1,12}[)\]]\s*)?[:.-]\s*", re.IGNORECASE
)
_LIST = re.compile(r"frame|prompts|descriptions|result|output|answer|video", re.IGNORECASE)
_SCENE = re.compile(r"(?:scene|shot)[ _-]?\d{1,4}", re.IGNORECASE)


def read_value(value: object, settings: Settings) -> VideoPlan:
    """Read plain data as a plan.

    Raises:
        PlanError: it holds no scenes and no frames, or is no valid plan.
    """
    if isinstance(value, Mapping) and "version" in value:
        return _read_own(value, settings)
    if isinstance(value, Mapping) and lvd.is_dictionary(value):
        return lvd.read_dictionary(value, settings)
    if isinstance(value, Mapping) and is_dictionary(value):
        return read_dictionary(value, settings)
    if isinstance(value, list) and value and all(map(_is_step, value)):
        return read_videostudio(
            "\n".join(f"[{str(step).strip(' []')}]" for step in value), settings
        )
    plan = find_plan(_with_scene_list(value))
    if plan is not None:
        return _read_own(plan, settings) if "version" in plan else read_near_plan(plan, settings)
    frames = _frame_descriptions(value)
    if not frames:
        raise PlanError(
            f"plan: the JSON holds no scenes ({_keys(value)}); write "
            '{"scenes": [{"prompt": …, "entities": […], "background": …}]}'
        )
    return frames_plan(frames, settings)


def _is_step(item: object) -> bool:
    return isinstance(item, str) and bool(_STEP.match(item))


def _keys(value: object) -> str:
    if isinstance(value, Mapping) and value:
        return "it has " + ", ".join(str(key)[:30] for key in list(value)[:8])
    return f"it has {len(value)} items" if isinstance(value, list) else "it is empty"


def _read_own(data: Mapping[str, object], settings: Settings) -> VideoPlan:
    """Read our own format; what a person or a model wrote almost rightly is put right."""
    try:
        return from_data(data)
    except PlanError:
        return read_near_plan(data, settings)


def _frame_descriptions(value: object) -> list[list[str]]:
    """Return DirecT2V's descriptions of one scene or several; [] where the value is none."""
    if isinstance(value, Mapping):
        keys = [str(key).strip() for key in value]
        if len(keys) > 1 and all(_FRAME.fullmatch(key) for key in keys):
            return _frame_descriptions(list(value.values()))
        lists = [item for key, item in value.items() if _LIST.search(key)]
        return _frame_descriptions(lists[0]) if len(lists) == 1 else []
    if not isinstance(value, list) or not value:
        return []
    if all(isinstance(part, list) for part in value):
        scenes = [_texts(part) for part in value]
        return scenes if all(scenes) else []
    texts = _texts(value)
    return [texts] if texts else []


def _texts(items: list[object]) -> list[str]:
    """Return the texts of a list of texts, or of objects that hold a frame's number and a text."""
    texts = []
    for item in items:
        fields = fields_of(item, KEYFRAME_FIELDS, own=False) if isinstance(item, Mapping) else {}
        text = item
        if "caption" in fields and set(fields) <= {"frame", "caption"}:
            text = fields["caption"]
        if not isinstance(text, str):
            return []
        texts.append(_NUMBER.sub("", " ".join(text.split())))
    return texts


def _with_scene_list(value: object) -> object:
    """Take {"scene_1": {…}, "scene_2": {…}} for the scenes of a plan."""
    if not isinstance(value, Mapping):
        return value
    scenes = {key: part for key, part in value.items() if _SCENE.fullmatch(str(key).strip())}
    rest = {key: part for key, part in value.items() if key not in scenes}
    return {**rest, "scenes": scenes} if scenes and "scenes" not in value else value
