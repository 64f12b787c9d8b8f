"""Doubling the frame rate of a plan."""

import pytest
from video_director.planning import plan_io
from video_director.planning.frame_rate import (
    answered,
    double_frame_rate,
    prompt_between,
    question,
)
from video_director.planning.layout import boxes_at
from video_director.planning.offline import plan_video
from video_director.planning.schema import Camera, CameraPose, PlanError, Scene, VideoPlan


def moving_plan() -> VideoPlan:
    return plan_video("A red ball rolls from the left to the right. Then a star waits.", seed=5)


def test_frames_and_rate_are_doubled_and_the_rest_stays() -> None:
    plan = moving_plan()
    doubled = double_frame_rate(plan)
    assert doubled.fps == 2 * plan.fps
    for before, after in zip(plan.scenes, doubled.scenes, strict=True):
        assert after.frames == 2 * before.frames
        changed = {"frames", "frame_prompts", "layout"}
        assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
    assert plan == moving_plan()
    assert plan_io.loads(plan_io.dumps(doubled)) == doubled


def test_a_camera_goes_as_far_in_twice_the_frames() -> None:
    plan = moving_plan()
    moving = Camera(direction="left", speed="fast")
    own = Camera(path=[CameraPose(frame=0), CameraPose(frame=3, zoom=2.0)])
    cameras = (moving, own)
    scenes = [
        scene.model_copy(update={"camera": camera})
        for scene, camera in zip(plan.scenes, cameras, strict=True)
    ]
    doubled = double_frame_rate(plan.model_copy(update={"scenes": scenes}))
    assert doubled.scenes[0].camera == moving.model_copy(update={"strength": 0.5})
    assert [pose.frame for pose in doubled.scenes[1].camera.path] == [0, 6]
    assert double_frame_rate(doubled).scenes[0].camera.strength == 0.25
    assert plan_io.loads(plan_io.dumps(doubled)) == doubled


def test_old_frames_keep_their_boxes_and_new_ones_lie_between() -> None:
    before = moving_plan().scenes[0]
    after = double_frame_rate(moving_plan()).scenes[0]
    for frame in range(before.frames):
        wanted = boxes_at(before, frame)
        for entity, box in boxes_at(after, 2 * frame).items():
            assert box == pytest.approx(wanted.pop(entity))
        assert not wanted
    left, right = (boxes_at(before, frame)["red-ball"][0] for frame in (2, 3))
    assert left < boxes_at(after, 5)["red-ball"][0] < right
    assert boxes_at(after, after.frames - 1) == boxes_at(before, before.frames - 1)


def with_prompts(*prompts: str) -> VideoPlan:
    scene = Scene(id="a", prompt="all", frames=len(prompts), frame_prompts=list(prompts))
    return VideoPlan(version=1, prompt="p", fps=4, width=64, height=64, scenes=[scene])


def test_prompts_of_new_frames_are_in_their_neighbours_words() -> None:
    plan = with_prompts("a ball on the left", "a ball in the middle", "a ball in the middle")
    prompts = double_frame_rate(plan).scenes[0].frame_prompts
    assert prompts == [
        "a ball on the left",
        "a ball on the left and in the middle",
        "a ball in the middle",
        "a ball in the middle",
        "a ball in the middle",
        "a ball in the middle",
    ]


@pytest.mark.parametrize(
    ("earlier", "later", "between"),
    [
        ("a red car at night", "a blue car at night", "a red and blue car at night"),
        ("a dog", "a dog and a cat", "a dog and a cat"),
        ("a dog and a cat", "a dog", "a dog and a cat"),
        ("", "a dog", "a dog"),
    ],
)
def test_prompt_between(earlier: str, later: str, between: str) -> None:
    assert prompt_between(earlier, later) == between


def test_it_can_be_repeated_until_a_limit_which_is_named() -> None:
    plan = double_frame_rate(double_frame_rate(with_prompts("a", "b")))
    assert (plan.fps, plan.scenes[0].frames) == (16, 8)
    with pytest.raises(PlanError, match="fps: 64 frames per second cannot be doubled"):
        double_frame_rate(double_frame_rate(double_frame_rate(plan)))
    long = with_prompts(*["a"] * 600)
    with pytest.raises(PlanError, match=r"scenes\[0\]\.frames: 600 frames cannot be doubled"):
        double_frame_rate(long)


def test_a_language_model_is_asked_for_every_new_frame() -> None:
    asked = question(with_prompts("a ball falls", "a ball lies"))
    assert "1. between 'a ball falls' and 'a ball lies'" in asked
    assert "2. between 'a ball lies' and 'a ball lies'" in asked
    assert "Answer with 2 lines" in asked
    assert question(with_prompts("a").model_copy(update={"scenes": [plain_scene()]})) == ""


def plain_scene() -> Scene:
    return Scene(id="a", prompt="all", frames=3)


@pytest.mark.parametrize(
    "answer",
    [
        "1. a ball touches the ground\n2. a ball rests",
        "Sure!\n\n1) a ball touches the ground\n2) a ball rests\nHave fun.",
        "- Frame 2: a ball rests\n- Frame 1: a ball touches the ground",
    ],
)
def test_its_answer_becomes_the_prompts_of_the_new_frames(answer: str) -> None:
    plan = with_prompts("a ball falls", "a ball lies")
    doubled = double_frame_rate(plan, answered(plan, answer))
    assert doubled.scenes[0].frame_prompts == [
        "a ball falls",
        "a ball touches the ground",
        "a ball lies",
        "a ball rests",
    ]


def test_answers_that_leave_frames_out_are_named() -> None:
    plan = with_prompts("a", "b", "c")
    with pytest.raises(PlanError, match=r"3 new frames need one line each, and 2 have none \(numb"):
        answered(plan, "2. between\n9. beyond")
    with pytest.raises(ValueError, match="1 prompts were given for 3 new frames"):
        double_frame_rate(plan, ["only one"])
