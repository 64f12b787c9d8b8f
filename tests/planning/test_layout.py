"""Boxes between keyframes, against a loop that walks the frames one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from video_director.planning.layout import boxes_at, interpolate, opening
from video_director.planning.schema import Camera, Keyframe, Scene

LEFT, RIGHT = (0.0, 0.25, 0.5, 0.75), (0.5, 0.25, 1.0, 0.75)


def scene(frames: int, *keyframes: tuple[int, dict]) -> Scene:
    layout = [Keyframe(frame=frame, boxes=boxes) for frame, boxes in keyframes]
    return Scene(id="s", prompt="p", frames=frames, entities=["a", "b"], layout=layout)


def walked(scene: Scene) -> list[dict]:
    """Interpolate naively: look at every frame, every pair of keyframes and every entity."""
    result = []
    for frame in range(scene.frames):
        boxes = {}
        for name in ("a", "b"):
            for index, here in enumerate(scene.layout):
                last = index == len(scene.layout) - 1
                there = here if last else scene.layout[index + 1]
                begins = 0 if index == 0 else here.frame
                ends = scene.frames if last else there.frame
                if not begins <= frame < ends or name not in here.boxes:
                    continue
                start = here.boxes[name]
                end = there.boxes.get(name, start)
                steps = max(there.frame - here.frame, 1)
                passed = max(frame - here.frame, 0) if not last else 0
                boxes[name] = tuple(
                    (s * (steps - passed) + e * passed) / steps
                    for s, e in zip(start, end, strict=True)
                )
        result.append(boxes)
    return result


def test_moves_linearly() -> None:
    boxes = interpolate(scene(5, (0, {"a": LEFT}), (4, {"a": RIGHT})))
    assert [box["a"][0] for box in boxes] == [0, 0.125, 0.25, 0.375, 0.5]
    assert [box["a"][1] for box in boxes] == [0.25] * 5


def test_holds_before_the_first_and_after_the_last_keyframe() -> None:
    boxes = interpolate(scene(6, (2, {"a": LEFT}), (4, {"a": RIGHT})))
    assert [box["a"][0] for box in boxes] == [0, 0, 0, 0.25, 0.5, 0.5]


def test_appears_and_vanishes_at_keyframes() -> None:
    parts = scene(6, (0, {"a": LEFT}), (2, {"a": LEFT, "b": RIGHT}), (4, {"b": RIGHT}))
    assert [sorted(boxes) for boxes in interpolate(parts)] == [
        ["a"],
        ["a"],
        ["a", "b"],
        ["a", "b"],
        ["b"],
        ["b"],
    ]


def test_comes_back_after_an_absence() -> None:
    parts = scene(6, (0, {"a": LEFT}), (2, {}), (4, {"a": RIGHT}))
    assert [bool(boxes) for boxes in interpolate(parts)] == [True, True, False, False, True, True]


def test_a_still_box_stays_exactly_still() -> None:
    box = (0.1, 0.2, 0.7, 0.9)
    assert all(
        boxes["a"] == box for boxes in interpolate(scene(9, (0, {"a": box}), (8, {"a": box})))
    )


def test_no_layout_means_no_boxes() -> None:
    assert interpolate(scene(3)) == [{}, {}, {}]


@pytest.mark.parametrize("frame", [-1, 3])
def test_frames_outside_are_refused(frame: int) -> None:
    with pytest.raises(ValueError, match=f"frame {frame}: scene 's' has frames 0 to 2"):
        boxes_at(scene(3), frame)


_corner = st.integers(0, 7)
_box = st.tuples(_corner, _corner, st.integers(1, 8), st.integers(1, 8)).map(
    lambda b: (b[0] / 16, b[1] / 16, (b[0] + b[2]) / 16, (b[1] + b[3]) / 16)
)
_boxes = st.dictionaries(st.sampled_from("ab"), _box)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 12))
def test_equals_the_naive_loop(data: st.DataObject, frames: int) -> None:
    numbers = data.draw(st.sets(st.integers(0, frames - 1)))
    parts = scene(frames, *[(number, data.draw(_boxes)) for number in sorted(numbers)])
    fast, slow = interpolate(parts), walked(parts)
    assert [set(boxes) for boxes in fast] == [set(boxes) for boxes in slow]
    for got, expected in zip(fast, slow, strict=True):
        for name, box in got.items():
            assert box == pytest.approx(expected[name], abs=1e-12)
            assert 0 <= box[0] < box[2] <= 1
            assert 0 <= box[1] < box[3] <= 1


def test_the_opening_is_the_first_frame_where_nothing_moves() -> None:
    box, other = (0.0, 0.0, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)
    whole = Scene(
        id="a",
        prompt="a ball",
        frames=4,
        frame_prompts=["one", "two", "three", "four"],
        entities=["ball"],
        layout=[Keyframe(frame=0, boxes={"ball": box}), Keyframe(frame=3, boxes={"ball": other})],
        camera=Camera(direction="left"),
        action={"juggling balls": 0.5},
        seed=7,
    )
    first = opening(whole)
    assert (first.frames, first.frame_prompts, first.prompt, first.seed) == (
        1,
        ["one"],
        "a ball",
        7,
    )
    assert [(keyframe.frame, keyframe.boxes) for keyframe in first.layout] == [(0, {"ball": box})]
    assert (first.camera, first.action) == (Camera(), {})
    assert opening(Scene(id="b", prompt="b", frames=3)).layout == []
