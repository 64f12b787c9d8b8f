"""Edits are found between two plans and fit a third one, or say why they do not."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from video_director.planning import plan_io
from video_director.planning.edit_places import (
    PLAN,
    Listed,
    Members,
    Numbered,
    Record,
    Shape,
    shape_at,
)
from video_director.planning.edit_text import (
    MAX_BYTES,
    MAX_EDITS,
    Edit,
    PlanEdits,
    read_edits,
    write_edits,
)
from video_director.planning.edited_plan import edited_plan
from video_director.planning.edits import apply, diff, plan_hash
from video_director.planning.layout import boxes_at
from video_director.planning.schema import (
    Camera,
    CameraPose,
    Entity,
    Keyframe,
    PlanError,
    Scene,
    VideoPlan,
)

from .edited_plans import random_change, random_plan

CASES = json.loads(Path(__file__).with_name("edit_cases.json").read_text(encoding="utf-8"))


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def plain_edits(edits: list[Edit]) -> list[dict[str, Any]]:
    return json.loads(write_edits(PlanEdits(version=1, edits=edits)) or '{"edits": []}')["edits"]


@pytest.mark.parametrize("case", CASES["diff"], ids=named)
def test_edits_between_two_plans(case: dict[str, Any]) -> None:
    edits = diff(case["base"], case["edited"])
    assert json.dumps(plain_edits(edits), sort_keys=True) == json.dumps(
        case["edits"], sort_keys=True
    )
    assert apply(case["base"], edits) == (case["edited"], [])


@pytest.mark.parametrize("case", CASES["apply"], ids=named)
def test_edits_in_another_plan(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case)
    edits = [Edit(**edit) for edit in case["edits"]]
    result, misfits = apply(case["plan"], edits)
    assert result == case["result"]
    assert [{"at": list(m.at), "kind": m.kind} for m in misfits] == case["misfits"]
    assert all(str(misfit) for misfit in misfits)
    assert case == before
    read_edits(json.dumps({"version": 1, "edits": case["edits"]}))  # all are allowed


@pytest.mark.parametrize("at", CASES["refused_places"], ids="-".join)
def test_places_that_no_plan_has(at: list[str]) -> None:
    with pytest.raises(ValueError, match="is no (place in a plan|order); "):
        shape_at(at)
    text = json.dumps({"version": 1, "edits": [{"at": ["fps"], "to": 1}, {"at": at, "to": 1}]})
    with pytest.raises(PlanError, match=r"^edits\[1\]\.at: "):
        read_edits(text)


@pytest.mark.parametrize("seed", range(300))
def test_what_is_found_makes_the_plan_that_it_was_found_in(seed: int) -> None:
    choice = random.Random(seed)
    base = random_plan(choice)
    edited = random_change(choice, base) if seed % 3 else random_plan(choice)
    edits = diff(base, edited)
    text = write_edits(PlanEdits(version=1, base="0" * 64, edits=edits))
    if edits:
        assert read_edits(text).edits == edits
    result, misfits = apply(base, edits)
    assert misfits == []
    assert result == edited
    assert [scene["id"] for scene in result["scenes"]] == [s["id"] for s in edited["scenes"]]
    assert apply(edited, edits) == (edited, [])  # what is there already is left alone
    assert len({edit.at for edit in edits}) == len(edits)
    assert bool(edits) == (base != edited)


@pytest.mark.parametrize("seed", range(100))
def test_edits_fit_a_plan_that_was_changed_elsewhere(seed: int) -> None:
    """Whatever has changed meanwhile: each edit is in the result, or is named as a misfit."""
    choice = random.Random(seed)
    base = random_plan(choice)
    edits = diff(base, random_change(choice, base))
    incoming = random_change(choice, base)
    result, misfits = apply(incoming, edits)
    left = {misfit.at for misfit in misfits}
    again, still = apply(result, [edit for edit in edits if edit.at not in left])
    assert (again, still) == (result, [])
    places = [edit.at[1:] if edit.at[0] == "order" else edit.at for edit in edits]
    edited = {place[1] for place in places if place[0] == "scenes" and len(place) > 1}
    after = {scene["id"]: scene for scene in result["scenes"]}
    for scene in incoming["scenes"]:
        assert scene["id"] in edited or after[scene["id"]] == scene


def test_what_is_not_edited_stays_the_same_to_the_byte(plan_data: dict) -> None:
    plan = plan_io.from_data(plan_data)
    before = plan_io.dumps(plan)
    place = ("scenes", "run", "layout", "7", "boxes", "corgi")
    edit = Edit(at=place, was=[0.65, 0.5, 0.9, 0.8], to=[0.05, 0.5, 0.3, 0.8])
    result = edited_plan(plan, PlanEdits(version=1, edits=[edit]), "keep")
    line = '{"frame": 7, "boxes": {"corgi": [%s]}}'
    assert plan_io.dumps(result.plan) == before.replace(
        line % "0.65, 0.5, 0.9, 0.8", line % "0.05, 0.5, 0.3, 0.8"
    )
    assert before.count(line % "0.65, 0.5, 0.9, 0.8") == 1
    assert plan_io.dumps(plan) == before


def parts(shape: Shape, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], set[str]]:
    """Fields of all records by their place, with * for a name."""
    if isinstance(shape, Listed):
        return parts(shape.item, (*at, "*"))
    if not isinstance(shape, Record):
        return {}
    found = {at: set(shape.fields)}
    for name, item in shape.fields.items():
        found |= parts(item, (*at, name))
    return found


def test_every_field_of_a_plan_has_a_place() -> None:
    scene, pose = ("scenes", "*"), ("scenes", "*", "camera", "path", "*")
    assert parts(PLAN) == {
        (): set(VideoPlan.model_fields),
        ("entities", "*"): set(Entity.model_fields) - {"id"},
        scene: set(Scene.model_fields) - {"id"},
        (*scene, "layout", "*"): set(Keyframe.model_fields) - {"frame"},
        (*scene, "camera"): set(Camera.model_fields),
        pose: set(CameraPose.model_fields) - {"frame"},
    }
    assert isinstance(shape_at(["scenes", "s1", "action"]), Members)
    assert isinstance(shape_at(["scenes", "s1", "frame_prompts"]), Numbered)


def text_with(*edits: object, **others: object) -> str:
    return json.dumps({"version": 1, "edits": list(edits), **others})


SCENE = ["scenes", "s1"]
BAD_TEXTS = {
    "no_json": ("{", "line 1 column 2: this is not JSON here"),
    "twins": ('{"version": 1, "version": 1}', "the key 'version' stands twice"),
    "list": ("[]", "plan: expected an object"),
    "version": ('{"version": 2}', "version: 2 is newer than the 1"),
    "version_true": ('{"version": true}', "version: true is not a version"),
    "no_version": ("{}", "version: is missing"),
    "extra": (text_with(note=1), "note: is not a field of edits of a plan"),
    "base": (text_with(base="x"), "base: "),
    "edit": (text_with("x"), r"edits\[0\]: expected an object"),
    "edit_extra": (text_with({"at": [], "wa": 1}), "wa: is not a field of an edit; did you"),
    "no_place": (text_with({"to": 1}), r"edits\[0\].at: is missing"),
    "place": (text_with({"at": "fps", "to": 1}), r"edits\[0\].at: expected a list"),
    "place_number": (text_with({"at": ["scenes", 1], "to": 1}), r"edits\[0\].at\[1\]: "),
    "no_change": (text_with({"at": ["fps"]}), r"edits\[0\]: fps has neither 'was' nor 'to'"),
    "null": (text_with({"at": ["fps"], "to": None}), "neither 'was' nor 'to'"),
    "no_plan": (text_with({"at": [], "was": {}}), "the plan itself cannot be removed"),
    "order": (text_with({"at": ["order", "scenes"], "was": ["a"], "to": ["a", "a"]}), "each once"),
    "order_alone": (text_with({"at": ["order", "scenes"], "to": ["a"]}), "as 'was' and as 'to'"),
    "other_id": (text_with({"at": SCENE, "to": {"id": "s2"}}), "is not the id 's1', which"),
    "other_frame": (
        text_with({"at": [*SCENE, "layout", "4"], "to": {"frame": 5}}),
        "is not the frame '4'",
    ),
    "other_entity": (text_with({"at": [*SCENE, "entities", "a"], "to": "b"}), "is not 'a'"),
    "frame_prompt": (text_with({"at": [*SCENE, "frame_prompts", "0"], "to": "b"}), "alone"),
    "deep": (text_with({"at": SCENE, "to": json.loads("[" * 30 + "]" * 30)}), "nested deeper"),
    "very_deep": ("[" * 100_000, "nested|this is not JSON"),
    "many": (text_with(*[{"at": ["fps"], "to": 1}] * (MAX_EDITS + 1)), "has 5001 items"),
    "large": (" {" + " " * MAX_BYTES, f"larger than {MAX_BYTES} bytes"),
    "large_in_bytes": (" {" + "é" * (MAX_BYTES // 2), f"larger than {MAX_BYTES} bytes"),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_texts_that_are_refused(name: str) -> None:
    text, message = BAD_TEXTS[name]
    with pytest.raises(PlanError, match=message):
        read_edits(text)


def test_all_problems_of_a_text_are_told() -> None:
    with pytest.raises(PlanError) as raised:
        read_edits(text_with({"at": ["a"], "to": 1}, {"at": ["fps"], "to": 1}, {"at": ["fps"]}))
    assert [problem.split(": ")[0] for problem in raised.value.problems] == [
        "edits[0].at",
        "edits[2]",
    ]


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_has_no_edits(text: str) -> None:
    assert read_edits(text) == PlanEdits(version=1)
    assert write_edits(read_edits(text)) == ""


def test_written_edits_are_read_again(plan_data: dict) -> None:
    edits = diff(None, plan_data)
    whole = PlanEdits(version=1, base="0" * 64, edits=edits, approved="f" * 64)
    assert read_edits(write_edits(whole)) == whole
    assert edited_plan(None, whole, "stop" if whole.base is None else "keep").plan == (
        plan_io.from_data(plan_data)
    )


def test_a_plan_keeps_its_hash_on_its_way_through_json(plan_data: dict) -> None:
    plan = plan_io.from_data(plan_data)
    assert plan_hash(plan) == plan_hash(plan_io.loads(plan_io.dumps(plan)))
    plan_data["scenes"][0]["seed"] -= 1
    assert plan_hash(plan) != plan_hash(plan_io.from_data(plan_data))
    assert plan_hash(None) is None


STRANGE: list[Any] = [0, -1, True, "", "7", "\ud800", [], {}, [[]], {"id": "7"}, 1e999, 2**70, None]


@pytest.mark.parametrize("seed", range(200))
def test_strange_edits_end_in_a_plan_or_are_refused(seed: int) -> None:
    """Edits with a piece exchanged for something that does not belong there."""
    choice = random.Random(seed)
    base = random_plan(choice)
    edits = plain_edits(diff(base, random_plan(choice)))
    for edit in choice.sample(edits, min(3, len(edits))):
        part, key = edit, choice.choice(["at", "was", "to"])
        while isinstance(part.get(key), dict) and part[key] and choice.random() < 0.8:
            part = part[key]
            key = choice.choice(list(part))
        part[key] = choice.choice(STRANGE)
    try:
        read = read_edits(json.dumps({"version": 1, "edits": edits}))
        result = edited_plan(plan_io.from_data(base), read, "keep")
    except PlanError:
        return
    assert plan_io.loads(plan_io.dumps(result.plan)) == result.plan
    "\n".join(map(str, result.misfits)).encode()  # can be shown


def other_prompt(plan: VideoPlan, **others: Any) -> PlanEdits:
    edit = Edit(at=("scenes", "run", "prompt"), was="A corgi runs through a park.", to="It runs.")
    return PlanEdits(version=1, base=plan_hash(plan), edits=[edit], **others)


def test_another_plan_keeps_discards_or_stops(plan_data: dict) -> None:
    plan = plan_io.from_data(plan_data)
    edits = other_prompt(plan)
    plan_data["fps"] = 12
    another = plan_io.from_data(plan_data)
    kept = edited_plan(another, edits, "keep")
    assert (kept.plan.scenes[0].prompt, kept.plan.fps, kept.made) == ("It runs.", 12, 1)
    discarded = edited_plan(another, edits, "discard")
    assert (discarded.plan, discarded.discarded, discarded.made) == (another, 1, 0)
    with pytest.raises(PlanError, match="made on another plan .* set on_new_plan"):
        edited_plan(another, edits, "stop")
    for choice in ("keep", "discard", "stop"):
        assert edited_plan(plan, edits, choice).plan.scenes[0].prompt == "It runs."
        assert edited_plan(another, PlanEdits(version=1), choice).plan == another


def test_approval_is_of_one_plan(plan_data: dict) -> None:
    plan = plan_io.from_data(plan_data)
    once = edited_plan(plan, other_prompt(plan), "keep")
    assert not once.approved
    approved = other_prompt(plan, approved=once.hash)
    assert edited_plan(plan, approved, "keep").approved
    plan_data["fps"] = 12
    assert not edited_plan(plan_io.from_data(plan_data), approved, "keep").approved


def test_an_edited_plan_that_is_none_is_told_with_its_problems(plan_data: dict) -> None:
    edits = [Edit(at=("fps",), was=8, to=0), Edit(at=("scenes", "meet", "frames"), was=2, to=3)]
    with pytest.raises(PlanError, match="frame_prompts: has 2 prompts") as raised:
        edited_plan(plan_io.from_data(plan_data), PlanEdits(version=1, edits=edits), "keep")
    assert len(raised.value.problems) == 2


def test_no_plan_at_all() -> None:
    with pytest.raises(PlanError, match="there is no plan; connect one"):
        edited_plan(None, PlanEdits(version=1), "keep")


@pytest.mark.parametrize("case", CASES["interpolation"], ids=lambda case: case["scene"]["frames"])
def test_boxes_between_keyframes(case: dict[str, Any]) -> None:
    scene = Scene(id="s", prompt="p", **case["scene"])
    for frame, boxes in enumerate(case["frames"]):
        assert {name: list(box) for name, box in boxes_at(scene, frame).items()} == boxes
