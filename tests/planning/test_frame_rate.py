"""Doubling the frame rate of a plan."""

import pytest
from video_director.planning import plan_io
from video_director.planning.frame_rate import double_frame_rate, prompt_between
from video_director.planning.layout import boxes_at
from video_director.planning.offline import plan_video
from video_director.planning.schema import PlanError, Scene, VideoPlan


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
