"""Random plans, and random changes of them as a person makes them: the same for the same seed."""

import copy
import random
from typing import Any

from video_director.planning import plan_io
from video_director.planning.edits import plan_data

# Names that objects of JavaScript have, or put in an order of their own, are ids like any other.
_IDS = ["ball", "7", "10", "order", "constructor", "a-b", "a_b", "cat", "valueof", "2"]
_KINDS = ["foreground", "foreground", "background"]
_LABELS = ["abseiling", "zumba", "air drumming", "clapping"]
_TEXTS = ["a", "b", "café", '<b>"x"</b>', "i12345678901234567890", "\\", "日本 🙂", "true", "s"]
_SEEDS = [0, 7, 2**53 + 1, 2**64 - 1, 2**64 - 2]
_NUMBERS = [0.1 + 0.2, 1 / 3, 0.05, 5e-324, 1.0, 0.7000000000000001, 1e-7]


def random_plan(choice: random.Random) -> dict[str, Any]:
    """Data of a valid plan in which every field of a plan may be."""
    entities = [
        _some(
            choice,
            {
                "id": name,
                "name": _text(choice),
                "kind": choice.choice(_KINDS),
            },
            description=_text(choice),
            reference_image="a/b.png",
        )
        for name in choice.sample(_IDS, choice.randint(0, 5))
    ]
    plan = {"version": 1, "prompt": _text(choice), "fps": choice.randint(1, 30)}
    plan |= {"width": 64 * choice.randint(1, 4), "height": 64, "entities": entities}
    names = choice.sample(_IDS, choice.randint(1, 5))
    plan["scenes"] = [_scene(choice, name, entities) for name in names]
    return _checked(plan)


def random_change(choice: random.Random, plan: dict[str, Any]) -> dict[str, Any]:
    """Another valid plan, made of this one by a few changes here and there."""
    changed = copy.deepcopy(plan)
    for _ in range(choice.randint(0, 4)):
        choice.choice(_CHANGES)(choice, changed)
    return _checked(changed)


def _scene(choice: random.Random, name: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {entity["id"]: entity["kind"] for entity in entities}
    behind = [name for name, kind in kinds.items() if kind == "background"]
    before = [name for name, kind in kinds.items() if kind == "foreground"]
    frames = choice.randint(1, 12)
    scene = {
        "id": name,
        "prompt": _text(choice),
        "frames": frames,
        "entities": choice.sample(before, choice.randint(0, len(before))),
    }
    optional = {
        "frame_prompts": [_text(choice) for _ in range(frames)],
        "layout_strength": choice.choice(_NUMBERS),
        "seed": choice.choice(_SEEDS),
        "locked": choice.random() < 0.5,
        "action": {label: choice.choice(_NUMBERS) for label in choice.sample(_LABELS, 2)},
        "camera": _camera(choice, frames),
    }
    if behind:
        optional["background"] = choice.choice(behind)
    scene = _some(choice, scene, **optional)
    seen = [*scene["entities"], *([scene["background"]] if "background" in scene else [])]
    scene["layout"] = [
        _some(choice, {"frame": frame, "boxes": _boxes(choice, seen)}, caption=_text(choice))
        for frame in _frames(choice, frames)
    ]
    return scene


def _camera(choice: random.Random, frames: int) -> dict[str, Any]:
    path = [
        _some(choice, {"frame": frame}, pan_x=choice.choice(_NUMBERS), roll=-3.5)
        for frame in _frames(choice, frames)
    ]
    if path and choice.random() < 0.5:
        return {"path": path}
    moves = {"direction": choice.choice(["left", "zoom_in"]), "speed": "fast", "strength": 0.1}
    return _some(choice, {}, **moves)


def _boxes(choice: random.Random, names: list[str]) -> dict[str, list[float]]:
    return {
        name: [choice.random() / 2, 0.0, 0.5 + choice.random() / 2, choice.choice([1 / 3, 1.0])]
        for name in choice.sample(names, choice.randint(0, len(names)))
    }


def _frames(choice: random.Random, frames: int) -> list[int]:
    return sorted(choice.sample(range(frames), choice.randint(0, min(3, frames))))


def _some(choice: random.Random, data: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return data | {name: item for name, item in optional.items() if choice.random() < 0.6}


def _text(choice: random.Random) -> str:
    return choice.choice(_TEXTS)


def _change_words(choice: random.Random, plan: dict[str, Any]) -> None:
    part = choice.choice([plan, *plan["scenes"]])
    part["prompt"] = _text(choice)
    plan["fps"] = choice.choice([plan["fps"], 24])


def _change_scene(choice: random.Random, plan: dict[str, Any]) -> None:
    """Another content under the same id, in any of the fields."""
    index = choice.randrange(len(plan["scenes"]))
    old = plan["scenes"][index]
    new = _scene(choice, old["id"], plan["entities"])
    plan["scenes"][index] = new
    for field in ("prompt", "camera", "seed", "action"):
        if field in old and choice.random() < 0.5:
            new[field] = old[field]
    if isinstance(new.get("camera"), dict) and new["frames"] < old["frames"]:
        new.pop("camera")


def _move_box(choice: random.Random, plan: dict[str, Any]) -> None:
    for scene in plan["scenes"]:
        for keyframe in scene["layout"]:
            for box in keyframe["boxes"].values():
                if choice.random() < 0.3:
                    box[0], box[3] = choice.random() / 2, 1.0


def _add_scene(choice: random.Random, plan: dict[str, Any]) -> None:
    free = [name for name in _IDS if name not in {scene["id"] for scene in plan["scenes"]}]
    if free:
        scene = _scene(choice, choice.choice(free), plan["entities"])
        plan["scenes"].insert(choice.randint(0, len(plan["scenes"])), scene)


def _remove_scene(choice: random.Random, plan: dict[str, Any]) -> None:
    if len(plan["scenes"]) > 1:
        plan["scenes"].pop(choice.randrange(len(plan["scenes"])))


def _reorder(choice: random.Random, plan: dict[str, Any]) -> None:
    choice.shuffle(choice.choice([plan["scenes"], plan["entities"]]))
    choice.shuffle(choice.choice(plan["scenes"])["entities"])


def _change_entity(choice: random.Random, plan: dict[str, Any]) -> None:
    for entity in plan["entities"]:
        if choice.random() < 0.5:
            entity["description"] = _text(choice)
            entity.pop("reference_image", None)


def _add_entity(choice: random.Random, plan: dict[str, Any]) -> None:
    free = [name for name in _IDS if name not in {entity["id"] for entity in plan["entities"]}]
    if free:
        new = {"id": choice.choice(free), "name": "new", "kind": "foreground"}
        plan["entities"].insert(choice.randint(0, len(plan["entities"])), new)
        choice.choice(plan["scenes"])["entities"].insert(0, new["id"])


_CHANGES = [
    *(_change_words, _change_scene, _move_box, _add_scene, _remove_scene, _reorder),
    *(_change_entity, _add_entity),
]


def _checked(plan: dict[str, Any]) -> dict[str, Any]:
    return plan_data(plan_io.from_data(plan))
