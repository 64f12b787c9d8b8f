"""Every way a plan can be wrong is told with its path and what to do about it."""

import copy
import json

import pytest
from video_director.planning.plan_io import (
    dumps,
    from_data,
    loads,
    scene_from_json,
    scene_json,
)
from video_director.planning.schema import Entity, PlanError, Scene, VideoPlan

LAYOUT = ("scenes", 0, "layout")
CORGI = (*LAYOUT, 0, "boxes", "corgi")
REMOVE = object()

# name: (where, new value, path of the message, words it must hold)
CASES = {
    "no version": (("version",), REMOVE, "version", "missing; add it"),
    "newer version": (("version",), 2, "version", "2 is newer than the 1; update"),
    "old version": (("version",), 0, "version", "0 is not a version; write 1"),
    "true as version": (("version",), True, "version", "true; write 1"),
    "text as version": (("version",), "1", "version", "'1' is not a version; write 1"),
    "no prompt": (("prompt",), REMOVE, "prompt", "missing; add it"),
    "blank prompt": (("prompt",), " \n", "prompt", "empty; say what the video shows"),
    "number as prompt": (("prompt",), 5, "prompt", "expected text, got 5; quotes"),
    "endless prompt": (("prompt",), "a" * 20_001, "prompt", "too long; 20000 characters"),
    "half a character": (("prompt",), "a\ud800", "prompt", "surrogate; remove it"),
    "fps of zero": (("fps",), 0, "fps", "0 is too small; use 1 or more"),
    "fps too high": (("fps",), 121, "fps", "121 is too large; use 120 or less"),
    "fps in quotes": (("fps",), "8", "fps", "expected a whole number, got '8'; without quotes"),
    "half an fps": (("fps",), 7.5, "fps", "expected a whole number, got 7.5"),
    "true as fps": (("fps",), True, "fps", "expected a whole number, got true"),
    "odd width": (("width",), 130, "width", "130 is not a multiple of 8; use 128 or 136"),
    "tiny width": (("width",), 8, "width", "8 is too small; use 64 or more"),
    "huge height": (("height",), 8200, "height", "8200 is too large; use 8192 or less"),
    "null height": (("height",), None, "height", "expected a whole number, got null"),
    "unknown field": (("hight",), 5, "hight", "not a field of a plan; did you mean 'height'"),
    "no scenes": (("scenes",), [], "scenes", "0 items; give at least 1"),
    "too many scenes": (
        ("scenes",),
        [{"id": f"s{i}", "prompt": "a", "frames": 1} for i in range(257)],
        "scenes",
        "257 items; use at most 256",
    ),
    "scenes in an object": (
        ("scenes",),
        {},
        "scenes",
        "expected a list, got an object; [brackets]",
    ),
    "text as scene": (("scenes", 0), "run", "scenes[0]", "expected an object, got 'run'; {braces}"),
    "two entities of one id": (
        ("entities", 1, "id"),
        "corgi",
        "entities[1].id",
        "'corgi' is already entities[0].id; rename",
    ),
    "id with a blank": (
        ("entities", 0, "id"),
        "My Corgi",
        "entities[0].id",
        "not an id; 'my-corgi'",
    ),
    "empty id": (("entities", 0, "id"), "", "entities[0].id", "not an id; small letters"),
    "id with a newline": (("entities", 0, "id"), "corgi\n", "entities[0].id", "not an id; small"),
    "endless id": (("entities", 0, "id"), "a" * 65, "entities[0].id", "too long; 64 characters"),
    "unnamed entity": (("entities", 0, "name"), "", "entities[0].name", "empty; called"),
    "third kind": (
        ("entities", 0, "kind"),
        "middle",
        "entities[0].kind",
        "'middle' is not known; use 'foreground' or 'background'",
    ),
    "picture outside": (
        ("entities", 0, "reference_image"),
        "../secret.png",
        "entities[0].reference_image",
        "not a file inside the input folder; put the picture there",
    ),
    "absolute picture": (
        ("entities", 0, "reference_image"),
        "/etc/passwd",
        "entities[0].reference_image",
        "not a file inside the input folder; put the picture there",
    ),
    "picture on a drive": (
        ("entities", 0, "reference_image"),
        "C:\\a.png",
        "entities[0].reference_image",
        "not a file inside the input folder; put the picture there",
    ),
    "two scenes of one id": (
        ("scenes", 1, "id"),
        "run",
        "scenes[1].id",
        "'run' is already scenes[0].id; rename",
    ),
    "blank scene prompt": (("scenes", 1, "prompt"), "", "scenes[1].prompt", "empty; scene shows"),
    "no frames": (("scenes", 0, "frames"), 0, "scenes[0].frames", "0 is too small; use 1 or more"),
    "too many frames": (
        ("scenes", 0, "frames"),
        1025,
        "scenes[0].frames",
        "1025 is too large; use 1024 or less",
    ),
    "frame prompts too few": (
        ("scenes", 1, "frame_prompts"),
        ["They look."],
        "scenes[1].frame_prompts",
        "1 prompts but the scene has 2 frames; one prompt per frame",
    ),
    "blank frame prompt": (
        ("scenes", 1, "frame_prompts", 1),
        " ",
        "scenes[1].frame_prompts[1]",
        "empty; say what the frame shows",
    ),
    "unknown entity": (
        ("scenes", 0, "entities"),
        ["corgy"],
        "scenes[0].entities[0]",
        "no entity 'corgy'; did you mean 'corgi'?",
    ),
    "entity named twice": (
        ("scenes", 0, "entities"),
        ["corgi", "corgi"],
        "scenes[0].entities[1]",
        "'corgi' is already scenes[0].entities[0]; remove one",
    ),
    "background among entities": (
        ("scenes", 1, "entities"),
        ["corgi", "owner", "park"],
        "scenes[1].entities[2]",
        "'park' is a background entity; make its kind foreground",
    ),
    "unknown background": (
        ("scenes", 0, "background"),
        "moon",
        "scenes[0].background",
        "no entity 'moon'; add it to the plan's entities",
    ),
    "foreground as background": (
        ("scenes", 1, "background"),
        "corgi",
        "scenes[1].background",
        "'corgi' is a foreground entity; make its kind background",
    ),
    "box of a stranger": (
        (*LAYOUT, 0, "boxes", "owner"),
        [0, 0, 1, 1],
        "scenes[0].layout[0].boxes.owner",
        "'owner' is not in this scene; add it to scenes[0].entities",
    ),
    "box of nobody": (
        (*LAYOUT, 0, "boxes", "no one"),
        [0, 0, 1, 1],
        'scenes[0].layout[0].boxes["no one"]',
        "'no one' is not an id; for example 'no-one'",
    ),
    "sides swapped": (
        CORGI,
        [0.45, 0, 0.2, 1],
        "scenes[0].layout[0].boxes.corgi",
        "x1 0.20 is left of x0 0.45; swap them",
    ),
    "upside down": (
        CORGI,
        [0, 0.9, 1, 0.125],
        "scenes[0].layout[0].boxes.corgi",
        "y1 0.125 is above y0 0.90; swap them",
    ),
    "no width": (
        CORGI,
        [0.5, 0, 0.5, 1],
        "scenes[0].layout[0].boxes.corgi",
        "x0 and x1 are both 0.50, so the box is empty; make x1 larger",
    ),
    "pixels": (
        CORGI,
        [0, 0, 200, 1],
        "scenes[0].layout[0].boxes.corgi",
        "x1 200.00 is outside 0 to 1; divide pixels",
    ),
    "below zero": (
        CORGI,
        [-0.1, 0, 1, 1],
        "scenes[0].layout[0].boxes.corgi",
        "x0 -0.10 is outside 0 to 1; divide pixels",
    ),
    "not a number": (
        CORGI,
        [0, 0, float("nan"), 1],
        "scenes[0].layout[0].boxes.corgi[2]",
        "nan is not a finite number; plain number",
    ),
    "endless box": (
        CORGI,
        [0, 0, float("inf"), 1],
        "scenes[0].layout[0].boxes.corgi[2]",
        "inf is not a finite number; plain number",
    ),
    "three numbers": (
        CORGI,
        [0, 0, 1],
        "scenes[0].layout[0].boxes.corgi",
        "expected a box, got a list of 3; four numbers [x0, y0, x1, y1]",
    ),
    "five numbers": (
        CORGI,
        [0, 0, 1, 1, 1],
        "scenes[0].layout[0].boxes.corgi",
        "expected a box, got a list of 5; four numbers",
    ),
    "box as object": (
        CORGI,
        {"x0": 0},
        "scenes[0].layout[0].boxes.corgi",
        "expected a box, got an object; four numbers",
    ),
    "text in a box": (
        CORGI,
        [0, 0, "1", 1],
        "scenes[0].layout[0].boxes.corgi[2]",
        "expected a number, got '1'; without quotes",
    ),
    "boxes in a list": (
        (*LAYOUT, 0, "boxes"),
        [],
        "scenes[0].layout[0].boxes",
        "expected an object, got a list of 0; {braces}",
    ),
    "keyframe after the end": (
        (*LAYOUT, 1, "frame"),
        8,
        "scenes[0].layout[1].frame",
        "8 is after the last frame 7; use 0 to 7",
    ),
    "keyframe before the start": (
        (*LAYOUT, 0, "frame"),
        -1,
        "scenes[0].layout[0].frame",
        "-1 is too small; use 0 or more",
    ),
    "keyframe twice": (
        (*LAYOUT, 1, "frame"),
        0,
        "scenes[0].layout[1].frame",
        "0 is used twice; merge the two keyframes",
    ),
    "keyframes unsorted": (
        (*LAYOUT, 0, "frame"),
        7,
        "scenes[0].layout[1].frame",
        "3 comes after keyframe 7; sort the keyframes",
    ),
    "keyframe without frame": (
        (*LAYOUT, 0, "frame"),
        REMOVE,
        "scenes[0].layout[0].frame",
        "missing; add it",
    ),
    "unknown keyframe field": (
        (*LAYOUT, 0, "box"),
        {},
        "scenes[0].layout[0].box",
        "not a field of a keyframe; did you mean 'boxes'?",
    ),
    "camera north": (
        ("scenes", 0, "camera", "direction"),
        "north",
        "scenes[0].camera.direction",
        "'north' is not known; use 'static', 'left'",
    ),
    "camera very fast": (
        ("scenes", 0, "camera", "speed"),
        "very fast",
        "scenes[0].camera.speed",
        "'very fast' is not known; use 'slow', 'medium' or 'fast'",
    ),
    "camera as text": (
        ("scenes", 0, "camera"),
        "left",
        "scenes[0].camera",
        "expected an object, got 'left'; {braces}",
    ),
    "unknown camera field": (
        ("scenes", 0, "camera", "angle"),
        5,
        "scenes[0].camera.angle",
        "not a field of a camera; remove it (known: direction, speed, strength, path)",
    ),
    "camera of negative strength": (
        ("scenes", 0, "camera"),
        {"direction": "left", "strength": -1.0},
        "scenes[0].camera.strength",
        "-1.0 is too small; use 0.0 or more",
    ),
    "camera with a way twice": (
        ("scenes", 0, "camera"),
        {"direction": "left", "path": [{"frame": 0}]},
        "scenes[0].camera",
        "has a direction and a path; give one of them",
    ),
    "camera path beyond the scene": (
        ("scenes", 0, "camera"),
        {"path": [{"frame": 0}, {"frame": 999, "pan_x": 0.5}]},
        "scenes[0].camera.path[1].frame",
        "999 is after the last frame",
    ),
    "camera path unsorted": (
        ("scenes", 0, "camera"),
        {"path": [{"frame": 3}, {"frame": 1}]},
        "scenes[0].camera.path[1].frame",
        "1 comes after keyframe 3; sort the keyframes by frame",
    ),
    "camera that vanishes": (
        ("scenes", 0, "camera"),
        {"path": [{"frame": 0, "zoom": 0.0}]},
        "scenes[0].camera.path[0].zoom",
        "0.0 is too small; use more than 0.0",
    ),
    "unknown pose field": (
        ("scenes", 0, "camera"),
        {"path": [{"frame": 0, "pan": 1.0}]},
        "scenes[0].camera.path[0].pan",
        "is not a field of a pose of a camera; did you mean 'pan_y'",
    ),
    "unknown action": (
        ("scenes", 0, "action"),
        {"jogging slowly": 0.5},
        'scenes[0].action["jogging slowly"]',
        "not one of the 400 Kinetics actions; use 'jogging'",
    ),
    "action without weight": (
        ("scenes", 0, "action", "jogging"),
        0,
        "scenes[0].action.jogging",
        "0 is too small; use more than 0",
    ),
    "heavy action": (
        ("scenes", 0, "action", "jogging"),
        1.5,
        "scenes[0].action.jogging",
        "1.5 is too large; use 1.0 or less",
    ),
    "actions in a list": (
        ("scenes", 0, "action"),
        ["jogging"],
        "scenes[0].action",
        "expected an object, got a list of 1; {braces}",
    ),
    "layout strength": (
        ("scenes", 0, "layout_strength"),
        1.01,
        "scenes[0].layout_strength",
        "1.01 is too large; use 1.0 or less",
    ),
    "seed below zero": (
        ("scenes", 0, "seed"),
        -1,
        "scenes[0].seed",
        "-1 is too small; use 0 or more",
    ),
    "seed too large": (
        ("scenes", 0, "seed"),
        2**64,
        "scenes[0].seed",
        "18446744073709551616 is too large",
    ),
    "lock in words": (
        ("scenes", 0, "locked"),
        "yes",
        "scenes[0].locked",
        "expected true or false, got 'yes'",
    ),
}

# name: (text, what the message begins with, words it must hold)
TEXTS = {
    "nothing": ("", "line 1 column 1", "not JSON"),
    "prose": ("Here is the plan", "line 1 column 1", "not JSON; correct the text"),
    "cut off": ('{\n  "fps": 8,', "line 2 column 12", "correct the text at that place"),
    "trailing comma": ('{\n  "a": [1,]\n}', "line 2 column 11", "correct the text"),
    "a list": ("[]", "plan", "expected an object, got a list of 0; {braces}"),
    "a number": ("7", "plan", "expected an object, got 7"),
    "one key twice": ('{"fps": 8, "fps": 9}', "plan", "'fps' stands twice; remove one"),
    "nested too deeply": ("[" * 200_000, "plan", "nested too deeply"),
    "a huge number": ("[1" + "0" * 5000 + "]", "plan", "too many digits; shorten it"),
}


def changed(data: dict, where: tuple, value: object) -> dict:
    """Return the data with one value replaced, added or removed."""
    copied = copy.deepcopy(data)
    owner = copied
    for part in where[:-1]:
        owner = owner[part]
    if value is REMOVE:
        del owner[where[-1]]
    else:
        owner[where[-1]] = value
    return copied


def holds(problem: str, path: str, words: str) -> bool:
    """Tell whether a message names the path and, in their order, the words between ";"."""
    rest = problem.removeprefix(f"{path}: ")
    if rest == problem:
        return False
    at = 0
    for part in words.split("; "):
        at = rest.find(part, at)
        if at < 0:
            return False
    return True


@pytest.mark.parametrize("name", CASES)
def test_says_where_and_what_to_do(name: str, plan_data: dict) -> None:
    where, value, path, words = CASES[name]
    if name == "keyframes unsorted":
        plan_data["scenes"][0]["layout"][1]["frame"] = 3
    with pytest.raises(PlanError) as caught:
        from_data(changed(plan_data, where, value))
    problems = caught.value.problems
    assert any(holds(problem, path, words) for problem in problems), problems
    assert str(caught.value).encode("utf-8")


def test_the_plan_that_is_changed_is_sound(plan_data: dict) -> None:
    assert from_data(plan_data).scenes[1].camera.direction == "static"


def test_there_are_many_kinds() -> None:
    assert len(CASES) + len(TEXTS) >= 40


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_no_plan(name: str) -> None:
    text, begin, words = TEXTS[name]
    with pytest.raises(PlanError) as caught:
        loads(text)
    assert holds(caught.value.problems[0], begin, words), caught.value.problems


def test_all_problems_at_once(plan_data: dict) -> None:
    plan_data["fps"] = "eight"
    plan_data["width"] = 130
    plan_data["entities"][0]["name"] = ""
    plan_data["scenes"][0]["layout"][0]["boxes"]["corgi"] = [0.45, 0, 0.2, 1]
    plan_data["scenes"][1]["entities"].append("ghost")
    with pytest.raises(PlanError) as caught:
        from_data(plan_data)
    paths = {problem.split(":")[0] for problem in caught.value.problems}
    assert paths == {
        "fps",
        "width",
        "entities[0].name",
        "scenes[0].layout[0].boxes.corgi",
        "scenes[1].entities[2]",
    }
    assert "the plan has 5 problems" in str(caught.value)


def test_a_newer_version_is_the_only_complaint(plan_data: dict) -> None:
    plan_data.update(version=7, scenes="whatever version 7 has here")
    with pytest.raises(PlanError) as caught:
        from_data(plan_data)
    assert len(caught.value.problems) == 1


def test_a_long_list_of_problems_is_cut_in_the_text_only() -> None:
    error = PlanError([f"scenes[{i}]: wrong; put it right" for i in range(50)])
    assert len(error.problems) == 50
    assert str(error).endswith("- and 30 more")


def test_a_plan_built_in_python_obeys_too() -> None:
    scene = Scene(id="one", prompt="a", frames=2, background="nowhere")
    with pytest.raises(ValueError, match="there is no entity 'nowhere'"):
        VideoPlan(version=1, prompt="a", fps=8, width=64, height=64, scenes=[scene])


def test_a_plan_spoilt_afterwards_is_not_written(plan_data: dict) -> None:
    plan = from_data(plan_data)
    plan.entities.append(Entity(id="corgi", name="another", kind="foreground"))
    with pytest.raises(PlanError, match="already entities"):
        dumps(plan)


def test_scene_bundles_are_checked_too(plan_data: dict) -> None:
    bundle = json.loads(scene_json(from_data(plan_data), 0))
    bundle["scene"]["layout"][0]["boxes"]["corgi"] = [1, 0, 0, 1]
    bundle["fps"] = 0
    with pytest.raises(PlanError) as caught:
        scene_from_json(json.dumps(bundle))
    paths = [problem.split(":")[0] for problem in caught.value.problems]
    assert sorted(paths) == ["fps", "scene.layout[0].boxes.corgi"]
