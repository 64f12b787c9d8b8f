"""What the offline planner understands, one idea at a time."""

import logging

import pytest
from video_director.planning import plan_io
from video_director.planning.offline import plan_video
from video_director.planning.schema import PlanError, VideoPlan


def shown(plan: VideoPlan) -> list[list[str]]:
    """The names of each scene's entities, in order."""
    names = {entity.id: entity.name for entity in plan.entities}
    return [[names[entity] for entity in scene.entities] for scene in plan.scenes]


def places(plan: VideoPlan) -> list[str | None]:
    names = {entity.id: entity.name for entity in plan.entities}
    return [names.get(scene.background or "") for scene in plan.scenes]


@pytest.mark.parametrize(
    ("prompt", "scenes"),
    [
        ("A dog barks. A cat sleeps.", 2),
        ("A dog barks. Then the dog sleeps. Finally, the dog eats.", 3),
        ("1. A dog barks\n2. A cat sleeps\n3. A bird sings", 3),
        ("Scene 1: A dog barks. The dog is brown. Scene 2: A cat sleeps.", 2),
        ("- a dog barks\n- a cat sleeps", 2),
        ("A dog barks -> a cat sleeps -> a bird sings", 3),
        ("A dog runs in a park, then a cat sleeps in a kitchen.", 2),
        ("First the ball is on the left, then it is on the right.", 1),
        ("A car drives to the left and then to the right.", 1),
        ("A video of a scene in which a dog barks. It runs away. Then it returns.", 1),
        ("Mr. Smith meets Dr. Brown at 3.30 p.m.", 1),
        ("A dog runs on a beach. The camera pans left.", 1),
        ("A dog runs on a beach. Cartoon style, bright colors.", 1),
        ("Cut to a beach. The scene changes to a forest.", 2),
    ],
)
def test_scenes(prompt: str, scenes: int) -> None:
    assert len(plan_video(prompt).scenes) == scenes


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A red ball rolls. Then the ball meets a star.", [["red ball"], ["red ball", "star"]]),
        ("A woman sees a dog. She smiles. It barks.", [["woman", "dog"], ["woman"], ["dog"]]),
        ("A dog and a cat play. They sleep.", [["dog", "cat"], ["dog", "cat"]]),
        ("A dog barks. Another dog arrives.", [["dog"], ["dog"]]),
        ("Three stars shine. The stars fall.", [["star"] * 3, ["star"] * 3]),
        ("A fire truck stops.", [["fire truck"]]),
        ("A man with a red hat waves.", [["man"]]),
        ("A red ball with a yellow band rolls.", [["red ball"]]),
        ("A cat with a ball plays.", [["cat", "ball"]]),
        ("A glass of wine stands on a table.", [["glass of wine", "table"]]),
        ("Five birds and two cats", [["bird"] * 5 + ["cat"] * 2]),
        ("Two cats, one black and one white, sleep.", [["black cat", "white cat"]]),
        ("Emma bakes a cake. Emma eats it.", [["Emma", "cake"], ["Emma", "cake"]]),
        ("A black and white cow stands in a field.", [["black white cow"]]),
        ("There are no people in the street.", [[]]),
        ("A cat chases a mouse, then catches it.", [["cat", "mouse"], ["cat", "mouse"]]),
    ],
)
def test_entities(prompt: str, expected: list[list[str]]) -> None:
    assert shown(plan_video(prompt)) == expected


def test_a_marking_stays_with_its_thing_through_the_scenes() -> None:
    plan = plan_video("A red ball with a yellow band rolls. Then the red ball meets a blue star.")
    assert [entity.description for entity in plan.entities if entity.kind == "foreground"] == [
        "a red ball with a yellow band",
        "a blue star",
    ]
    for scene in plan.scenes:
        assert "a red ball with a yellow band" in scene.prompt.lower()


def test_one_name_has_one_id_over_all_scenes() -> None:
    plan = plan_video("A corgi wakes up. The corgi runs. Later the corgi meets another corgi.")
    assert [scene.entities for scene in plan.scenes] == [
        ["corgi"],
        ["corgi"],
        ["corgi", "corgi-2"],
    ]


def test_several_of_a_kind_have_an_id_each_and_one_name() -> None:
    plan = plan_video("three stars")
    assert [(e.id, e.name, e.description) for e in plan.entities] == [
        ("star-1", "star", "a star"),
        ("star-2", "star", "a star"),
        ("star-3", "star", "a star"),
    ]


def test_description_is_the_full_noun_phrase() -> None:
    plan = plan_video("An old man with a red hat holds a big blue balloon.")
    assert [e.description for e in plan.entities] == [
        "an old man with a red hat",
        "a big blue balloon",
    ]


def test_the_place_is_kept_until_another_is_named() -> None:
    plan = plan_video(
        "A dog runs in a park. The dog barks. A cat sleeps in a dark kitchen at night."
    )
    assert places(plan) == ["park", "park", "dark kitchen at night"]
    assert "in a park" in plan.scenes[1].prompt


def test_a_place_that_comes_back_is_the_same_background() -> None:
    plan = plan_video("A dog runs in a park. A dog sleeps in a kitchen. A dog barks in the park.")
    assert plan.scenes[0].background == plan.scenes[2].background != plan.scenes[1].background


def test_prompts_are_understood_alone() -> None:
    plan = plan_video("A red ball rolls across a meadow. Then it meets a blue star by the sea.")
    assert plan.scenes[1].prompt == "A red ball meets a blue star by the sea"


@pytest.mark.parametrize(
    ("prompt", "understood"),
    [
        ("A tree stands in a field with a fox next to it.", "a fox next to the tree"),
        ("A horse has a dog behind it.", "a dog behind the horse"),
        ("A man walks with a dog beside him.", "a dog beside the man"),
        ("A woman sits on a bench with a cat on it.", "a cat on the bench"),
    ],
)
def test_a_pronoun_beside_a_thing_is_not_that_thing(prompt: str, understood: str) -> None:
    assert understood in plan_video(prompt).scenes[0].prompt


def test_a_place_wears_nothing() -> None:
    assert shown(plan_video("A puddle with a carrot and a hat.")) == [["carrot", "hat"]]


@pytest.mark.parametrize(
    ("prompt", "direction", "speed"),
    [
        ("A dog on a beach. The camera pans left.", "left", "medium"),
        ("A dog on a beach, the camera zooms in slowly", "zoom_in", "slow"),
        ("A quick pan to the right over a beach", "right", "fast"),
        ("Zoom out to reveal a castle", "zoom_out", "medium"),
        ("Tracking shot to the right of a dog on a beach", "right", "medium"),
        ("A tower. The camera slowly tilts up.", "up", "slow"),
        ("A tower. Dolly in.", "zoom_in", "medium"),
        ("The camera moves forward through a forest", "zoom_in", "medium"),
        ("Static shot of a tower", "static", "medium"),
        ("A truck to the left of a house", "static", "medium"),
        ("A boy zooms down a hill", "static", "medium"),
    ],
)
def test_camera(prompt: str, direction: str, speed: str) -> None:
    plan = plan_video(prompt)
    assert (plan.scenes[0].camera.direction, plan.scenes[0].camera.speed) == (direction, speed)
    assert not any("camera" in entity.name or "pan" in entity.name for entity in plan.entities)


def test_frame_prompts_say_what_each_frame_shows() -> None:
    scene = plan_video("A red ball rolls from left to right.").scenes[0]
    assert scene.frame_prompts is not None
    assert len(scene.frame_prompts) == scene.frames
    assert scene.frame_prompts[0] == "a red ball on the left"
    assert scene.frame_prompts[-1] == "a red ball on the right"
    assert plan_video("A red ball.").scenes[0].frame_prompts is None


def test_a_kinetics_action_is_named_where_the_words_are_its_label() -> None:
    assert plan_video("A man is juggling balls.").scenes[0].action == {"juggling balls": 1.0}
    assert plan_video("A ball lies there.").scenes[0].action == {}


@pytest.mark.parametrize(
    "prompt",
    [
        "🙂🙂🙂",
        "?!...",
        "un chat noir marche dans la rue",
        "猫が走る",
        "def main():\n    return {'a': 1}\n",
        "the of and",
        "quickly",
        "x",
        "\ud800 lone",
        "1. 2. 3.",
        "Scene 1: Scene 2:",
        "then then then",
    ],
)
def test_a_prompt_it_can_make_nothing_of_still_gives_a_plan(prompt: str) -> None:
    plan = plan_video(prompt)
    assert len(plan.scenes) >= 1
    assert plan_io.loads(plan_io.dumps(plan)) == plan


def test_other_languages_get_no_guessed_entities() -> None:
    plan = plan_video("un chat noir marche dans la rue")
    assert (len(plan.scenes), plan.entities) == (1, [])


@pytest.mark.parametrize("prompt", ["", "  \n\t "])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(PlanError, match="say what the video shows"):
        plan_video(prompt)


def test_too_many_scenes_are_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        plan = plan_video("A dog barks. " * 30, max_scenes=4)
    assert len(plan.scenes) == 4
    assert "30 scenes" in caplog.text


def test_long_prompts_are_read() -> None:
    plan = plan_video("A dog runs in a park. " * 2000)
    assert len(plan.scenes) == 12


def test_the_same_prompt_gives_the_same_plan() -> None:
    prompt = "Two dogs chase a cat through a garden. Then they sleep next to a tree."
    assert plan_io.dumps(plan_video(prompt)) == plan_io.dumps(plan_video(prompt))


def test_seed_zero_leaves_the_noise_to_the_renderer() -> None:
    assert [scene.seed for scene in plan_video("A dog. A cat.").scenes] == [None, None]


def test_seeds_count_up_from_the_given_one() -> None:
    assert [scene.seed for scene in plan_video("A dog. A cat. A cow.", seed=7).scenes] == [7, 8, 9]
