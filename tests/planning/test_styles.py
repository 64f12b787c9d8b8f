"""Every style from the questions to the plan, with a scripted language model."""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from video_director.planning import plan_io
from video_director.planning.asking import AnswerError, Asker
from video_director.planning.request import PlanRequest
from video_director.planning.schema import Camera, Entity, PlanError, VideoPlan
from video_director.planning.styles import DEFAULT_STYLE, STYLES, write_plan
from video_director.planning.styles.descriptions import read_description


class Model:
    """Answers from a list and keeps what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.schemas: list[Mapping[str, Any] | None] = []

    def complete(
        self, messages: Sequence[Any], schema: Mapping[str, Any] | None, heard: object
    ) -> str:
        self.asked.append(messages[-1]["content"])
        self.schemas.append(schema)
        answer = self.answers.pop(0)
        return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def plan_with(model: Model, style: str = "director", tries: int = 3, **request: Any) -> VideoPlan:
    wanted = PlanRequest(**{"prompt": "A dog chases a ball, then sleeps.", **request})
    plan = write_plan(wanted, style, Asker(model, heard=lambda text: None, tries=tries))
    assert not model.answers
    assert plan_io.loads(plan_io.dumps(plan)) == plan
    return plan


def row(frame: int, entity: str, *box: float) -> dict[str, Any]:
    return {"frame": frame, "entity": entity, "box": list(box)}


def directed() -> dict[str, Any]:
    """An answer of the style director with two scenes."""
    return {
        "entities": [
            {"name": "brown dog", "description": "a small brown dog"},
            {"name": "ball", "description": "a red rubber ball"},
        ],
        "backgrounds": [{"name": "meadow", "description": "a green meadow"}],
        "scenes": [
            {
                "prompt": "A small brown dog chases a red ball over a meadow.",
                "background": "meadow",
                "entities": ["brown dog", "ball"],
                "camera_direction": "right",
                "camera_speed": "fast",
                "action": "",
                "reasoning": "Both go to the right.",
                "boxes": [
                    row(0, "brown dog", 0.1, 0.5, 0.3, 0.8),
                    row(0, "ball", 0.4, 0.7, 0.5, 0.8),
                    row(15, "brown dog", 0.5, 0.5, 0.7, 0.8),
                    row(15, "ball", 0.8, 0.7, 0.9, 0.8),
                ],
                "layout_strength": 0.25,
            },
            {
                "prompt": "A small brown dog sleeps on a meadow.",
                "background": "meadow",
                "entities": ["brown dog"],
                "camera_direction": "static",
                "camera_speed": "slow",
                "action": "Training Dog",
                "reasoning": "It lies still.",
                "boxes": [row(0, "brown dog", 0.3, 0.5, 0.7, 0.8)],
                "layout_strength": 0.1,
            },
        ],
    }


def changed(path: str, value: Any) -> dict[str, Any]:
    """The answer with another value at a path such as "scenes.1.prompt"."""
    answer = directed()
    part: Any = answer
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in way:
        part = part[key]
    part[last] = value
    return answer


def bare() -> dict[str, Any]:
    keys = ("prompt", "background", "entities")
    return {"scenes": [{key: scene[key] for key in keys} for scene in directed()["scenes"]]}


def test_the_director_is_the_default_and_says_everything_at_once() -> None:
    model = Model(directed())
    plan = plan_with(model, DEFAULT_STYLE, seed=41, fps=12, frames=16, width=640, height=384)
    assert len(model.asked) == 1
    assert (plan.fps, plan.width, plan.height) == (12, 640, 384)
    assert plan.prompt == "A dog chases a ball, then sleeps."
    assert plan.entities == [
        Entity(
            id="brown-dog", name="brown dog", kind="foreground", description="a small brown dog"
        ),
        Entity(id="ball", name="ball", kind="foreground", description="a red rubber ball"),
        Entity(id="meadow", name="meadow", kind="background", description="a green meadow"),
    ]
    first, second = plan.scenes
    assert (first.id, first.seed, second.id, second.seed) == ("scene-1", 41, "scene-2", 42)
    assert first.prompt == "A small brown dog chases a red ball over a meadow."
    assert (first.background, first.entities) == ("meadow", ["brown-dog", "ball"])
    assert first.camera == Camera(direction="right", speed="fast")
    assert [keyframe.frame for keyframe in first.layout] == [0, 15]
    assert first.layout[1].boxes == {
        "brown-dog": (0.5, 0.5, 0.7, 0.8),
        "ball": (0.8, 0.7, 0.9, 0.8),
    }
    assert (first.layout_strength, second.layout_strength) == (0.25, 0.1)
    assert (first.action, second.action) == ({}, {"training dog": 1.0})
    assert second.camera == Camera()


def test_scenes_asks_for_scenes_cameras_and_what_comes_again() -> None:
    cameras = [
        {"camera_direction": "moving left", "camera_speed": "Slow"},
        {"camera_direction": "forward", "camera_speed": "fast"},
    ]
    dog, meadow = "A small dog with brown, wavy fur.", "A green meadow under a clear sky."
    model = Model(bare(), {"cameras": cameras}, "fur, size", dog, "grass, light", f'"{meadow}"')
    plan = plan_with(model, "scenes", seed=0)
    assert [scene.camera for scene in plan.scenes] == [
        Camera(direction="left", speed="slow"),
        Camera(direction="zoom_in", speed="fast"),
    ]
    described = {entity.id: entity.description for entity in plan.entities}
    assert described == {"brown-dog": dog, "ball": "", "meadow": meadow}
    assert "Which aspects matter when 'brown dog'" in model.asked[2]
    assert "A dog chases a ball, then sleeps." in model.asked[3]
    assert [schema is None for schema in model.schemas] == [False, False, True, True, True, True]
    assert all(scene.seed is None and scene.layout == [] for scene in plan.scenes)


def test_a_camera_that_may_not_move_is_not_asked_for() -> None:
    model = Model(bare(), "fur", "A dog.", "grass", "A meadow.")
    plan = plan_with(model, "scenes", camera=False)
    assert [scene.camera for scene in plan.scenes] == [Camera(), Camera()]
    directed_plan = plan_with(Model(directed()), camera=False)
    assert [scene.camera for scene in directed_plan.scenes] == [Camera(), Camera()]


def test_layout_asks_for_the_boxes_of_each_scene() -> None:
    layouts = [
        {key: scene[key] for key in ("reasoning", "boxes", "layout_strength")}
        for scene in directed()["scenes"]
    ]
    model = Model(bare(), *layouts)
    plan = plan_with(model, "layout", frames=16)
    assert "Entities: brown dog, ball\nBackground: meadow" in model.asked[1]
    reference = plan_with(Model(directed()))
    assert [s.layout for s in plan.scenes] == [s.layout for s in reference.scenes]
    assert [s.layout_strength for s in plan.scenes] == [0.25, 0.1]
    assert plan.scenes[0].background == plan.scenes[1].background == "meadow"


def test_layout_does_not_ask_for_a_scene_without_entities() -> None:
    model = Model({"scenes": [{"prompt": "An empty sea.", "background": "sea", "entities": []}]})
    assert plan_with(model, "layout").scenes[0].layout == []


def test_frames_describes_every_frame() -> None:
    frames = [f"A dog, step {number}." for number in range(4)]
    model = Model({"summary": "A dog runs.", "frames": frames})
    plan = plan_with(model, "frames", frames=4, fps=2, seed=3)
    (scene,) = plan.scenes
    assert (scene.prompt, scene.frames, scene.seed) == ("A dog runs.", 4, 3)
    assert scene.frame_prompts == frames
    assert "exactly 4, at 2 per second" in model.asked[0]


def test_frames_are_counted() -> None:
    short = {"summary": "A dog runs.", "frames": ["one", "two"]}
    good = {"summary": "A dog runs.", "frames": ["one", "two", "three"]}
    model = Model(short, good)
    assert plan_with(model, "frames", frames=3).scenes[0].frames == 3
    assert "frames: 2 descriptions came where 3 are needed" in model.asked[1]


def test_frames_refuses_more_than_one_scene_before_asking() -> None:
    with pytest.raises(PlanError, match="scenes: the style 'frames' writes one scene, not 3"):
        plan_with(Model(), "frames", scenes=3)


def test_unknown_styles_and_impossible_requests_are_refused_before_asking() -> None:
    with pytest.raises(ValueError, match="no 'opera'; use one of director, scenes"):
        plan_with(Model(), "opera")
    for wrong, message in [
        ({"width": 500}, "width: 500 is not a multiple of 8"),
        ({"frames": 5000}, r"scenes\[0\].frames: 5000 is too large"),
        ({"scenes": -1}, "scenes: -1 is not possible"),
    ]:
        for style in STYLES:
            with pytest.raises(PlanError, match=message):
                plan_with(Model(), style, **wrong)


PROBLEMS = [
    (
        "scenes.0.camera_direction",
        "sideways",
        "scenes[0].camera_direction: 'sideways' is not known",
    ),
    ("scenes.1.camera_speed", "warp", "scenes[1].camera_speed: 'warp' is not known; use 'slow'"),
    ("scenes.1.prompt", " ", "scenes[1].prompt: is empty"),
    ("scenes.0.entities", ["brown dog", "bal"], "scenes[0].entities[1]: there is no entity 'bal'"),
    ("scenes.0.background", "beach", "scenes[0].background: 'beach' is not known; add it to"),
    ("scenes.0.boxes.1.entity", "cat", "scenes[0].boxes[1].entity: there is no entity 'cat'"),
    ("scenes.0.boxes.1.frame", 16, "scenes[0].boxes[1].frame: 16 is after the last frame 15"),
    ("scenes.0.boxes.1.box", [0.4, 0.7, 0.5], "scenes[0].boxes[1].box: has 3 items"),
    ("scenes.0.boxes.1.box", [200, 100, 300, 150], "scenes[0].boxes[1].box: [200.0, 100.0, 300.0"),
    ("scenes.0.boxes.1.box", [0.7, 0.5, 0.2, 0.3], "not width and height"),
    ("scenes.0.boxes.1.box", ["a", 0, 1, 1], "scenes[0].boxes[1].box[0]: "),
    ("scenes.0.boxes.2.frame", 0, "scenes[0].boxes[2]: 'brown dog' has another box at frame 0"),
    ("scenes.1.layout_strength", 3, "scenes[1].layout_strength: 3 is too large"),
    ("entities.1.name", "Brown dog", "entities[1].name: 'Brown dog' is described before"),
    ("scenes", [], "scenes: has 0 items; give at least 1"),
    ("scenes", "none", "scenes: expected a list, got 'none'"),
]


@pytest.mark.parametrize(("path", "value", "told"), PROBLEMS, ids=lambda part: str(part)[:40])
def test_what_is_wrong_is_told_and_put_right(path: str, value: Any, told: str) -> None:
    wrong = changed(path, value)
    with pytest.raises(AnswerError) as caught:
        plan_with(Model(wrong), tries=1)
    assert any(told in problem for problem in caught.value.problems)
    part = (
        {**directed(), "scenes": [directed()["scenes"][int(path.split(".")[1])]]}
        if (path.startswith("scenes."))
        else directed()
    )
    model = Model(wrong, part)
    assert plan_with(model) == plan_with(Model(directed()))
    assert told in model.asked[1]


def test_no_object_at_all_is_told() -> None:
    model = Model("I cannot help with that.", "42", directed())
    assert plan_with(model) == plan_with(Model(directed()))


def test_harmless_slips_are_no_problem() -> None:
    answer = directed()
    answer["comment"] = "here you are"
    first, second = answer["scenes"]
    first["entities"] = "The Brown Dog, BALL"
    first["boxes"][0] = {**row(0, "Brown dog", 0.1, 0.5, 0.3, 0.8), "frame": "0", "note": 1}
    first["boxes"][1]["box"] = ["0.4", "0.7", "0.5", "0.8"]
    first["camera_direction"] = "Right"
    second["action"] = None
    second["background"] = "the meadow"
    second["entities"] = []  # its box says that the dog is there
    second["camera_direction"] = None
    del second["layout_strength"]
    wanted = directed()
    wanted["scenes"][1] |= {"action": "", "layout_strength": 0.3}
    assert plan_with(Model(answer)) == plan_with(Model(wanted))
    fenced = f"<think>hm, {{}}</think>Here:\n```json\n{json.dumps(directed())}\n```\nEnjoy!"
    assert plan_with(Model(fenced)) == plan_with(Model(directed()))


def test_boxes_over_the_edge_are_cut_off() -> None:
    answer = changed("scenes.0.boxes.3.box", [0.8, 0.7, 1.1, 0.8])
    assert plan_with(Model(answer)).scenes[0].layout[1].boxes["ball"] == (0.8, 0.7, 1.0, 0.8)
    gone = changed("scenes.0.boxes.3.box", [1.0, 0.7, 1.2, 0.8])
    assert list(plan_with(Model(gone)).scenes[0].layout[1].boxes) == ["brown-dog"]


def test_unknown_actions_and_unseen_entities_are_left_out() -> None:
    answer = changed("scenes.1.action", "sleeping like a dog")
    answer["entities"].append({"name": "cat", "description": "a cat"})
    plan = plan_with(Model(answer))
    assert plan.scenes[1].action == {}
    assert plan == plan_with(Model(changed("scenes.1.action", "")))


def test_a_background_may_have_a_box_and_a_thing_the_name_of_a_place() -> None:
    answer = directed()
    answer["scenes"][0]["boxes"].append(row(0, "meadow", 0, 0, 1, 1))
    answer["scenes"][0]["entities"].append("meadow")
    plan = plan_with(Model(answer))
    assert plan.scenes[0].layout[0].boxes["meadow"] == (0, 0, 1, 1)
    assert plan.scenes[0].entities == ["brown-dog", "ball"]
    answer["entities"].append({"name": "meadow", "description": "a painting of a meadow"})
    twice = plan_with(Model(answer))
    assert {entity.id for entity in twice.entities} >= {"meadow", "meadow-2"}


def test_only_the_broken_scene_is_asked_again() -> None:
    wrong = changed("scenes.1.camera_direction", "sideways")
    wrong["scenes"][0]["prompt"] = "This good one stays."
    new = copy.deepcopy(directed()["scenes"][1])
    new["entities"] = ["brown dog", "blanket"]
    part = {
        "entities": [
            {"name": "blanket", "description": "a grey blanket"},
            {"name": "ball", "description": "another ball"},
        ],
        "backgrounds": [],
        "scenes": [new],
    }
    model = Model(wrong, part)
    plan = plan_with(model)
    assert "Write only scenes[1] anew" in model.asked[1]
    assert model.schemas[0] == model.schemas[1]
    assert plan.scenes[0].prompt == "This good one stays."
    assert plan.scenes[1].entities == ["brown-dog", "blanket"]
    described = {entity.name: entity.description for entity in plan.entities}
    assert (described["ball"], described["blanket"]) == ("a red rubber ball", "a grey blanket")


def test_problems_of_a_part_are_told_by_their_place_in_it() -> None:
    wrong = changed("scenes.1.camera_direction", "sideways")
    still = {"scenes": [{**directed()["scenes"][1], "camera_speed": "warp"}]}
    none = {"scenes": []}
    model = Model(wrong, still, none)
    with pytest.raises(AnswerError, match="scenes: 0 came where 1 are needed"):
        plan_with(model)
    assert "- scenes[0].camera_speed: 'warp' is not known" in model.asked[2]
    last = Model(wrong, still, directed()["scenes"][1:])
    assert plan_with(last) == plan_with(Model(directed()))


def test_a_whole_new_answer_is_asked_for_where_all_scenes_are_broken() -> None:
    wrong = changed("scenes.1.prompt", "")
    wrong["scenes"][0]["prompt"] = ""
    model = Model(wrong, directed())
    assert len(plan_with(model).scenes) == 2
    assert "Answer again in full" in model.asked[1]


@pytest.mark.parametrize("style", ["director", "scenes", "layout"])
def test_the_number_of_scenes_is_kept_or_asked_again(style: str) -> None:
    whole = directed() if style == "director" else bare()
    third = {**whole["scenes"][1], "prompt": "A small brown dog wakes up on a meadow."}
    more = {**whole, "scenes": [*whole["scenes"], third]}
    layouts = [{"boxes": [], "layout_strength": 0.2}] * 3 if style == "layout" else []
    texts = ["fur", "A dog.", "grass", "A meadow."] if style == "scenes" else []
    model = Model(whole, more, *layouts, *texts)
    plan = plan_with(model, style, scenes=3, camera=False)
    assert len(plan.scenes) == 3
    assert "Scenes: exactly 3" in model.asked[0]
    assert "scenes: 2 came where 3 are needed" in model.asked[1]


def test_no_more_than_twelve_scenes_where_the_model_decides() -> None:
    many = {**directed(), "scenes": directed()["scenes"] * 7}
    with pytest.raises(AnswerError, match="scenes: 14 are too many; .* in at most 12"):
        plan_with(Model(many), tries=1)
    assert len(plan_with(Model(many), scenes=14).scenes) == 14


def test_cameras_are_counted() -> None:
    one = {"cameras": [{"camera_direction": "left", "camera_speed": "slow"}]}
    two = one["cameras"] * 2  # a list without the object around it
    texts = ["fur", "A dog.", "grass", "A meadow."]
    model = Model(bare(), one, two, *texts)
    assert plan_with(model, "scenes").scenes[1].camera.direction == "left"
    assert "cameras: 1 came where 2 are needed" in model.asked[2]


def test_prompts_in_other_languages_are_kept_and_planned_in_english() -> None:
    prompt = "Çağla'nın köpeği bir topu kovalıyor. 犬が眠る。"
    answer = directed()
    answer["entities"][0]["name"] = "Çağla's dog"
    for scene in answer["scenes"]:
        scene["entities"] = ["Çağla's dog", *scene["entities"][1:]]
        for box in scene["boxes"]:
            box["entity"] = box["entity"].replace("brown dog", "Çağla's dog")
    model = Model(answer)
    plan = plan_with(model, prompt=prompt)
    assert f"Prompt: {prompt}" in model.asked[0]
    assert plan.prompt == prompt
    assert plan.entities[0].id == "caglas-dog"


def test_tone_hints_and_a_still_camera_are_told() -> None:
    wishes = {"tone": "gloomy", "hints": "cannot paint hands", "camera": False}
    model = Model(directed())
    plan_with(model, **wishes, height=768)
    for told in ("Tone: gloomy", "cannot paint hands", "Camera: stands still", "as high as wide"):
        assert told in model.asked[0]


def test_an_entity_goes_its_own_way_between_the_rows_of_others() -> None:
    answer = directed()
    answer["scenes"][0]["boxes"] = [
        row(0, "brown dog", 0.0, 0.5, 0.2, 0.8),
        row(10, "brown dog", 0.5, 0.5, 0.7, 0.8),
        row(4, "ball", 0.4, 0.7, 0.5, 0.8),
        row(8, "meadow", 0, 0, 1, 1),
        row(15, "meadow", 0, 0, 1, 0.9),
    ]
    layout = plan_with(Model(answer)).scenes[0].layout
    seen = {keyframe.frame: sorted(keyframe.boxes) for keyframe in layout}
    assert seen == {
        0: ["brown-dog"],
        4: ["ball", "brown-dog"],
        8: ["ball", "brown-dog", "meadow"],
        10: ["ball", "brown-dog", "meadow"],
        11: ["ball", "meadow"],
        15: ["ball", "meadow"],
    }
    assert layout[1].boxes["brown-dog"] == (0.2, 0.5, 0.4, 0.8)


GOOD = "A tall man with blue hair and a grey coat - worn open - and 2 rings."


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f'"{GOOD}"',
        f"Description: {GOOD}",
        f"**Description:** {GOOD}",
        f"<think>x</think>{GOOD}",
        f"Sure! Here is the description:\n\n{GOOD}",
    ],
)
def test_descriptions_are_freed_of_what_stands_around(answer: str) -> None:
    assert read_description(answer) == GOOD


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (" \n", "is empty"),
        ("- tall\n- blue hair", "this is a list"),
        ("Here it is:\n1. tall\n2. blue hair", "this is a list"),
        ('{"description": "tall"}', "this is a list"),
        ("He is tall.\n\nHis hair is blue.", "several paragraphs"),
        ("tall " * 200, "letters are more than 700"),
    ],
)
def test_descriptions_of_another_form_are_asked_again(answer: str, told: str) -> None:
    with pytest.raises(PlanError, match=told):
        read_description(answer)
    model = Model(bare(), "", "fur", answer, GOOD, "grass", "A meadow.")
    plan = plan_with(model, "scenes", camera=False)
    assert plan.entities[0].description == GOOD
    assert told in model.asked[4]


def test_a_dull_answer_to_one_question_is_not_taken_for_another() -> None:
    with pytest.raises(AnswerError, match="scenes: is missing; add it"):
        plan_with(Model({"cameras": []}), "scenes", tries=1)
    with pytest.raises(AnswerError, match="frames: expected a list"):
        plan_with(Model({"summary": "A dog.", "frames": "a dog"}), "frames", tries=1)


JUNK = [None, True, -1, 1e308, float("nan"), "", "x" * 3000, "\ud800", [], {}, [[]], 10**30, "16"]


def _places(part: Any, way: tuple[Any, ...] = ()) -> Any:
    inner = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in inner:
        yield (*way, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*way, key))


@pytest.mark.parametrize("place", list(_places(directed())), ids=str)
def test_whatever_stands_in_an_answer_it_is_a_plan_or_a_named_problem(
    place: tuple[Any, ...],
) -> None:
    for junk in JUNK:
        answer: Any = directed()
        part = answer
        for key in place[:-1]:
            part = part[key]
        part[place[-1]] = junk
        problems: list[str] = []
        try:
            plan_with(Model(json.dumps(answer)), tries=1)
        except AnswerError as error:
            problems = error.problems
        assert all(re.match(r"(answer|entities|backgrounds|scenes)\S*: .", p) for p in problems)
