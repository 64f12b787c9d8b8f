"""The boxes of the offline planner: relations, motion, time, size, and room for everything."""

import pytest
from video_director.planning.layout import interpolate
from video_director.planning.offline import plan_video
from video_director.planning.schema import Box, Scene


def first(prompt: str, **options: int) -> Scene:
    plan = plan_video(prompt, **options)
    assert len(plan.scenes) == 1
    return plan.scenes[0]


def centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def common(a: Box, b: Box) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


NOUNS = [("dog", "car"), ("child", "house"), ("kite", "bird"), ("lamp", "teapot")]


@pytest.mark.parametrize(("a", "b"), NOUNS)
@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("to the left of", lambda a, b: a[2] <= b[0]),
        ("right of", lambda a, b: a[0] >= b[2]),
        ("above", lambda a, b: a[3] <= b[1]),
        ("below", lambda a, b: a[1] >= b[3]),
        ("under", lambda a, b: a[1] >= b[3]),
        (
            "next to",
            lambda a, b: common(a, b) == 0 and min(abs(a[0] - b[2]), abs(a[2] - b[0])) < 0.2,
        ),
        ("on top of", lambda a, b: abs(a[3] - b[1]) < 0.05 and b[0] < centre(a)[0] < b[2]),
        ("inside", lambda a, b: common(a, b) > 0.75 * area(a)),
        ("in front of", lambda a, b: a[3] > b[3]),
        ("behind", lambda a, b: a[3] < b[3]),
    ],
)
def test_relations(words: str, holds, a: str, b: str) -> None:
    if words == "inside":  # a child inside a house is in a place, not in a box
        b = "basket"
    boxes = interpolate(first(f"A {a} is {words} a {b}."))[0]
    assert holds(boxes[a], boxes[b]), boxes


def test_between() -> None:
    boxes = interpolate(first("A star stands between a red ball and a blue box."))[0]
    xs = sorted([centre(boxes["red-ball"])[0], centre(boxes["blue-box"])[0]])
    assert xs[0] < centre(boxes["star"])[0] < xs[1]
    assert common(boxes["star"], boxes["red-ball"]) == 0 == common(boxes["star"], boxes["blue-box"])


@pytest.mark.parametrize(
    ("words", "x", "y"),
    [
        ("on the left", (0, 0.4), (0, 1)),
        ("on the right side", (0.6, 1), (0, 1)),
        ("at the top", (0, 1), (0, 0.4)),
        ("at the bottom of the screen", (0, 1), (0.6, 1)),
        ("in the upper left corner", (0, 0.4), (0, 0.4)),
        ("in the bottom-right corner", (0.6, 1), (0.6, 1)),
        ("in the center", (0.45, 0.55), (0.45, 0.55)),
        ("in the left half of the picture", (0, 0.5), (0, 1)),
    ],
)
def test_places_in_the_frame(words: str, x: tuple, y: tuple) -> None:
    box = interpolate(first(f"A ball is {words}."))[0]["ball"]
    assert x[0] <= centre(box)[0] <= x[1], box
    assert y[0] <= centre(box)[1] <= y[1], box


@pytest.mark.parametrize(
    ("prompt", "dx", "dy"),
    [
        ("A car drives from left to right.", 1, 0),
        ("A car drives from the right to the left.", -1, 0),
        ("A car drives to the left.", -1, 0),
        ("A car comes from the left.", 1, 0),
        ("A ball rolls across a meadow.", 1, 0),
        ("A balloon rises.", 0, 1),
        ("An apple falls.", 0, -1),
        ("A ball bounces from the top to the bottom of the screen.", 0, -1),
        ("A plane takes off.", 0, 1),
        ("A bird flies from the lower left to the upper right.", 1, 1),
    ],
)
def test_motion(prompt: str, dx: int, dy: int) -> None:
    boxes = interpolate(first(prompt))
    (start,), (end,) = boxes[0].values(), boxes[-1].values()
    moved = centre(end)[0] - centre(start)[0], centre(start)[1] - centre(end)[1]
    for distance, asked in zip(moved, (dx, dy), strict=True):
        assert distance * asked > 0.2 if asked else abs(distance) < 0.05


def test_a_sequence_of_places_is_visited_in_order() -> None:
    boxes = interpolate(
        first(
            "A ball starts at the upper left, moves to the lower left and ends at the lower right."
        )
    )
    points = [centre(frame["ball"]) for frame in boxes]
    assert points[0] == pytest.approx((0.22, 0.22))
    assert (0.22, 0.78) in [(round(x, 2), round(y, 2)) for x, y in points]
    assert points[-1] == pytest.approx((0.78, 0.78))


@pytest.mark.parametrize(
    ("prompt", "seen"),
    [
        ("A dog appears only in the second half of the video.", [0, 0, 0, 0, 1, 1, 1, 1]),
        ("A dog that is only visible in the first half", [1, 1, 1, 1, 0, 0, 0, 0]),
        ("A dog does not appear until the second half of the clip.", [0, 0, 0, 0, 1, 1, 1, 1]),
        ("A dog vanishes halfway through the video.", [1, 1, 1, 1, 0, 0, 0, 0]),
        ("A dog is visible until halfway.", [1, 1, 1, 1, 0, 0, 0, 0]),
        ("A dog sleeps.", [1] * 8),
    ],
)
def test_time_on_screen(prompt: str, seen: list[int]) -> None:
    assert [int("dog" in boxes) for boxes in interpolate(first(prompt))] == seen


def test_who_joins_later_comes_later_and_who_leaves_goes() -> None:
    boxes = interpolate(first("A dog sits on a lawn and a cat appears."))
    assert ["cat" in frame for frame in boxes] == [False] * 4 + [True] * 4
    boxes = interpolate(first("A dog leaves."))
    assert "dog" in boxes[0]
    assert "dog" not in boxes[-1]


def test_meeting_ends_side_by_side() -> None:
    boxes = interpolate(first("A red ball meets a blue star."))
    gap = [frame["blue-star"][0] - frame["red-ball"][2] for frame in boxes]
    assert gap[0] > 0.2
    assert 0 <= gap[-1] < 0.05


@pytest.mark.parametrize(
    ("large", "small"),
    [("huge", ""), ("", "tiny"), ("big", "small"), ("giant", "little")],
)
def test_scale(large: str, small: str) -> None:
    boxes = interpolate(first(f"A {large} red ball and a {small} blue ball"))[0]
    sizes = {("red" in name): area(box) for name, box in boxes.items()}
    assert sizes[True] > 1.2 * sizes[False]


def test_comparison() -> None:
    boxes = interpolate(first("A mouse is larger than an elephant."))[0]
    assert area(boxes["mouse"]) > 1.2 * area(boxes["elephant"])


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("noun", ["ball", "horse", "child"])
def test_up_to_twelve_things_have_room(count: int, noun: str) -> None:
    plural = {"child": "children"}.get(noun, f"{noun}s")
    boxes = list(interpolate(first(f"{count} {noun if count == 1 else plural}"))[0].values())
    assert len(boxes) == count
    assert all(0 <= v <= 1 for box in boxes for v in box)
    assert all(area(box) > 0.008 for box in boxes)
    assert all(common(a, b) == 0 for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_default_boxes_suit_the_miniature() -> None:
    for prompt in ("A red ball and a blue star.", "A ball, a box and a star."):
        for box in interpolate(first(prompt))[0].values():
            assert 0.2 <= box[2] - box[0] <= 0.45
            assert 0.2 <= box[3] - box[1] <= 0.45


def test_boxes_keep_their_shape_in_wide_frames() -> None:
    square = interpolate(first("A ball."))[0]["ball"]
    wide = interpolate(first("A ball.", width=256, height=128))[0]["ball"]
    assert (wide[2] - wide[0]) * 2 == pytest.approx(square[2] - square[0], abs=0.01)
    assert wide[3] - wide[1] == pytest.approx(square[3] - square[1], abs=0.01)


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 16, 33])
def test_any_number_of_frames(frames: int) -> None:
    scene = first("First a ball moves from left to right, then a dog appears.", frames=frames)
    assert scene.layout[0].frame == 0
    assert len(interpolate(scene)) == frames
