"""Things are found before plain and textured grounds, and nothing where there is nothing."""

import numpy as np
import pytest
import torch
from video_director.attention_patches.functional.cut_out import cut_out
from video_director.rendering.reference_preview import Shown, draw_references

SIDE = 96


def ground(kind, seed=0):
    rng = np.random.default_rng(seed)
    picture = np.full((SIDE, SIDE, 3), (0.6, 0.7, 0.8))
    if kind == "horizon":
        picture[SIDE // 2 :] = (0.5, 0.6, 0.45)
    if kind == "gradient":
        picture = picture * np.linspace(0.7, 1.1, SIDE)[:, None, None]
    if kind == "noisy":
        picture = picture + rng.normal(0, 0.03, picture.shape)
    return picture


def disc(radius, centre=(SIDE // 2, SIDE // 2)):
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.hypot(y - centre[0], x - centre[1]) <= radius


def overlap(mask, truth):
    found = mask.numpy() > 0.5
    return (found & truth).sum() / (found | truth).sum()


def put(picture, where, colour):
    return torch.from_numpy(np.where(where[..., None], colour, picture).clip(0, 1)).float()


@pytest.mark.parametrize("kind", ["plain", "horizon", "gradient", "noisy"])
@pytest.mark.parametrize("colour", [(0.9, 0.1, 0.1), (0.1, 0.2, 0.9)])
def test_a_thing_is_found_before_any_ground(kind, colour):
    truth = disc(26)
    mask = cut_out(put(ground(kind), truth, colour))
    assert mask.shape == (SIDE, SIDE)
    assert overlap(mask, truth) > 0.9


def test_holes_belong_to_the_thing():
    """A mark in the ground's own colour is still the thing's."""
    truth = disc(28)
    picture = put(ground("plain"), truth & ~disc(8), (0.9, 0.1, 0.1))
    assert overlap(cut_out(picture), truth) > 0.9


def test_of_several_things_the_main_one_is_taken():
    main, speck = disc(24), disc(6, (12, 80))
    picture = put(ground("plain"), main | speck, (0.9, 0.5, 0.1))
    assert overlap(cut_out(picture), main) > 0.9


@pytest.mark.parametrize("kind", ["plain", "horizon", "noisy"])
def test_where_nothing_stands_out_nothing_is_found(kind):
    assert cut_out(torch.from_numpy(ground(kind)).float().clamp(0, 1)) is None


def test_the_same_picture_gives_the_same_mask():
    picture = put(ground("noisy"), disc(20), (0.2, 0.8, 0.2))
    assert torch.equal(cut_out(picture), cut_out(picture))


def test_the_preview_shows_a_row_for_each():
    picture = put(ground("plain"), disc(20), (0.9, 0.1, 0.1)).numpy()
    shown = [
        Shown("red-ball", picture, disc(20).astype(np.float32), "drawn"),
        Shown("meadow", picture[:, :50], None, "meadow.png"),
    ]
    one, two = draw_references(shown[:1]), draw_references(shown)
    assert one.width == two.width
    assert two.height > 1.8 * one.height
    left, right = two.crop((8, 8, 200, 200)), two.crop((208, 8, 400, 200))
    thing = [np.array(part.getpixel((96, 96)), int) for part in (left, right)]
    assert np.abs(thing[0] - thing[1]).max() <= 1
    assert left.getpixel((4, 4)) != right.getpixel((4, 4))  # what is cut away
    none = draw_references([])
    assert none.width == one.width
    assert len(none.getcolors(10_000)) > 1  # it says that there is none
