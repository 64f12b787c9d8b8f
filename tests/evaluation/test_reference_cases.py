"""The questions of ``evaluate references`` hold on drawings made as asked, and not on others."""

from dataclasses import replace

import numpy as np
import pytest
from video_director.evaluation.in_process import load_host

load_host()

from video_director.evaluation.reference_cases import (  # noqa: E402
    SCENES,
    background_kept,
    foreground_kept,
    own_marks,
    pair_cases,
    plans,
    same_in_all,
    single_cases,
)
from video_director.miniature.oracle import read_picture  # noqa: E402
from video_director.miniature.vocabulary import COLOURS, PLACES  # noqa: E402
from video_director.miniature.world import draw_scene  # noqa: E402

COUNT = 12


def read(scene):
    return read_picture(draw_scene(scene))


def other_marks(scene):
    """The same things, each with another second colour."""
    sprites = []
    for sprite in scene.sprites:
        others = [c for c in COLOURS if c not in (sprite.colour, sprite.second_colour)]
        sprites.append(replace(sprite, second_colour=others[0]))
    return replace(scene, sprites=tuple(sprites))


@pytest.fixture(scope="module")
def single():
    return single_cases(COUNT, 0, 1)


def test_captions_leave_out_what_pictures_tell(single):
    places = {words for phrases in PLACES.values() for words in phrases}
    for case in single:
        assert not any(place in case.asked.prompt for place in places)
        for sprite in case.scene.sprites:
            assert sprite.colour in case.asked.prompt
            assert sprite.kind in case.asked.prompt
            assert f"{sprite.second_colour} {sprite.mark}" not in case.asked.prompt
    assert sorted({len(case.scene.sprites) for case in single}) == [1, 2]


def test_in_words_the_same_is_asked_for_with_its_marks(single):
    for case in single:
        told = case.told_in_words().asked
        assert replace(told, prompt=case.asked.prompt) == case.asked
        for sprite in case.scene.sprites:
            article = "an" if sprite.second_colour == "orange" else "a"
            mark = f"with {article} {sprite.second_colour} {sprite.mark}"
            assert f"{sprite.kind} {mark}" in told.prompt


def test_things_are_kept_with_mark_and_second_colour(single):
    right = [foreground_kept(case, read(case.scene)) for case in single]
    wrong = [foreground_kept(case, read(other_marks(case.scene))) for case in single]
    assert np.mean(right) > 0.9
    assert np.mean(wrong) == 0


def test_places_are_kept_with_their_colours(single):
    right = [background_kept(case, read(case.scene)) for case in single]
    other = ["clear", "rosy", "golden"]
    wrong = [
        background_kept(
            case,
            read(replace(case.scene, tint=other[(other.index(case.scene.tint) + 1) % 3])),
        )
        for case in single
    ]
    assert np.mean(right) > 0.9
    assert np.mean(wrong) < 0.1


def test_an_entity_is_the_same_in_all_scenes_of_a_plan():
    every = plans(4, 0, 1)
    for plan in every:
        assert len(plan) == SCENES
        assert len({case.scene.background for case in plan}) == SCENES
        looks = {(c.scene.sprites[0].mark, c.scene.sprites[0].second_colour) for c in plan}
        assert len(looks) == 1
    right = [same_in_all(plan, [read(case.scene) for case in plan]) for plan in every]
    assert np.mean(right) > 0.7
    for plan in every:
        readings = [read(case.scene) for case in plan]
        assert same_in_all(plan, [*readings[:-1], read(other_marks(plan[-1].scene))]) == 0
        missing = read(replace(plan[-1].scene, sprites=()))
        assert same_in_all(plan, [*readings[:-1], missing]) == 0


def test_two_of_a_kind_have_their_own_marks():
    cases = pair_cases(6, 0, 1)
    right = [own_marks(case, read(case.scene)) for case in cases]
    assert np.mean(right) > 0.8
    for case in cases:
        first, second = case.scene.sprites
        swapped = (
            replace(first, mark=second.mark, second_colour=second.second_colour),
            replace(second, mark=first.mark, second_colour=first.second_colour),
        )
        assert own_marks(case, read(replace(case.scene, sprites=swapped))) == 0


def test_cases_are_the_same_every_time_and_differ_by_stream():
    first, again, other = (single_cases(3, 0, stream) for stream in (1, 1, 2))
    assert [case.asked.prompt for case in first] == [case.asked.prompt for case in again]
    assert [case.asked.seed for case in first] == [case.asked.seed for case in again]
    assert [case.asked.seed for case in first] != [case.asked.seed for case in other]
