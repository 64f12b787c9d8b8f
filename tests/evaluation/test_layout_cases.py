"""The questions of ``evaluate layout``: true of drawings made as asked, untrue of others."""

from dataclasses import replace

import numpy as np
import pytest
from video_director.evaluation.layout import (
    Answer,
    answer,
    drawn_boxes,
    error_over_base,
    frames_of,
    no_boxes,
    planned_boxes,
    row_figures,
)
from video_director.evaluation.layout_cases import (
    DIRECTION,
    EVALUATION,
    PICTURE_SKILLS,
    VALIDATION,
    cases,
)
from video_director.miniature.oracle import read_picture
from video_director.miniature.vocabulary import unknown_words
from video_director.miniature.world import SIZE, Scene, Sprite, draw_scene

SKILLS = (*PICTURE_SKILLS, DIRECTION)


def readings(case, boxes=None):
    """What the oracle reads of the case drawn in given boxes, its own by default."""
    found = []
    for frame in boxes or drawn_boxes(case):
        sprites = []
        for thing, (_, (x0, y0, x1, y1)) in zip(case.things, frame, strict=True):
            x, y, right, bottom = (round(value * SIZE) for value in (x0, y0, x1, y1))
            place = (x, y, right - x, bottom - y)
            sprites.append(Sprite(thing.kind, thing.colour, "plain", None, *place))
        scene = Scene(tuple(sprites), "meadow", "clear", 0.45, 3)
        found.append(read_picture(draw_scene(scene)))
    return found


@pytest.mark.parametrize("skill", SKILLS)
def test_drawings_as_asked_are_right(skill):
    answers = [
        answer(case, drawn_boxes(case), readings(case)) for case in cases(skill, 24, 5, VALIDATION)
    ]
    assert np.mean([one.score for one in answers]) > 0.97
    assert np.mean([one.iou for one in answers]) > 0.9


@pytest.mark.parametrize("skill", SKILLS)
def test_prompts_are_words_of_the_miniature_that_the_planner_reads(skill):
    for case in cases(skill, 12, 5, VALIDATION):
        assert set(unknown_words(case.prompt)) <= {"from"}
        boxes = planned_boxes(case)
        assert len(boxes) == frames_of(case)
        told = sorted(" ".join(name.split()[-2:]) for name, _ in boxes[0])
        assert told == sorted(thing.phrase for thing in case.things)


def test_streams_and_seeds_are_apart():
    first, again = (cases("object", 5, 0, EVALUATION) for _ in range(2))
    assert first == again
    assert first != cases("object", 5, 1, EVALUATION)
    assert first != cases("object", 5, 0, VALIDATION)


def turned(case):
    """The same things with each other's boxes."""
    boxes = [thing.start for thing in case.things][::-1]
    return replace(
        case,
        things=tuple(replace(t, start=b, end=b) for t, b in zip(case.things, boxes, strict=True)),
    )


def test_the_other_way_round_is_wrong():
    for case in cases("spatial", 8, 5, VALIDATION):
        there = readings(case)
        opposite = {"left": "right", "right": "left", "above": "below", "below": "above"}
        assert replace(case, relation=opposite[case.relation]).score(there) == 0
        assert turned(case).ious(drawn_boxes(turned(case)), there) < 0.3
    for case in cases("scale", 8, 5, VALIDATION):
        opposite = {"larger": "smaller", "smaller": "larger"}
        assert replace(case, relation=opposite[case.relation]).score(readings(case)) == 0
    for case in cases(DIRECTION, 8, 5, VALIDATION):
        assert case.score(readings(case)[::-1]) == 0
        assert case.score([readings(case)[0]] * 2) == 0


def test_one_too_many_or_too_few_is_wrong():
    for case in cases("count", 8, 5, VALIDATION)[1::2]:
        there = readings(case)
        assert replace(case, things=case.things[:-1]).score(there) == 0
        assert replace(case, things=(*case.things, case.things[0])).score(there) == 0


def test_every_missing_thing_counts():
    [case] = [case for case in cases("object", 3, 5, VALIDATION) if len(case.things) == 3]
    [there] = readings(case)
    for count in range(4):
        shown = replace(there, objects=there.objects[:count])
        assert case.score([shown]) == pytest.approx(count / 3)
        assert case.ious(drawn_boxes(case), [shown]) <= count / 3


def test_figures_are_means_over_skills_and_pictures_alone_make_the_overall():
    every = [case for skill in SKILLS for case in cases(skill, 4, 5, VALIDATION)]
    scores = {"object": 1.0, "count": 0.5, "spatial": 0.0, "scale": 0.5, DIRECTION: 0.25}
    answers = [Answer(case, scores[case.skill], 0.6) for case in every]
    found = {row.figure: row.value for row in row_figures("x", answers)}
    assert found == pytest.approx(
        {**{f"{skill}.x": score for skill, score in scores.items()}}
        | {"overall.x": 0.5, "mean_iou.x": 0.6}
    )
    half = [Answer(case, 0.5 + scores[case.skill] / 2, None) for case in every]
    assert error_over_base(half, answers).value == pytest.approx(0.5)
    assert not any("iou" in row.figure for row in row_figures("x", half))


def test_the_plain_model_gets_no_boxes():
    for skill in SKILLS:
        [case] = cases(skill, 1, 5, VALIDATION)
        assert no_boxes(case) == [[]] * frames_of(case)
        assert answer(case, no_boxes(case), readings(case)).iou is None
