"""The demo's check of itself, on videos whose contents are known."""

import io
from dataclasses import replace

import av
import numpy as np
import pytest
from video_director.miniature.world import Scene as Drawing
from video_director.miniature.world import draw_scene, sample_scene
from video_director.planning.schema import VideoPlan
from video_director.rendering.oracle_check import check_video, drawable


def encode(pictures):
    """An mp4 as the host's Save Video makes it."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=8)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return target.getvalue()


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    """A drawing with two different objects."""
    rng = np.random.default_rng(3)
    while True:
        scene = sample_scene(rng, count=2)
        if scene.sprites[0].kind != scene.sprites[1].kind:
            return scene


def plan_of(names, frames=3, layout=()):
    entities = [{"id": f"e{i}", "name": name, "kind": "foreground"} for i, name in enumerate(names)]
    scene = {"id": "one", "prompt": "x", "frames": frames, "layout": list(layout)}
    scene["entities"] = [entity["id"] for entity in entities]
    size = {"fps": 8, "width": 128, "height": 128}
    data = {"version": 1, "prompt": "x", **size, "entities": entities, "scenes": [scene]}
    return VideoPlan.model_validate(data)


def names_of(drawing):
    return [f"the {sprite.colour} {sprite.kind}" for sprite in drawing.sprites]


def test_what_is_there_is_found(drawing):
    check = check_video(encode([draw_scene(drawing)] * 3), plan_of(names_of(drawing)))
    assert (check.objects_asked, check.objects_found) == (6, 6)
    assert (check.frames, check.frames_complete) == (3, 3)
    assert "6 of 6 asked objects (100%)" in check.sentence()


def test_what_is_not_there_is_not_found(drawing):
    asked = names_of(drawing)[0]
    absent = next(k for k in ("ball", "box", "tree") if all(k != s.kind for s in drawing.sprites))
    check = check_video(encode([draw_scene(drawing)] * 3), plan_of([asked, f"green {absent}"]))
    assert (check.objects_asked, check.objects_found, check.frames_complete) == (6, 3, 0)


def test_one_object_does_not_answer_twice(drawing):
    name = names_of(drawing)[0]
    check = check_video(encode([draw_scene(drawing)] * 2), plan_of([name, name], frames=2))
    assert (check.objects_asked, check.objects_found) == (4, 2)


def test_only_what_has_a_box_at_that_time_is_asked(drawing):
    box = [0.1, 0.1, 0.4, 0.4]
    layout = [{"frame": 0, "boxes": {"e0": box}}, {"frame": 2, "boxes": {"e0": box, "e1": box}}]
    plan = plan_of(names_of(drawing), frames=3, layout=layout)
    check = check_video(encode([draw_scene(drawing)] * 3), plan)
    assert (check.objects_asked, check.objects_found) == (4, 4)


@pytest.mark.parametrize(("again", "same"), [(True, 4), (False, 2)])
def test_whether_a_shared_entity_keeps_its_look(again, same):
    rng = np.random.default_rng(4)
    scene = next(
        scene
        for scene in (sample_scene(rng, count=1) for _ in range(100))
        if scene.sprites[0].mark == "band"
    )
    sprite = scene.sprites[0]
    plain = replace(sprite, mark="plain", second_colour=None)
    other = scene if again else replace(scene, sprites=(plain,))
    data = plan_of([f"the {sprite.colour} {sprite.kind}"], frames=2).model_dump()
    data["scenes"].append({**data["scenes"][0], "id": "two"})
    plan = VideoPlan.model_validate(data)
    check = check_video(encode([draw_scene(scene)] * 2 + [draw_scene(other)] * 2), plan)
    assert check.looks == (4, same)
    assert f"looks the same in {same} of 4 findings" in check.sentence()


def test_a_larger_video_is_read_too(drawing):
    picture = draw_scene(drawing).repeat(2, axis=0).repeat(2, axis=1)
    assert check_video(encode([picture] * 3), plan_of(names_of(drawing))).objects_found == 6


def test_other_things_are_named_as_unchecked(drawing):
    check = check_video(encode([draw_scene(drawing)] * 3), plan_of(["old sailor"]))
    assert check.objects_asked == 0
    assert check.unreadable == ("old sailor",)
    assert "nothing was checked" in check.sentence()


def test_another_number_of_frames_is_an_error(drawing):
    with pytest.raises(ValueError, match="has 2 frames and its plan 3"):
        check_video(encode([draw_scene(drawing)] * 2), plan_of(["red ball"]))


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("the tiny red ball", ("ball", "red")),
        ("three yellow stars", ("star", "yellow")),
        ("boxes", ("box", None)),
        ("fish", ("fish", None)),
        ("a starfish", None),
        ("redwood", None),
    ],
)
def test_drawable(name, asks):
    assert drawable(name) == asks
