"""The oracle reads drawings, softened and touching ones, and does not see what is not there."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from video_director.evaluation.oracle_score import match, score_pictures
from video_director.miniature.captions import PLAIN, write_caption
from video_director.miniature.oracle import (
    Found,
    Reading,
    objects_present,
    read_frames,
    read_picture,
)
from video_director.miniature.oracle_prompts import asked_objects
from video_director.miniature.vocabulary import BACKGROUNDS, COLOURS, TINTS
from video_director.miniature.world import Scene, Sprite, draw_scene, sample_scene


def drawings(seed, count):
    rng = np.random.default_rng(seed)
    scenes = [sample_scene(rng) for _ in range(count)]
    return scenes, [draw_scene(scene) for scene in scenes]


def soften(picture, rng, blur=0.8, noise=5.0):
    """What an autoencoder does to a picture, roughly: soft edges and a little of everything."""
    soft = ndimage.gaussian_filter(picture.astype(np.float32), (blur, blur, 0))
    return (soft + rng.normal(0, noise, soft.shape)).clip(0, 255).astype(np.uint8)


def share_right(scores):
    return sum(score.right for score in scores) / sum(score.counted for score in scores)


def view(*sprites, background="meadow", tint="clear"):
    return draw_scene(Scene(sprites, background, tint, 0.45, 7))


def words(found):
    return found.kind, found.colour, found.mark, found.second_colour


def test_drawings_are_read():
    scores = score_pictures(*drawings(101, 100))
    assert share_right(scores) >= 0.98
    assert np.mean([score.background for score in scores]) >= 0.99
    assert np.mean([score.tint for score in scores]) >= 0.99
    assert np.mean([value for score in scores for value in score.ious]) >= 0.95


def test_softened_drawings_are_read():
    scenes, pictures = drawings(102, 40)
    rng = np.random.default_rng(0)
    scores = score_pictures(scenes, [soften(picture, rng) for picture in pictures])
    assert share_right(scores) >= 0.95
    assert np.mean([score.background for score in scores]) == 1


def test_a_wrong_scene_is_not_called_right():
    scenes, pictures = drawings(103, 12)
    assert share_right(score_pictures(scenes[1:] + scenes[:1], pictures)) < 0.2


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_empty_backgrounds_hold_no_objects(background):
    rng = np.random.default_rng(1)
    for tint in TINTS:
        for horizon in (0.32, 0.58):
            picture = draw_scene(Scene((), background, tint, horizon, 3))
            for seen in (picture, soften(picture, rng, noise=8)):
                reading = read_picture(seen)
                assert reading.objects == []
                assert (reading.background, reading.tint) == (background, tint)
                assert abs(reading.horizon - horizon) < 0.04


def test_specks_are_no_objects():
    picture = view()
    for at in range(10, 120, 20):
        picture[at : at + 5, at : at + 5] = COLOURS["red"]
    assert read_picture(picture).objects == []


def test_a_blot_like_nothing_is_not_reported():
    picture = view()
    for y, x in ((20, 20), (20, 50), (50, 35), (80, 20), (80, 70)):  # a thin cross-country tangle
        picture[y : y + 3, 10:100] = COLOURS["blue"]
        picture[10:100, x : x + 3] = COLOURS["blue"]
    assert read_picture(picture).objects == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            Sprite("ball", "red", "plain", None, 20, 40, 40, 40),
            Sprite("box", "blue", "plain", None, 60, 40, 40, 40),
        ),
        (
            Sprite("ball", "green", "plain", None, 24, 40, 36, 36),
            Sprite("ball", "green", "plain", None, 60, 40, 36, 36),
        ),
        (
            Sprite("star", "yellow", "band", "purple", 30, 20, 40, 40),
            Sprite("car", "red", "half", "green", 30, 58, 48, 30),
        ),
        (
            Sprite("fish", "pink", "dot", "blue", 10, 50, 46, 32),
            Sprite("heart", "orange", "plain", None, 55, 48, 40, 38),
        ),
    ],
)
def test_touching_sprites_are_told_apart(first, second):
    found = read_picture(view(first, second)).objects
    assert Counter(map(words, found)) == Counter([_words_of(first), _words_of(second)])


def _words_of(sprite):
    return sprite.kind, sprite.colour, sprite.mark, sprite.second_colour


@pytest.mark.parametrize("kind", ["ball", "box", "star", "heart", "moon", "fish", "tree", "car"])
def test_two_colours_of_one_sprite_stay_one_object(kind):
    for mark in ("band", "dot", "half"):
        sprite = Sprite(kind, "yellow", mark, "blue", 30, 40, 44, 44)
        sprite = replace(sprite, **_natural_size(kind))
        found = read_picture(view(sprite, background="night")).objects
        assert [words(one) for one in found] == [_words_of(sprite)]


def _natural_size(kind):
    from video_director.miniature.world import sprite_size

    width, height = sprite_size(kind, 44)
    return {"width": width, "height": height}


def test_a_covered_sprite_is_still_read():
    back = Sprite("box", "green", "plain", None, 30, 40, 44, 44)
    front = Sprite("ball", "red", "plain", None, 62, 30, 30, 30)
    found = read_picture(view(back, front)).objects
    assert Counter(map(words, found)) == Counter([_words_of(back), _words_of(front)])


def test_a_sprite_cut_by_the_border_is_still_read():
    whole = view(Sprite("heart", "purple", "plain", None, 40, 40, 44, 42))
    shifted = np.concatenate([whole[:, 52:], view()[:, :52]], axis=1)
    found = read_picture(shifted).objects
    assert [(one.kind, one.colour) for one in found] == [("heart", "purple")]
    assert found[0].box[0] == 0
    assert found[0].box[2] == pytest.approx(32 / 128, abs=0.02)


def test_readings_leave_the_picture_alone():
    _, pictures = drawings(104, 3)
    kept = [picture.copy() for picture in pictures]
    readings = read_frames(pictures)
    assert readings == [read_picture(picture) for picture in pictures]
    for picture, before in zip(pictures, kept, strict=True):
        np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((128, 128), np.uint8),
        np.zeros((128, 128, 3), np.float32),
    ],
)
def test_other_pictures_are_refused(picture):
    with pytest.raises(ValueError, match="needs uint8"):
        read_picture(picture)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_flat_pictures_are_read_as_empty(value):
    assert read_picture(np.full((128, 128, 3), value, np.uint8)).objects == []


def test_noise_does_not_break_the_reading():
    rng = np.random.default_rng(2)
    reading = read_picture(rng.integers(0, 256, (128, 128, 3), dtype=np.uint8))
    assert reading.background in BACKGROUNDS


def found_of(*pairs):
    box = (0.1, 0.1, 0.4, 0.4)
    objects = [Found(kind, colour, "plain", None, box, 0.9) for kind, colour in pairs]
    return Reading(objects, "meadow", "clear", 0.4)


def test_each_asked_object_needs_one_of_its_own():
    reading = found_of(("ball", "red"), ("star", "blue"))
    assert objects_present(reading, [("ball", "red"), ("ball", "red")]) == [True, False]
    assert objects_present(reading, [("star", "red"), ("star", "blue")]) == [False, True]
    assert objects_present(reading, []) == []


def test_named_colours_choose_before_unnamed_ones():
    reading = found_of(("ball", "red"), ("ball", "blue"))
    assert objects_present(reading, [("ball", None), ("ball", "red")]) == [True, True]
    assert objects_present(reading, [("ball", None), ("ball", "green")]) == [True, False]


def test_found_objects_are_matched_to_the_nearest_drawn_one():
    near = Sprite("ball", "red", "plain", None, 10, 10, 40, 40)
    far = Sprite("ball", "red", "plain", None, 70, 70, 40, 40)
    box = tuple(edge + 0.02 for edge in far.box)
    found = [Found("ball", "red", "plain", None, box, 0.9)]
    assert match([near, far], found) == [(far, found[0])]


@pytest.mark.parametrize(
    ("text", "objects", "background"),
    [
        ("A red ball meets a blue star by the sea.", [("ball", "red"), ("star", "blue")], "sea"),
        ("two red stars and a green car", [("star", "red")] * 2 + [("car", "green")], None),
        ("a red ball with a blue dot at night", [("ball", "red")], "night"),
        ("a red ball, then the red ball rolls on the grass", [("ball", "red")], "meadow"),
        ("a red ball beside another red ball", [("ball", "red")] * 2, None),
        ("the ball next to a box in the snow", [("ball", None), ("box", None)], "snow"),
        ("red and blue balls in the city", [("ball", "red"), ("ball", "blue")], "city"),
        ("three small yellow fish above a tree", [("fish", "yellow")] * 3 + [("tree", None)], None),
        ("a purple dragon", [], None),
        ("", [], None),
    ],
)
def test_prompts_are_read(text, objects, background):
    asked = asked_objects(text)
    assert asked.objects == objects
    assert asked.background == background


def test_every_caption_asks_for_what_its_drawing_shows():
    rng = np.random.default_rng(105)
    for _ in range(300):
        scene = sample_scene(rng)
        text = write_caption(scene, rng, PLAIN).text
        asked = asked_objects(text)
        assert Counter(asked.objects) == Counter((s.kind, s.colour) for s in scene.sprites), text
        assert asked.background == scene.background, text
