"""Whatever comes in, a valid plan or a PlanError comes out."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video_director.planning.layout import interpolate
from video_director.planning.plan_io import dumps, from_data, loads, scene_from_json, scene_json
from video_director.planning.readers import read_plan
from video_director.planning.schema import PlanError, VideoPlan

SLOW = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))

_words = st.sampled_from(
    ["version", "scenes", "corgi", "park", "owner", "boxes", "frame", "left", "jogging", "ghost"]
)
_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-1, 9)
    | st.floats()
    | st.floats(0, 1)
    | st.text(max_size=8)
    | st.text(st.characters(), max_size=3)
    | st.just("\ud800")
    | _words
)
_keys = st.text(max_size=6) | _words
_json = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_keys, inner, max_size=5),
    max_leaves=12,
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """List the path of every value inside JSON data."""
    items = value.items() if isinstance(value, dict) else []
    items = enumerate(value) if isinstance(value, list) else items
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


@st.composite
def mutations(draw: st.DrawFn, data: dict) -> object:
    """Change up to four places of sound data: replace, remove, double, rename, swap."""
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(data)[1:] or [()]))
        if not path:
            return draw(_json)
        owner, key = data, path[-1]
        for part in path[:-1]:
            owner = owner[part]
        action = draw(st.sampled_from(["replace", "remove", "double", "rename", "number"]))
        if action == "replace":
            owner[key] = draw(_json)
        elif action == "number" and isinstance(owner[key], int | float):
            owner[key] = draw(st.integers(-2, 600) | st.floats(allow_nan=True))
        elif action == "double" and isinstance(owner, list):
            owner.insert(key, copy.deepcopy(owner[key]))
        elif action == "rename" and isinstance(owner, dict):
            owner[draw(_keys)] = owner.pop(key)
        else:
            del owner[key]
    return data


_sides = st.sets(st.floats(0, 1), min_size=2, max_size=2).map(sorted)
_boxes = st.tuples(_sides, _sides).map(lambda s: [s[0][0], s[1][0], s[0][1], s[1][1]])
_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@st.composite
def sound_plans(draw: st.DrawFn) -> dict:
    """Draw plans that keep every rule, with any text and any numbers."""
    ids = draw(st.lists(st.from_regex(r"[a-z0-9]{1,5}(-[a-z]{1,3})?", fullmatch=True), unique=True))
    scenes = []
    for number in range(draw(st.integers(1, 3))):
        frames = draw(st.integers(1, 1024))
        shown = draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
        boxes = st.dictionaries(st.sampled_from(shown), _boxes) if shown else st.just({})
        keyframes = sorted(draw(st.sets(st.integers(0, frames - 1), max_size=4)))
        scenes.append(
            {
                "id": f"scene-{number}",
                "prompt": draw(_names),
                "frames": frames,
                "entities": shown,
                "layout": [{"frame": frame, "boxes": draw(boxes)} for frame in keyframes],
                "layout_strength": draw(st.floats(0, 1)),
                "seed": draw(st.none() | st.integers(0, 2**64 - 1)),
            }
        )
    kinds = [{"id": name, "name": draw(_names), "kind": "foreground"} for name in ids]
    sizes = {"fps": draw(st.integers(1, 120)), "width": 64, "height": 8192}
    return {"version": 1, "prompt": draw(_names), **sizes, "entities": kinds, "scenes": scenes}


def check(plan: VideoPlan) -> None:
    """A plan that was accepted can be written, read again and used."""
    text = dumps(plan)
    assert loads(text) == plan
    assert dumps(loads(text)) == text
    for index, scene in enumerate(plan.scenes):
        assert len(interpolate(scene)) == scene.frames
        literal = scene_json(plan, index)
        bundle = scene_from_json(literal)
        assert bundle.scene == scene.model_copy(update={"locked": False})


def accepts_or_explains(data: object) -> None:
    try:
        plan = from_data(data)
    except PlanError as error:
        explained(error)
    else:
        check(plan)


def explained(error: PlanError) -> None:
    """Every problem has a path, a fix, and can be shown."""
    assert error.problems
    assert len(set(error.problems)) == len(error.problems)
    for problem in error.problems:
        assert ": " in problem
        assert "; " in problem or "did you mean" in problem, problem
        problem.encode("utf-8")


@settings(SLOW, max_examples=60)
@given(data=sound_plans())
def test_sound_plans_come_back_byte_for_byte(data: dict) -> None:
    check(from_data(data))


@SLOW
@given(data=_json)
def test_arbitrary_data(data: object) -> None:
    accepts_or_explains(data)


@SLOW
@given(data=st.data())
def test_mutated_plans(plan_data: dict, data: st.DataObject) -> None:
    accepts_or_explains(data.draw(mutations(plan_data)))


@SLOW
@given(data=st.data())
def test_mutated_plan_text(plan_data: dict, data: st.DataObject) -> None:
    text = json.dumps(data.draw(mutations(plan_data)))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 5)))
    torn = text[:start] + data.draw(st.text(max_size=4)) + text[end:]
    for whole in (text, torn):
        try:
            check(loads(whole))
        except PlanError as error:
            explained(error)


@SLOW
@given(data=st.data())
def test_mutated_scene_bundles(plan_data: dict, data: st.DataObject) -> None:
    bundle = json.loads(scene_json(from_data(plan_data), 0))
    try:
        scene_from_json(json.dumps(data.draw(mutations(bundle))))
    except PlanError as error:
        explained(error)


SCRIPTS = [
    "[step_1: [A dog runs; entities: dog, ball; background: a park]]\n[step_1: [zoom in, slow]]",
    "Scene 1: a cat\nBackground: room\nFrame_1: [['cat', [0, .2, .5, 1]]], caption: 'sits'\n"
    "Frame_2: {'cat': [0.5, 0.2, 1.0, 1.0]}\nScene 2: it sleeps",
    "{'Scene 1': {'description': 'cat', 'Frame_1': {'cat': [0, 0, 1, 1]}}}",
    "Caption: a ball\nFrame 1: [{'id': 0, 'name': 'ball', 'box': [0, 9, 50, 50]}]\nFrame 2: []\n"
    "Background keyword: garden",
    'User Prompt "boom" Frame 1 (00:00) A desert. Frame 2 (00:01) A flash.',
    "1. A desert.\n2. A flash.",
]
_scraps = st.sampled_from(
    [
        "[",
        "]",
        "{",
        "}",
        "'",
        ":",
        ",",
        "Frame 1:",
        "\n",
        "step_2: [",
        "1e999",
        "-",
        "\x00",
        "\ud800",
    ]
) | st.text(max_size=3)


@SLOW
@given(script=st.sampled_from(SCRIPTS), data=st.data())
def test_torn_scripts(script: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(script)))
        end = data.draw(st.integers(start, min(len(script), start + 8)))
        script = script[:start] + data.draw(_scraps) + script[end:]
    try:
        check(read_plan(script))
    except PlanError as error:
        explained(error)


@SLOW
@given(st.lists(_scraps | st.sampled_from(["Frame 2:", "[['a',[0,0,1,1]]]", "step_1: [a]"])))
def test_scraps(parts: list[str]) -> None:
    try:
        check(read_plan("".join(parts)))
    except PlanError as error:
        explained(error)


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_that_are_torn_are_sound(script: str) -> None:
    check(read_plan(script))
