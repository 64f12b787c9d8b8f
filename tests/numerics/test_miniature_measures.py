"""The measures behind ``evaluate miniature``: samples, intervals, matches, the probe, PSNR."""

from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image
from video_director.evaluation.contact_sheet import write_sheet
from video_director.evaluation.intervals import ratio_interval
from video_director.evaluation.linear_probe import GRID, probe_r2
from video_director.evaluation.miniature import judge, psnr
from video_director.evaluation.miniature_samples import VALIDATION, Sample, Samples
from video_director.evaluation.oracle_score import iou, score_picture
from video_director.miniature.vocabulary import COLOURS, HELD_OUT
from video_director.miniature.world import Scene, Sprite, draw_scene


def test_samples_are_the_same_every_time_and_others_for_validation():
    texts = [sample.text for sample in Samples(0).captions(40)]
    assert texts == [sample.text for sample in Samples(0).captions(40)]
    for other in (Samples(1), Samples(0, VALIDATION)):
        assert not set(texts) & {sample.text for sample in other.captions(40)}


def test_a_subset_is_the_beginning_of_the_whole():
    assert Samples(0).captions(8) == Samples(0).captions(20)[:8]


def test_captions_have_equal_shares_of_counts():
    counts = Counter(len(sample.asked) for sample in Samples(0).captions(40))
    assert counts == {1: 10, 2: 10, 3: 10, 4: 10}


def test_unseen_pairs_are_the_held_out_ones():
    assert {pair for s in Samples(0).unseen_pairs(20) for pair in s.asked} <= HELD_OUT
    assert not {pair for s in Samples(0).captions(40) for pair in s.asked} & HELD_OUT


def test_swapped_captions_tell_of_another_picture_in_the_same_words():
    for _, right, wrong in Samples(0).swapped(30):
        changed = [
            pair for pair in zip(right.split(), wrong.split(), strict=True) if pair[0] != pair[1]
        ]
        assert changed
        assert {word for pair in changed for word in pair} <= {*COLOURS, "a", "an"}


def test_an_interval_holds_its_value_and_narrows_with_samples():
    value, low, high = ratio_interval([1, 0, 1, 1] * 5)
    assert low < value == 0.75 < high
    _, low_more, high_more = ratio_interval([1, 0, 1, 1] * 50)
    assert high_more - low_more < high - low
    assert ratio_interval([1, 2], [2, 2]) == pytest.approx((0.75, 0.5, 1.0))


def test_an_interval_of_nothing_is_nan():
    assert np.isnan(ratio_interval([])).all()


def test_overlaps():
    assert iou((0, 0, 1, 1), (0, 0, 1, 1)) == pytest.approx(1)
    assert iou((0, 0, 1, 1), (0.5, 0, 1.5, 1)) == pytest.approx(1 / 3)
    assert iou((0, 0, 0.1, 0.1), (0.5, 0.5, 1, 1)) == 0


def ball(colour, x=40):
    return Sprite("ball", colour, "plain", None, x, 40, 40, 40)


def scene(*sprites):
    return Scene(sprites, "meadow", "clear", 0.4, 1)


def test_missed_and_invented_objects_count_as_wrong():
    one, two = scene(ball("red", 10)), scene(ball("red", 10), ball("blue", 70))
    missed, invented = score_picture(two, draw_scene(one)), score_picture(one, draw_scene(two))
    assert (missed.right, missed.counted, min(missed.ious)) == (1, 2, 0)
    assert (invented.right, invented.counted) == (1, 2)


def test_a_caption_is_right_only_with_nothing_else_in_the_picture():
    asked = Sample(scene(ball("red")), "a red ball", 0)
    right = judge(asked, draw_scene(asked.scene))
    more = judge(asked, draw_scene(scene(ball("red", 10), ball("blue", 70))))
    other = judge(asked, draw_scene(scene(ball("blue"))))
    assert (right.present, right.right, right.background) == (1, True, True)
    assert (more.present, more.right) == (1, False)
    assert (other.present, other.right) == (0, False)


def test_signal_to_noise():
    black = np.zeros((1, 4, 4, 3), np.uint8)
    assert psnr(black, black + 255)[0] == pytest.approx(0)
    assert psnr(black, black + 1)[0] == pytest.approx(20 * np.log10(255))


def test_the_probe_reads_positions_that_are_there_and_no_others():
    generator = torch.Generator().manual_seed(0)
    axis = torch.arange(GRID).float()
    x, y = axis.repeat(GRID), axis.repeat_interleave(GRID)
    noise = torch.randn(8, GRID * GRID, 6, generator=generator)
    both = torch.cat([noise, torch.stack([x, y - x], -1).expand(8, -1, -1)], -1)
    only_x = torch.cat([noise, x[:, None].expand(8, -1, -1)], -1)
    assert min(probe_r2(both)) > 0.99
    assert probe_r2(only_x)[0] > 0.99
    assert abs(probe_r2(only_x)[1]) < 0.05
    assert max(map(abs, probe_r2(noise))) < 0.05


def test_a_sheet_shows_every_picture(tmp_path):
    pictures = [np.full((128, 128, 3), value, np.uint8) for value in range(0, 200, 20)]
    write_sheet(tmp_path / "sheet.png", pictures, ["a caption"] * len(pictures))
    seen = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    assert set(range(0, 200, 20)) <= set(np.unique(seen).tolist())
    with pytest.raises(ValueError, match="no pictures"):
        write_sheet(tmp_path / "sheet.png", [], [])
