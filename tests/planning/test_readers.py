"""The papers' own examples become plans."""

import pytest
from video_director.planning.plan_io import dumps, from_data
from video_director.planning.readers import FORMATS, Settings, read_plan
from video_director.planning.readers.literal import LiteralError, read_literal
from video_director.planning.schema import PlanError

VIDEOSTUDIO = """Here is the script:
[scene\\_1: [The elderly couple mounts the tandem bicycle; entities: elderly couple, tandem bicycle;
 background: a scenic park with lush greenery, and a winding path]]
[step_2: [They pedal together; their smiles beam; entities: elderly couple; background: none]]
[scene_1: [moving left, fast]]
[scene_2: [zoom out, medium]]
"""

LVD = """Caption: A woman walking to the right and a man jumping in a room
Reasoning: The x-coordinate of the woman should increase.
Frame 1: [{'id': 0, 'name': 'walking woman', 'box': [-64, 256, 128, 192]}]
Frame 2: [{'id': 0, 'name': 'woman', 'box': [128, 256, 128, 192]}, {'id': 1, 'name': 'man', \
'box': [384, 256, 64, 64]}]
Frame 3: [{'id': 1, 'name': 'man', 'box': [384, 128, 64, 64]}]
Background keyword: room
"""

VIDEODIRECTORGPT = """Scene 1: a fluffy Siamese cat sits in a living room
Entities: a fluffy Siamese cat
Background: living room
Frame_1: [['a fluffy Siamese cat', [.25, .25, 1, .70]], ['living room', [0, 0, 1, 1]]], caption: \
the cat's tail is still
Frame_2: [['a fluffy Siamese cat', [0.05, 0.25, 0.80, 1.05]]], caption: the cat moves
Frame_3: [['a fluffy Siamese cat', [0.0, 0.25, 0.75, 0.70]]]
Reasoning: the cat goes to the left.
Scene 2: two cats sleep
Frame_1: {'a fluffy Siamese cat': [.25, .25, .5, .70], "the dog's bone": [0, 0, .2, .2]}
"""

DICTIONARY = """{
  'Scene 1': {'scene description': 'a cat sits', 'background': 'a room',
    'frames': {'Frame_1': {'cat': [.0, .25, .5, .75]}, 'Frame_2': {'cat': [.5, .25, 1, .75]}}},
  'Scene 2': {'scene description': 'the cat sleeps', 'background': 'a room',
    'Frame_1': [['cat', [.25, .25, .75, .75]], ['cat', [0, 0, .2, .2]]]},
  'consistency groupings': {'cat': [1, 2]},
}"""

DIRECT2V = """Setting User Prompt "A nuclear explosion" Frame 1 (00:00) A desert landscape. At the \
center of the frame, a tower. Frame 2 (00:01) The tower's top glows. Frame 3 (00:02) Blinding light.
"""


def test_videostudio() -> None:
    plan = read_plan(VIDEOSTUDIO)
    first, second = plan.scenes
    assert first.prompt == "The elderly couple mounts the tandem bicycle"
    assert first.entities == ["elderly-couple", "tandem-bicycle"]
    assert second.prompt == "They pedal together; their smiles beam"
    assert second.entities == ["elderly-couple"]
    assert second.background is None
    names = {entity.id: entity.name for entity in plan.entities}
    assert names[first.background] == "a scenic park with lush greenery, and a winding path"
    assert (first.camera.direction, first.camera.speed) == ("left", "fast")
    assert (second.camera.direction, second.camera.speed) == ("zoom_out", "medium")
    assert plan.prompt.startswith("The elderly couple mounts the tandem bicycle. They pedal")


def test_videostudio_on_one_line_with_the_camera_inside() -> None:
    text = (
        "[step_1: [A dog runs; entities: dog; background: park; camera: moving up, slow]; "
        "step_2: [The dog sleeps; entities: dog; background: park]]"
    )
    plan = read_plan(text)
    assert [scene.entities for scene in plan.scenes] == [["dog"], ["dog"]]
    assert [scene.background for scene in plan.scenes] == ["park", "park"]
    assert plan.scenes[0].camera.direction == "up"
    assert len(plan.entities) == 2


def test_lvd() -> None:
    plan = read_plan(LVD, Settings(frames=5))
    (scene,) = plan.scenes
    assert scene.prompt == "A woman walking to the right and a man jumping in a room"
    assert scene.background == "room"
    assert [keyframe.frame for keyframe in scene.layout] == [0, 2, 4]
    # One id is one thing, by its first name; x, y, width, height on 512 become corners in 0..1,
    # and what stands out of the canvas is cut off.
    assert scene.layout[0].boxes == {"walking-woman": (0, 0.5, 0.125, 0.875)}
    assert scene.layout[1].boxes == {
        "walking-woman": (0.25, 0.5, 0.5, 0.875),
        "man": (0.75, 0.5, 0.875, 0.625),
    }
    assert scene.layout[2].boxes == {"man": (0.75, 0.25, 0.875, 0.375)}


def test_lvd_absence_and_several_captions() -> None:
    text = LVD + LVD.replace("[128, 256, 128, 192]", "[0, 0, 0, 0]")
    first, second = read_plan(text).scenes
    assert set(first.layout[1].boxes) == {"walking-woman", "man"}
    assert set(second.layout[1].boxes) == {"man"}
    assert first.entities == second.entities


def test_lvd_things_of_one_name() -> None:
    text = (
        "Frame 1: [{'id': 0, 'name': 'ball', 'box': [0, 0, 64, 64]}, "
        "{'id': 1, 'name': 'ball', 'box': [256, 0, 64, 64]}]\nBackground keyword: field"
    )
    plan = read_plan(text)
    assert plan.scenes[0].entities == ["ball", "ball-2"]
    assert plan.scenes[0].prompt == "ball, ball, field background"


def test_videodirectorgpt() -> None:
    plan = read_plan(VIDEODIRECTORGPT)
    first, second = plan.scenes
    cat = "a-fluffy-siamese-cat"
    assert first.background == "living-room"
    assert first.entities == [cat]
    assert first.layout[0].boxes == {cat: (0.25, 0.25, 1, 0.7), "living-room": (0, 0, 1, 1)}
    assert first.layout[0].caption == "the cat's tail is still"
    assert first.layout[1].boxes == {cat: (0.05, 0.25, 0.8, 1.0)}
    assert [keyframe.frame for keyframe in first.layout] == [0, 8, 15]
    assert second.prompt == "two cats sleep"
    assert second.entities == [cat, "the-dogs-bone"]
    assert {entity.name for entity in plan.entities} == {
        "a fluffy Siamese cat",
        "living room",
        "the dog's bone",
    }


def test_videodirectorgpt_dictionary() -> None:
    plan = read_plan(DICTIONARY)
    first, second = plan.scenes
    assert first.prompt == "a cat sits"
    assert first.background == second.background == "a-room"
    assert first.layout[1].boxes == {"cat": (0.5, 0.25, 1, 0.75)}
    assert second.layout[0].boxes == {
        "cat": (0.25, 0.25, 0.75, 0.75),
        "cat-2": (0, 0, 0.2, 0.2),
    }


def test_a_scene_without_frames_stays_a_scene() -> None:
    plan = read_plan("Scene 1: a cat\nFrame_1: [['cat', [0, 0, 1, 1]]]\nScene 2: it sleeps")
    assert [scene.prompt for scene in plan.scenes] == ["a cat", "it sleeps"]
    assert plan.scenes[1].layout == []


def test_directt2v_in_one_paragraph() -> None:
    plan = read_plan(DIRECT2V)
    (scene,) = plan.scenes
    assert plan.prompt == "A nuclear explosion"
    assert scene.frames == 3
    assert scene.frame_prompts == [
        "A desert landscape. At the center of the frame, a tower.",
        "The tower's top glows.",
        "Blinding light.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1. A dog.\n2. It runs.\n\n3) It sleeps.",
        "Frame 1: A dog.\nFrame 2: It runs.\nFrame 3: It sleeps.",
        "**Frame 1** (00:00): A dog.\n**Frame 2** (00:01): It runs.\n**Frame 3**: It sleeps.",
        "Frame 1 - A dog.\r\nFrame 2 - It runs.\r\nFrame 3 - It sleeps.",
    ],
)
def test_directt2v_on_lines(text: str) -> None:
    assert read_plan(text).scenes[0].frame_prompts == ["A dog.", "It runs.", "It sleeps."]


def test_our_own_json_also_in_a_fence(plan_data: dict) -> None:
    plan = from_data(plan_data)
    assert read_plan(dumps(plan)) == plan
    assert read_plan(f"```json\n{dumps(plan)}```\n") == plan


def test_the_settings_fill_in_what_texts_leave_open() -> None:
    settings = Settings(prompt="A trip.", frames=24, fps=12, width=128, height=64)
    plan = read_plan(VIDEOSTUDIO, settings)
    assert (plan.prompt, plan.fps, plan.width, plan.height) == ("A trip.", 12, 128, 64)
    assert [scene.frames for scene in plan.scenes] == [24, 24]


def test_more_keyframes_than_frames() -> None:
    assert read_plan(LVD, Settings(frames=2)).scenes[0].frames == 3


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(PlanError) as caught:
        read_plan("Once upon a time there was a corgi.")
    assert all(form in str(caught.value) for form in FORMATS)
    assert len(FORMATS) == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[step_1: [A dog; entities: dog", "line 1: step 1 is not closed; end it with ]]"),
        ("[step_1: [a]]\n[step_3: [b]]", "line 2: step 3 where step 2 should be"),
        ("[step_1: [a]]\n[step_1: [b]]", "line 2: step 1 stands twice; renumber"),
        ("[step_1: [; entities: a]]", "line 1: step 1 has no prompt; write"),
        ("[step_1: [a]]\n[step_2: [zoom in]]", "step 2: has a camera but no prompt"),
        ("Frame 1: a\nFrame 2: b\nFrame 4: c", "frame 4: stands where frame 3 should be"),
        ("Frame 1: a\nFrame 2:\nFrame 3: c", "frame 2: has no description"),
        ("x\nFrame 1: [['a', [0, 0,\nmore", "line 3: in frame 1, a list, a name in quotes"),
        ("Frame 1: [['a', [0, 0, 1]]]", "line 1: frame 1 has an entry that is no name with a box"),
        ("Frame 1: [['a', [0, 0, 1, 1]]]\nFrame 3: []", "line 2: frame 3 where frame 2 should"),
        ("Frame 1: [{'id': 0, 'name': 'a'}]", "line 1: frame 1 has an object 0 without a name"),
        (
            "Frame 1: [{'id': 0, 'name': 'a', 'box': [0,0,9,9]}, {'id': 0, 'name': 'b', "
            "'box': [0,0,9,9]}]",
            "line 1: frame 1 has an id twice",
        ),
        ("Frame 1: [['a', [10, 20, 300, 400]]]", "divide pixels by its width or height"),
        ("Frame 1: [['a', [0.5, 0, 0.25, 1]]]", "x1 0.25 is left of x0 0.50; swap them"),
        ("{'Scene 1': {'Frame_1': {'a': [0, 0}}}", "line 1: a ',' or ']' is missing"),
        ("{'Scene 1': 'Frame_1'}", "Scene 1: is no dictionary"),
    ],
)
def test_what_is_wrong_with_a_script(text: str, problem: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_plan(text)
    assert any(problem in found for found in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, -2.5, .5, 1e3]", [1, -2.5, 0.5, 1000.0]),
        ("{'a': (1, 2,), \"b\": None}", {"a": [1, 2], "b": None}),
        ("['the cat's toy', 'it\\'s', \"a\"]", ["the cat's toy", "it's", "a"]),
        ("[true, False, null]", [True, False, None]),
        ("{1: {}}", {"1": {}}),
    ],
)
def test_literals(text: str, value: object) -> None:
    assert read_literal(text + " and more") == (value, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1",
        "[1 2]",
        "{'a'}",
        "{'a': 1, 'a': 2}",
        "{[]: 1}",
        "'open",
        "__import__('os')",
        "[1+1j]",
    ]
    + ["[" * 30],
)
def test_no_literals(text: str) -> None:
    with pytest.raises(LiteralError):
        read_literal(text)
