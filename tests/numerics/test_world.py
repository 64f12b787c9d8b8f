"""The world draws what it says: same seed same picture, exact boxes, nothing held out shown."""

import numpy as np
import pytest
from video_director.miniature.backgrounds import SIZE, draw_background
from video_director.miniature.shapes import mark_mask, silhouette
from video_director.miniature.vocabulary import (
    BACKGROUNDS,
    COLOURS,
    HELD_OUT,
    KINDS,
    MARKS,
    TINTS,
    unknown_words,
)
from video_director.miniature.world import (
    MAX_SIDE,
    MIN_SIDE,
    Scene,
    Sprite,
    draw_scene,
    sample_scene,
    sprite_mask,
)


def scenes(seed, many, **options):
    rng = np.random.default_rng(seed)
    return [sample_scene(rng, **options) for _ in range(many)]


def mask_edges(mask):
    """First and one past the last covered column and row: left, top, right, bottom."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def test_one_seed_gives_one_picture():
    first, again, other = scenes(1, 1)[0], scenes(1, 1)[0], scenes(2, 1)[0]
    assert first == again
    np.testing.assert_array_equal(draw_scene(first), draw_scene(again))
    assert not np.array_equal(draw_scene(first), draw_scene(other))


def test_drawing_does_not_disturb_later_drawings():
    scene = scenes(3, 1)[0]
    before = draw_scene(scene)
    for other in scenes(4, 5):
        draw_scene(other)
    np.testing.assert_array_equal(before, draw_scene(scene))


def test_boxes_are_exact():
    for scene in scenes(5, 60):
        for sprite in scene.sprites:
            edges = np.array(mask_edges(sprite_mask(sprite) > 0.02))
            assert np.abs(edges - np.array(sprite.box) * SIZE).max() <= 1, sprite


def test_masks_cover_what_changes_in_the_picture():
    for scene in scenes(6, 20):
        bare = draw_scene(Scene((), *_rest(scene)))
        changed = (draw_scene(scene) != bare).any(axis=2)
        covered = np.max([sprite_mask(sprite) for sprite in scene.sprites], axis=0)
        assert not changed[covered == 0].any()
        assert changed[covered > 0.5].mean() > 0.99


def _rest(scene):
    return scene.background, scene.tint, scene.horizon, scene.texture_seed


def test_sprites_keep_apart_and_inside():
    for scene in scenes(7, 200):
        covers = [sprite_mask(sprite) > 0 for sprite in scene.sprites]
        assert np.sum(covers, axis=0).max() == 1
        for sprite in scene.sprites:
            assert min(sprite.box) >= 0
            assert max(sprite.box) <= 1
            assert MIN_SIDE <= sprite.longest <= MAX_SIDE


def test_held_out_pairs_are_drawn_only_when_asked_for():
    known = {(s.kind, s.colour) for scene in scenes(8, 1500) for s in scene.sprites}
    assert not known & HELD_OUT
    assert len(known) == len(KINDS) * len(COLOURS) - len(HELD_OUT)
    unseen = {(s.kind, s.colour) for scene in scenes(8, 100, held_out=True) for s in scene.sprites}
    assert unseen == HELD_OUT


def test_everything_of_the_world_appears():
    drawn = scenes(9, 600)
    sprites = [sprite for scene in drawn for sprite in scene.sprites]
    assert {sprite.kind for sprite in sprites} == set(KINDS)
    assert {sprite.colour for sprite in sprites} == set(COLOURS)
    assert {sprite.mark for sprite in sprites} == set(MARKS)
    assert {sprite.mirrored for sprite in sprites} == {False, True}
    assert {scene.background for scene in drawn} == set(BACKGROUNDS)
    assert {scene.tint for scene in drawn} == set(TINTS)
    assert {len(scene.sprites) for scene in drawn} == {1, 2, 3, 4}


def test_a_mark_has_a_second_colour_of_its_own():
    for scene in scenes(10, 200):
        for sprite in scene.sprites:
            assert (sprite.mark == "plain") == (sprite.second_colour is None)
            assert sprite.second_colour != sprite.colour


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_count_is_kept(count):
    assert {len(scene.sprites) for scene in scenes(11, 50, count=count)} == {count}


@pytest.mark.parametrize("count", [0, 5, -1])
def test_an_impossible_count_is_refused(count):
    with pytest.raises(ValueError, match=f"count {count} is outside 1 to 4"):
        sample_scene(np.random.default_rng(0), count=count)


def test_backgrounds_are_paler_than_sprites():
    for background in BACKGROUNDS:
        for tint in TINTS:
            picture = draw_background(background, tint, 0.45, np.random.default_rng(0))
            assert (picture.max(axis=2) - picture.min(axis=2)).max() < 60
    assert min(max(rgb) - min(rgb) for rgb in COLOURS.values()) > 120


def test_every_mark_shows_enough_of_both_colours():
    for kind in KINDS:
        cover = np.asarray(silhouette(kind)) > 127
        for mark in MARKS[1:]:
            second = np.asarray(mark_mask(kind, mark)) > 127
            share = (cover & second).sum() / cover.sum()
            assert 0.15 < share < 0.85, (kind, mark, share)


@pytest.mark.parametrize("draw", [silhouette, lambda kind: mark_mask("ball", kind)])
def test_unknown_shapes_are_named(draw):
    with pytest.raises(KeyError, match="'cube'"):
        draw("cube")


def test_unknown_words_are_listed_once_and_in_order():
    assert unknown_words("A red dragon and a Dragon by the castle") == ["dragon", "castle"]
    assert unknown_words("two tiny red stars above a ball in the meadow.") == []


def test_a_sprite_knows_its_centre():
    sprite = Sprite("box", "red", "plain", None, 32, 64, 32, 32)
    assert sprite.centre == (0.375, 0.625)
    assert sprite.box == (0.25, 0.5, 0.5, 0.75)
