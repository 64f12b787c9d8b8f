"""Makes a plan of JSON that is almost one.

Language models wrap the plan in another object, leave out what they take for granted, write
"pan left" for a camera that goes left, and name things by their names where a plan has ids. What
clearly means one thing is read so; all else is left as it is for the plan's own check, which
names the path and the fix.
"""

from collections.abc import Mapping

from ..plan_io import from_data
from ..schema import MAX_SCENES, VERSION, PlanError, VideoPlan
from ..slugs import unique_slug
from .boxes import as_number
from .drafts import Settings
from .near_cast import Cast
from .near_fields import PLAN_FIELDS, fields_of, listed, whole
from .near_layout import scale_boxes
from .near_scene import SceneReader

_DEPTH = 3


def find_plan(value: object) -> Mapping[str, object] | None:
    """Return the object that holds the scenes: the value, one inside of it, or a list of them."""
    found = _with_scenes(value, _DEPTH)
    if len(found) == 1:
        return found[0]
    if not found and isinstance(value, list) and value and all(map(_is_scene, value)):
        return {"scenes": value}
    return {"scenes": [value]} if not found and _is_scene(value) else None


def read_near_plan(data: Mapping[str, object], settings: Settings) -> VideoPlan:
    """Read an object that holds scenes.

    Args:
        data: with a version it is a document of our own format, in which a field that is not
            known is an error; without one, remarks that a plan has no room for are left out.
        settings: what it leaves open.

    Raises:
        PlanError: it is no plan even so, with every problem by its path.
    """
    own = "version" in data and "scenes" in data
    root = fields_of(data, PLAN_FIELDS, own)
    _check_count(root.get("scenes"))
    cast = Cast(own)
    cast.declare(root.get("entities"))
    if not own:
        cast.declare(root.pop("backgrounds", None), "background")
    root["scenes"] = _scenes(root.get("scenes"), cast, settings)
    if "entities" in root or cast.entities:
        entities = root.get("entities", [])
        root["entities"] = cast.finish() if isinstance(entities, list | Mapping | str) else entities
    _fill(root, settings, own)
    if isinstance(root["scenes"], list):
        scale_boxes(root["scenes"], root["width"], root["height"])
    return from_data(root)


def _with_scenes(value: object, depth: int) -> list[Mapping[str, object]]:
    if not isinstance(value, Mapping) or depth < 0:
        return []
    scenes = fields_of(value, PLAN_FIELDS, own=False).get("scenes")
    if isinstance(scenes, list | Mapping) and scenes:
        parts = list(scenes) if isinstance(scenes, list) else list(scenes.values())
        if all(isinstance(part, Mapping | str) for part in parts):
            return [value]
    inner: list[Mapping[str, object]] = []
    for key, part in value.items():
        if isinstance(part, list) and part and all(map(_is_scene, part)):
            inner.append(
                {**{name: item for name, item in value.items() if name != key}, "scenes": part}
            )
        inner += _with_scenes(part, depth - 1)
    return inner


def _is_scene(value: object) -> bool:
    """Tell whether an object is one scene: it says what is seen, and by what or for how long."""
    if not isinstance(value, Mapping):
        return False
    fields = fields_of(value, SceneReader.FIELDS, own=False)
    others = {"background", "entities", "camera", "frames", "layout", "frame_prompts"}
    return "prompt" in fields and bool(others & set(fields))


def _check_count(scenes: object) -> None:
    if isinstance(scenes, list | Mapping) and len(scenes) > MAX_SCENES:
        raise PlanError(f"scenes: has {len(scenes)} items; use at most {MAX_SCENES}")


def _scenes(value: object, cast: Cast, settings: Settings) -> object:
    if not isinstance(value, list) and (cast.own or not isinstance(value, Mapping)):
        return value
    readers = [
        SceneReader(f"scenes[{index}]", name, item, cast, settings)
        for index, (name, item) in enumerate(listed(value))
    ]
    for reader in readers:  # all backgrounds first: they tell what the other names mean
        reader.read_background()
    taken: set[str] = set()
    scenes = []
    for number, reader in enumerate(readers, start=1):
        scene = reader.read()
        if isinstance(scene, dict):
            _name_scene(scene, number, taken, cast.own)
        scenes.append(scene)
    return scenes


def _name_scene(scene: dict[str, object], number: int, taken: set[str], own: bool) -> None:
    told = scene.get("id")
    if own and "id" not in scene:
        return
    if isinstance(told, bool) or not isinstance(told, str | int | None):
        return
    text = f"scene-{number}" if told is None else str(told)
    text = f"scene-{text}" if text.strip().isdecimal() and not own else text
    if text not in taken:  # twice the same id is for the plan's own check
        text = unique_slug(text, taken, "scene") if not SceneReader.SLUG.match(text) else text
    taken.add(text)
    scene["id"] = text


def _fill(root: dict[str, object], settings: Settings, own: bool) -> None:
    if not own or as_number(root["version"]) == VERSION and isinstance(root["version"], str):
        root["version"] = VERSION
    if isinstance(size := root.get("size"), str | list | Mapping) and not own:
        del root["size"]
        numbers = _two_numbers(size)
        if numbers:
            root.setdefault("width", numbers[0])
            root.setdefault("height", numbers[1])
    for field in ("fps", "width", "height"):
        root[field] = whole(root.get(field, getattr(settings, field)))
    scenes = root["scenes"] if isinstance(root["scenes"], list) else []
    told = [str(scene.get("prompt", "")).strip() for scene in scenes if isinstance(scene, dict)]
    if settings.prompt.strip():
        root.setdefault("prompt", settings.prompt.strip())
    root.setdefault("prompt", " ".join(told))


def _two_numbers(size: object) -> list[object]:
    if isinstance(size, str):
        parts: list[object] = list(size.lower().replace("×", "x").split("x"))
    elif isinstance(size, Mapping):
        parts = [size.get("width"), size.get("height")]
    else:
        parts = list(size) if isinstance(size, list) else []
    numbers = [whole(part.strip() if isinstance(part, str) else part) for part in parts]
    return numbers if len(numbers) == 2 and all(type(n) is int for n in numbers) else []
