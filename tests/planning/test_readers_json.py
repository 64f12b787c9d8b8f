"""The JSON in a reply is found and repaired, or its mistake is told by its line."""

import pytest
from video_director.planning.readers.cameras import read_camera
from video_director.planning.readers.json_text import extract_json
from video_director.planning.schema import PlanError


@pytest.mark.parametrize(
    "text",
    [
        'Sure!\n```json\n{"a": [1, 2,], // hi\n "b": True}\n```\nHope this helps!',
        '<think>maybe {"a": [9]}</think>{"a": [1, 2], "b": true}',
        "{“a”: [1, 2], “b”: true}",
        "{a: (1, 2), b: true,}",
        '{"a": [1, 2]\n "b": true}',
        '{"a": [1, 2] /* two */, # and\n "b": true',
        '"{\\"a\\": [1, 2], \\"b\\": true}"',
        'A form: {"a": [...], "b": ...}. Filled in: {"a": [1, 2], "b": true}',
        '{"a": [1], "b": true}\nNo, better:\n{"a": [1, 2], "b": true}',
        'I cite [1] and [2].\n{"a": [1, 2], "b": true}}',
    ],
)
def test_the_value_is_found(text: str) -> None:
    assert extract_json(text) == {"a": [1, 2], "b": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "he said "hi", and left", "b": 1}', {"a": 'he said "hi", and left', "b": 1}),
        ("['it's', 'the dogs' bone', 'end']", ["it's", "the dogs' bone", "end"]),
        ('{"a": "one\ntwo", "b": 2,}', {"a": "one\ntwo", "b": 2}),
        (r'{"a": "\u00e9\ud83d\ude00 \"q\" \n",}', {"a": 'é😀 "q" \n'}),
        ('{"a": {"b": [1, {"c": "d"', {"a": {"b": [1, {"c": "d"}]}}),
        ('{"a": [{"b": 1}, {"c": 2}}', {"a": [{"b": 1}, {"c": 2}]}),
        ('{"i": 1}\n{"i": 2}', [{"i": 1}, {"i": 2}]),
        ('["a" "b"]', ["a", "b"]),
        ("{mode: left, n: None}", {"mode": "left", "n": None}),
        ("｛“a”：“b，c”，“d”：【1，2】｝", {"a": "b，c", "d": [1, 2]}),
    ],
)
def test_damage_is_repaired(text: str, value: object) -> None:
    assert extract_json(text) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "reply: holds no JSON (it is empty)"),
        ("I'm sorry, I can't do that [1].", "reply: holds no JSON (it begins with"),
        ('{\n"a": "cut off in th', 'line 2: the closing " is missing'),
        ('{"a":\n [0.1 0.2]}', "line 2: a ',' or ']' is missing"),
        ('{"a": [1, 2}', "line 1: a ',' or ']' is missing"),
        ('{"a": 1,\n"a": 2}', "line 2: the key 'a' stands twice"),
        ('{"a": 1,\n "b"}', "line 2: a ':' is missing"),
        ('{"a": [{"i": 1},\n ... ]}', "line 2: something is left out here"),
        ('{"s": [{"i": "one"}},\n {"i": "two"}]}', "the brackets before this do not match"),
        ('{"a": [1, 2,\n "b": ', "line 2"),
        ("[" * 100_000, "line 1: brackets are nested too deeply"),
        ('{"a": 1}' + " " * 2**24, "reply: is longer than"),
    ],
)
def test_what_would_be_a_guess_is_an_error(text: str, problem: str) -> None:
    with pytest.raises(PlanError) as caught:
        extract_json(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "direction", "speed"),
    [
        ("moving left, fast", "left", "fast"),
        ("Slow push-in", "zoom_in", "slow"),
        ("pan left", "left", "medium"),
        ("zoom_out slowly", "zoom_out", "slow"),
        ("moving forward fast", "zoom_in", "fast"),
        ("backward", "zoom_out", "medium"),
        ("the camera pans from left to right", "right", "medium"),
        ("locked-off shot", "static", "medium"),
        ("no movement", "static", "medium"),
    ],
)
def test_cameras(text: str, direction: str, speed: str) -> None:
    assert read_camera(text) == {"direction": direction, "speed": speed}


@pytest.mark.parametrize(
    "text", ["", "orbit", "pan left, then zoom out", "a quiet garden", "slow", "slow and fast left"]
)
def test_no_cameras(text: str) -> None:
    assert read_camera(text) == {}


def test_a_camera_may_be_aimed_at_something_where_it_is_told_of() -> None:
    assert read_camera("zoom in on the old window") == {}
    told = read_camera("zoom in on the old window", told=True)
    assert told == {"direction": "zoom_in", "speed": "medium"}
