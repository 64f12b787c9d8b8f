"""Whatever a model writes: a plan or a PlanError, and in linear time."""

import gc
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video_director.planning.plan_io import dumps, loads
from video_director.planning.readers import read_plan
from video_director.planning.readers.json_text import extract_json
from video_director.planning.schema import PlanError

EXAMPLES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
REPLIES = [
    'Sure!\n```json\n{"scenes": [{"prompt": "A dog runs.", "entities": ["dog", "ball"], '
    '"background": "park", "camera": "pan left", "layout": [{"frame": 0, "boxes": '
    '{"dog": [0.1, 0.2, 0.3, 0.4]}}]}]}\n```\nEnjoy!',
    "<think>hm</think>[Scene 1: A dog runs, a red ball, dog, ball, park, moving left slow]\n"
    "[Scene 2: It sleeps; entities: dog; background: park]",
    "Frame_1: [[“cat”, [0, .2, .5, 1]]], caption: sits\nFrame_2: {'cat': [0.5, 0.2, 1, 1]}",
    "Caption: a ball\nFrame 1: [{'id': 0, 'name': 'ball', 'box': [0, 9, 50, 50]}]\nFrame 2: []",
    '["A desert.", "A flash.", \'It\'s over\']',
    "### Scene 1\n**Prompt:** a cat\n**Camera:** zoom in\n### Scene 2\n**Prompt:** a dog",
    "Frame 1 (00:00) A desert. Frame 2 (00:01) A flash.",
]
SCRAPS = st.text(max_size=4) | st.sampled_from(
    [
        *"[]{}()\"'`:,;#\\|<>=.%-",
        "“",
        "”",
        "：",
        "，",
        "【",
        "】",
        "\r\n",
        "\ufeff",
        "\ud800",
        "\x00",
    ]
    + ["//", "/*", "*/", "```", "<think>", "</think>", "None", "1e999", "...", "0", "100%"]
    + [
        "Frame 1:",
        "scene_1: [",
        "camera:",
        '"scenes":',
        '"version": 1,',
        '"layout": {',
        "entities:",
    ]
)


def explained(error: PlanError) -> None:
    assert error.problems
    assert all(problem.strip() for problem in error.problems)
    str(error).encode("utf-8")


def read(reply: str) -> None:
    try:
        plan = read_plan(reply)
        assert loads(dumps(plan)) == plan
    except PlanError as error:
        explained(error)
    try:
        json.dumps(extract_json(reply))
    except PlanError as error:
        explained(error)


@EXAMPLES
@given(st.sampled_from(REPLIES), st.data())
def test_torn_replies(reply: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(reply)))
        end = data.draw(st.integers(start, min(len(reply), start + 12)))
        reply = reply[:start] + data.draw(SCRAPS) + reply[end:]
    read(reply)


@EXAMPLES
@given(st.lists(SCRAPS | st.sampled_from(REPLIES), max_size=30))
def test_piled_scraps(parts: list[str]) -> None:
    read("".join(parts))


@EXAMPLES
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    read(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["dog", "park", "pan left", "0.5", "50%", [0, 0, 1, 1], "background"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(
                "version scenes prompt entities background camera layout boxes frame frames id "
                "name kind direction speed action plan seed Frame_1 scene_1 width fps size".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@EXAMPLES
@given(VALUES, st.booleans())
def test_any_json(value: Any, whole: bool) -> None:
    scene = {"prompt": "A dog runs.", "entities": ["dog"], "camera": value, "layout": value}
    shapes = [value, {"scenes": value}, {"scenes": [value]}, {"version": 1, "scenes": [value]}]
    for shape in [*shapes, {"scenes": [scene | (value if isinstance(value, dict) else {})]}]:
        text = json.dumps(shape)
        read(text if whole else f"Here: {text} bye")


@EXAMPLES
@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.text()), min_size=1))
def test_sound_json_is_returned_as_it_is(value: dict[str, Any]) -> None:
    assert extract_json(json.dumps(value)) == value
    assert extract_json(json.dumps(value, indent=2, ensure_ascii=False)) == value


LIMIT = 2**20
UNITS = [
    *("[", "{", '"', "'", "“", "(", "`", "```", " ", "\n", "\t", "\\", "*", "#", "-", "|", ","),
    *('["a" ', '{"a":', '["', "[/*", "[#\n", '{"a":1},', "[1,2,3],", "[[1,[", "{a:b,", "[aa bb "),
    *('"\\', "['a', ", '"a": "b" ', '"scenes": [{', '"scenes": [', "scenes: [ {", "「", "【", "｛"),
    *("Frame 1:", "Frame 1:\n", "Frame 1: [", "Frame 1: [\n", "\nFrame 1: [{", "\nFrame_1: [['a',"),
    *("scene_1: [", "[scene_1: [", "[Scene 1: a, b, ", "\nScene 1: a", "[scene_1: [a; entities: "),
    *("step_1: [a]]", "\n1. a", "\n1.", "Frame 1 (00:00) a ", "第1帧", "\nCaption: a", "camera: "),
    *("<think>", "</think>", "<|a|>", "<|channel|>final<|message|>", "<!DOCTYPE html>", "; ", "a,"),
    *("\nFrame 1: []", "[[0,0,1,1]]", "- ", "> ", "ab ", "\r\n", "\n\n", 'User Prompt "', "~~~\n"),
    *(
        "a: b; ",
        "\nBackground: a",
        "\nEntities: a, a",
        "Frame ",
        "scene ",
        "Scene 1 (",
        "Frame 1 (",
    ),
]


def seconds(text: str) -> float:
    """Processor time of the slower of the two readers."""
    times = []
    for reader in (read_plan, extract_json):
        gc.disable()  # after thousands of tests it looks through a large heap, again and again
        began = time.process_time()
        try:
            reader(text)
        except PlanError as error:
            explained(error)
        finally:
            times.append(time.process_time() - began)
            gc.enable()
    return max(times)


def check_linear(text: str) -> None:
    """Eight times the text takes about eight times as long, where a square would take 64 times.

    A megabyte takes under 2 s on an idle core; the bound here is for machines that are neither fast
    nor idle.
    """
    whole = seconds(text)
    assert whole < 12
    assert whole < 2 or whole < 32 * seconds(text[: len(text) // 8])


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_a_megabyte_of_one_thing(unit: str) -> None:
    body = unit * (LIMIT // len(unit))
    check_linear(body)
    for opening in ("Frame 1: [", '{"scenes": [', "[scene_1: ["):
        check_linear(opening + body[: LIMIT // 8])


@settings(EXAMPLES, max_examples=15)
@given(st.lists(st.sampled_from(UNITS), min_size=2, max_size=6))
def test_a_megabyte_of_several_things(units: list[str]) -> None:
    unit = "".join(units)
    assert seconds(unit * (LIMIT // len(unit))) < 12


@settings(EXAMPLES, max_examples=15)
@given(st.lists(st.sampled_from(UNITS), min_size=2, max_size=4))
def test_a_megabyte_in_blocks(units: list[str]) -> None:
    """Runs of one thing before runs of another, where looking ahead is dearest."""
    share = LIMIT // len(units)
    assert seconds("".join(unit * (share // len(unit)) for unit in units)) < 12
