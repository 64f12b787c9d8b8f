"""The planner's evaluation: its checks can fail, its vocabulary is held apart, its figures hold."""

import json

import pytest
from video_director.evaluation import planner
from video_director.evaluation.planner_checks import (
    attributed,
    counted,
    moves,
    moves_around,
    seen_only,
    visits,
)
from video_director.evaluation.planner_vocabulary import HELD_OUT
from video_director.planning.offline import plan_video
from video_director.planning.offline.nouns import KNOWN
from video_director.planning.offline.place_words import PLACES
from video_director.planning.schema import VideoPlan

SCENE = {"id": "s", "prompt": "p", "frames": 8, "entities": ["ball"]}


def plan_of(*keyframes: dict) -> VideoPlan:
    """A plan with one ball and the given keyframes."""
    scene = SCENE | {"layout": [{"frame": f, "boxes": b} for k in keyframes for f, b in k.items()]}
    ball = {"id": "ball", "name": "red ball", "kind": "foreground", "description": "a red ball"}
    head = {"version": 1, "prompt": "p", "fps": 8, "width": 128, "height": 128}
    return VideoPlan.model_validate(head | {"entities": [ball], "scenes": [scene]})


LEFT, RIGHT = {"ball": [0.1, 0.4, 0.4, 0.7]}, {"ball": [0.6, 0.4, 0.9, 0.7]}


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (counted("ball", 1), [{0: LEFT}], [{0: {}}]),
        (attributed([("red", "ball")]), [{0: LEFT}], [{0: LEFT}, {4: {}}]),
        (seen_only("ball", first_half=True), [{0: LEFT}, {4: {}}], [{0: LEFT}]),
        (seen_only("ball", first_half=False), [{0: {}}, {4: LEFT}], [{0: {}}, {3: LEFT}]),
        (moves("ball", "left", "right"), [{0: LEFT}, {7: RIGHT}], [{0: RIGHT}, {7: LEFT}]),
        (visits("ball", ["left", "right"]), [{0: LEFT}, {7: RIGHT}], [{0: LEFT}, {7: LEFT}]),
    ],
)
def test_checks_tell_right_from_wrong(check, right: list[dict], wrong: list[dict]) -> None:
    assert check(plan_of(*right)) == ""
    assert check(plan_of(*wrong)) != ""


def test_wrong_number_attribute_and_relation_are_seen() -> None:
    two = plan_video("A red ball to the left of a blue box")
    assert counted("ball", 2)(two)
    assert attributed([("blue", "ball"), ("red", "box")])(two)
    assert moves_around("ball", "box", "left", "right")(two)


def test_held_out_nouns_are_in_none_of_the_planners_lists() -> None:
    known = [n.one for n in HELD_OUT if n.one.split()[-1] in KNOWN | PLACES]
    assert known == []


def test_figures(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "planner.json"
    assert planner.main(["--quick", "--json", str(path), "--seed", "7"]) == 0
    rows = {row["figure"]: row["value"] for row in json.loads(path.read_text())["rows"]}
    required = {
        "numeracy": 0.95,
        "attribution": 0.95,
        "visibility": 0.9,
        "dynamic_spatial": 0.9,
        "sequential": 0.8,
        "valid": 1.0,
        "scenes_right": 0.9,
        "entities_right": 0.9,
    }
    assert {name: value for name, value in required.items() if rows[name] < value} == {}
    assert "numeracy" in capsys.readouterr().out
