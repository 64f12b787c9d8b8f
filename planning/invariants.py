"""What must hold in a plan beyond the type of each value.

The checks read plain JSON data and skip whatever has the wrong type, because a plan with both
kinds of mistakes should hear of all of them at once; the types are `schema.py`'s concern.
Every message is "path: what is wrong; how to put it right".
"""

import json
import math
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath, PureWindowsPath

from .kinetics import action_labels

JsonObject = Mapping[str, object]
_AXES = (("x", 0, 2), ("y", 1, 3))
_MOST_SLIPS = 3


def plan_problems(plan: object) -> list[str]:
    """Return every broken invariant of a plan given as JSON data; [] when it is sound."""
    root = _object(plan)
    entities = list(_objects(root.get("entities")))
    scenes = list(_objects(root.get("scenes")))
    found = list(_blank(root, "prompt", "prompt", "say what the video shows"))
    found += _duplicates([(f"entities[{i}].id", entity.get("id")) for i, entity in entities])
    for index, entity in entities:
        found += _entity_problems(f"entities[{index}]", entity)
    found += _duplicates([(f"scenes[{i}].id", scene.get("id")) for i, scene in scenes])
    kinds = _kinds(entities)
    for index, scene in scenes:
        found += _scene_problems(f"scenes[{index}]", scene, kinds)
    return found


def bundle_problems(bundle: object) -> list[str]:
    """Return every broken invariant of a scene bundle (one scene and its entities)."""
    root = _object(bundle)
    entities = list(_objects(root.get("entities")))
    found = list(_duplicates([(f"entities[{i}].id", entity.get("id")) for i, entity in entities]))
    for index, entity in entities:
        found += _entity_problems(f"entities[{index}]", entity)
    found += _scene_problems("scene", _object(root.get("scene")), _kinds(entities))
    return found


def _entity_problems(path: str, entity: JsonObject) -> Iterator[str]:
    yield from _blank(entity, "name", f"{path}.name", "say what the entity is called")
    image = entity.get("reference_image")
    if not isinstance(image, str):
        return
    windows = PureWindowsPath(image)
    outside = windows.drive or windows.root or PurePosixPath(image).is_absolute()
    if not image.strip() or outside or ".." in windows.parts:
        yield (
            f"{path}.reference_image: {image[:60]!r} is not a file inside the input folder; "
            "put the picture there and give its name relative to that folder"
        )


def _scene_problems(path: str, scene: JsonObject, kinds: Mapping[str, str]) -> Iterator[str]:
    yield from _blank(scene, "prompt", f"{path}.prompt", "say what the scene shows")
    yield from _frame_prompt_problems(path, scene)
    yield from _reference_problems(path, scene, kinds)
    yield from _layout_problems(path, scene)
    yield from _camera_problems(path, scene)
    yield from _action_problems(path, scene)


def _frame_prompt_problems(path: str, scene: JsonObject) -> Iterator[str]:
    prompts, frames = scene.get("frame_prompts"), _whole(scene.get("frames"))
    if not isinstance(prompts, list):
        return
    if frames is not None and len(prompts) != frames:
        yield (
            f"{path}.frame_prompts: has {len(prompts)} prompts but the scene has {frames} frames; "
            "give one prompt per frame, or leave frame_prompts out"
        )
    for index, prompt in enumerate(prompts):
        if isinstance(prompt, str) and not prompt.strip():
            yield f"{path}.frame_prompts[{index}]: is empty; say what the frame shows"


def _reference_problems(path: str, scene: JsonObject, kinds: Mapping[str, str]) -> Iterator[str]:
    named = [(f"{path}.entities[{i}]", name) for i, name in enumerate(_list(scene, "entities"))]
    yield from _duplicates(named)
    for where, name in named:
        yield from _wrong_kind(where, name, "foreground", kinds)
    yield from _wrong_kind(f"{path}.background", scene.get("background"), "background", kinds)


def _wrong_kind(path: str, name: object, wanted: str, kinds: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(name, str):
        return
    if name not in kinds:
        yield f"{path}: there is no entity {name[:60]!r}; {_add_or_use(name, kinds)}"
    elif kinds[name] in ("foreground", "background") and kinds[name] != wanted:
        other = "background" if wanted == "foreground" else "entities"
        yield (
            f"{path}: {name!r} is a {kinds[name]} entity; name it in the scene's {other}, "
            f"or make its kind {wanted}"
        )


def _layout_problems(path: str, scene: JsonObject) -> Iterator[str]:
    frames = _whole(scene.get("frames"))
    allowed = {name for name in _list(scene, "entities") if isinstance(name, str)}
    if isinstance(background := scene.get("background"), str):
        allowed.add(background)
    previous: int | None = None
    for index, keyframe in _objects(scene.get("layout")):
        where = f"{path}.layout[{index}]"
        frame = _whole(keyframe.get("frame"))
        if frame is not None:
            yield from _frame_problems(f"{where}.frame", frame, previous, frames)
            previous = frame
        for name, box in _object(keyframe.get("boxes")).items():
            spot = f"{where}.boxes{key_path(name)}"
            if name not in allowed:
                yield (
                    f"{spot}: {str(name)[:60]!r} is not in this scene; add it to {path}.entities, "
                    "make it the scene's background, or remove the box"
                )
            yield from _box_problems(spot, box)


def _camera_problems(path: str, scene: JsonObject) -> Iterator[str]:
    camera, frames = _object(scene.get("camera")), _whole(scene.get("frames"))
    if not isinstance(camera.get("path"), list):
        return
    if camera.get("direction", "static") != "static":
        yield (
            f"{path}.camera: has a direction and a path; give one of them, since the path says "
            "where the camera goes"
        )
    previous: int | None = None
    for index, pose in _objects(camera.get("path")):
        frame = _whole(pose.get("frame"))
        if frame is not None:
            where = f"{path}.camera.path[{index}].frame"
            yield from _frame_problems(where, frame, previous, frames)
            previous = frame


def _frame_problems(
    path: str, frame: int, previous: int | None, frames: int | None
) -> Iterator[str]:
    if frames is not None and frames >= 1 and frame >= frames:
        yield (
            f"{path}: {frame} is after the last frame {frames - 1}; use 0 to {frames - 1}, "
            "or give the scene more frames"
        )
    if previous is not None and frame == previous:
        yield f"{path}: {frame} is used twice; merge the two keyframes"
    elif previous is not None and frame < previous:
        yield f"{path}: {frame} comes after keyframe {previous}; sort the keyframes by frame"


def _box_problems(path: str, box: object) -> Iterator[str]:
    if not isinstance(box, list | tuple) or len(box) != 4:
        return
    if not all(_is_number(value) for value in box):
        return
    for value, name in zip(box, ("x0", "y0", "x1", "y1"), strict=True):
        if not 0 <= value <= 1:
            yield (
                f"{path}: {name} {_short(value)} is outside 0 to 1; boxes are fractions of the "
                "frame, so divide pixels by its width or height"
            )
    for axis, low, high in _AXES:
        if box[low] == box[high]:
            yield (
                f"{path}: {axis}0 and {axis}1 are both {_short(box[low])}, so the box is empty; "
                f"make {axis}1 larger"
            )
        elif box[low] > box[high]:
            side = "left of" if axis == "x" else "above"
            yield (
                f"{path}: {axis}1 {_short(box[high])} is {side} {axis}0 {_short(box[low])}; "
                "swap them"
            )


def _action_problems(path: str, scene: JsonObject) -> Iterator[str]:
    labels = action_labels()
    unknown = [label for label in _object(scene.get("action")) if label not in labels]
    slips = len(unknown) <= _MOST_SLIPS  # more are no slips, and looking for near ones takes long
    for label in unknown:
        near = get_close_matches(str(label)[:80], labels, n=3, cutoff=0.5) if slips else []
        fix = f"use {' or '.join(repr(n) for n in near)}" if near else "use a label of the list"
        yield (
            f"{path}.action{key_path(label)}: is not one of the 400 Kinetics actions; {fix}, "
            "or leave it out"
        )


def key_path(key: object) -> str:
    """Write a key as the next part of a path: .corgi, or ["a b"] where a dot would not do."""
    text = str(key)
    if text and all(letter.isalnum() or letter in "_-" for letter in text):
        return f".{text[:60]}"
    return f"[{json.dumps(text[:60], ensure_ascii=False)}]"


def _blank(owner: JsonObject, field: str, path: str, fix: str) -> Iterator[str]:
    value = owner.get(field)
    if isinstance(value, str) and not value.strip():
        yield f"{path}: is empty; {fix}"


def _duplicates(named: list[tuple[str, object]]) -> Iterator[str]:
    first: dict[str, str] = {}
    for path, name in named:
        if not isinstance(name, str):
            continue
        if name in first:
            yield f"{path}: {name[:60]!r} is already {first[name]}; rename or remove one of them"
        else:
            first[name] = path


def _kinds(entities: list[tuple[int, JsonObject]]) -> dict[str, str]:
    return {
        name: str(entity.get("kind"))
        for _, entity in entities
        if isinstance(name := entity.get("id"), str)
    }


def _add_or_use(name: str, kinds: Mapping[str, str]) -> str:
    near = get_close_matches(name[:80], kinds, n=1)
    return f"did you mean {near[0]!r}?" if near else "add it to the plan's entities or remove it"


def _object(value: object) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _list(owner: JsonObject, field: str) -> list[object]:
    value = owner.get(field)
    return value if isinstance(value, list) else []


def _objects(value: object) -> Iterator[tuple[int, JsonObject]]:
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, Mapping):
            yield index, item


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _short(value: float) -> str:
    """Two decimals where they are enough to see the difference, else all digits."""
    return f"{value:.2f}" if abs(value) < 1000 and round(value, 2) == value else f"{value!r}"[:24]
