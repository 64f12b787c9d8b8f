"""Digests of files and hashes of content: equal for equal content, and for nothing else."""

import hashlib
import json
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video_director.planning import plan_io
from video_director.rendering.digests import (
    ALGORITHM,
    DigestMemory,
    content_hash,
    file_digest,
    scene_content,
    scene_hash,
)

ROOT = Path(__file__).resolve().parents[2]
OLD_NS = 10**18  # a time long past, so that a file counts as settled

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def settled(path, content, time_ns=OLD_NS):
    path.write_bytes(content)
    os.utime(path, ns=(time_ns, time_ns))
    return path


# content_hash


def test_the_hash_of_known_data_never_changes():
    data = {"b": [1, 2.5, None, True], "a": {"ä": "\ud800"}, "c": 7.0}
    text = '{"a":{"\\u00e4":"\\ud800"},"b":[1,2.5,null,true],"c":7}'
    assert content_hash(data) == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(st.text(), plain, min_size=2, max_size=5))
def test_the_order_of_keys_does_not_matter(data):
    assert content_hash(dict(reversed(list(data.items())))) == content_hash(data)


@given(plain)
def test_survives_a_round_trip_through_json(data):
    assert content_hash(json.loads(json.dumps(data))) == content_hash(data)


@given(plain, plain)
def test_equal_hashes_mean_equal_data(first, second):
    if content_hash(first) == content_hash(second):
        assert first == second


@pytest.mark.parametrize(
    ("first", "second"),
    [(7, 7.0), (0.0, -0.0), ((1, 2), [1, 2]), (1e2, 100), (0.1, float("1e-1"))],
)
def test_one_value_spelled_in_two_ways(first, second):
    assert content_hash({"x": first}) == content_hash({"x": second})


@pytest.mark.parametrize(
    ("first", "second"),
    [(1, True), (0, None), ("1", 1), ([], {}), ([[1], 2], [1, [2]]), ("", None)],
)
def test_look_alikes_differ(first, second):
    assert content_hash(first) != content_hash(second)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_without_end_are_refused_with_their_place(number):
    with pytest.raises(ValueError, match=r"data\.settings\.cfg\[1\]: .*not finite"):
        content_hash({"settings": {"cfg": [1, number]}})


@pytest.mark.parametrize("value", [Path("x"), {1, 2}, b"bytes", object()])
def test_other_types_are_refused_with_their_place(value):
    with pytest.raises(TypeError, match=rf"data\.a\[0\]: {type(value).__name__} is no plain"):
        content_hash({"a": [value]})


def test_keys_that_are_no_text_are_refused():
    with pytest.raises(TypeError, match=r"data\.a: the key 1 is int"):
        content_hash({"a": {1: 2}})


def test_data_that_holds_itself_is_refused():
    data = []
    data.append(data)
    with pytest.raises(ValueError, match="nested deeper"):
        content_hash(data)


# scene_hash


@pytest.fixture
def plan_data():
    corgi = {"id": "corgi", "name": "a corgi", "kind": "foreground", "reference_image": "c.png"}
    park = {"id": "park", "name": "a park", "kind": "background"}
    one = {
        "id": "one",
        "prompt": "a corgi",
        "frames": 4,
        "entities": ["corgi"],
        "layout": [{"frame": 0, "boxes": {"corgi": [0.1, 0.2, 0.5, 0.6]}}],
    }
    two = {"id": "two", "prompt": "a park", "frames": 2, "background": "park"}
    return {
        "version": 1,
        "prompt": "both",
        "fps": 8,
        "width": 128,
        "height": 128,
        "entities": [corgi, park],
        "scenes": [one, two],
    }


def hashes(data, settings=None, models=None, references=None):
    plan = plan_io.from_data(data)
    settings = {"seed": 1, "steps": 4} if settings is None else settings
    count = len(plan.scenes)
    return [scene_hash(plan, i, settings, models or {}, references) for i in range(count)]


def changed(before, after):
    return [old != new for old, new in zip(before, after, strict=True)]


def edit(data, **values):
    return {**data, **values}


def edit_scene(data, index, **values):
    scenes = [{**s, **values} if i == index else s for i, s in enumerate(data["scenes"])]
    return {**data, "scenes": scenes}


def edit_entity(data, index, **values):
    entities = [{**e, **values} if i == index else e for i, e in enumerate(data["entities"])]
    return {**data, "entities": entities}


@pytest.mark.parametrize(
    "change",
    [
        lambda data: edit(data, fps=24),
        lambda data: edit(data, prompt="another"),
        lambda data: edit_scene(data, 0, locked=True),
        lambda data: edit(data, entities=data["entities"][::-1]),
    ],
)
def test_what_changes_no_pixel_changes_no_hash(plan_data, change):
    assert changed(hashes(plan_data), hashes(change(plan_data))) == [False, False]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: edit_scene(data, 0, prompt="a poodle"),
        lambda data: edit_scene(data, 0, frames=5),
        lambda data: edit_scene(data, 0, seed=3),
        lambda data: edit_scene(data, 0, camera={"direction": "left"}),
        lambda data: edit_scene(
            data, 0, layout=[{"frame": 0, "boxes": {"corgi": [0.1, 0.2, 0.5, 0.61]}}]
        ),
        lambda data: edit_entity(data, 0, description="a brown one"),
        lambda data: edit_entity(data, 0, reference_image="other.png"),
    ],
)
def test_a_change_of_one_scene_changes_its_hash_alone(plan_data, change):
    assert changed(hashes(plan_data), hashes(change(plan_data))) == [True, False]


def test_size_settings_and_models_change_all(plan_data):
    before = hashes(plan_data)
    assert changed(before, hashes(edit(plan_data, width=256))) == [True, True]
    assert changed(before, hashes(plan_data, {"seed": 1, "steps": 5})) == [True, True]
    assert changed(before, hashes(plan_data, models={"clip": "0" * 64})) == [True, True]


def test_a_reference_counts_by_its_content_and_only_where_it_is_seen(plan_data):
    first = hashes(plan_data, references={"corgi": "0" * 64, "cat": "0" * 64})
    renamed = edit_entity(plan_data, 0, reference_image="renamed.png")
    assert hashes(renamed, references={"corgi": "0" * 64}) == first
    assert changed(first, hashes(plan_data, references={"corgi": "1" * 64})) == [True, False]
    assert changed(first, hashes(plan_data, references={})) == [True, False]


def test_moving_a_scene_or_adding_one_changes_no_hash(plan_data):
    one, two = hashes(plan_data)
    extra = {"id": "three", "prompt": "a pond", "frames": 2}
    scenes = [plan_data["scenes"][1], extra, plan_data["scenes"][0]]
    moved = hashes(edit(plan_data, scenes=scenes))
    assert (moved[0], moved[2]) == (two, one)


def test_which_scenes_a_job_renders_is_no_setting_of_a_scene(plan_data):
    first = hashes(plan_data, {"seed": 1, "only": ""})
    assert hashes(plan_data, {"seed": 1, "only": "one"}) == first


def test_the_algorithm_is_part_of_the_hash(plan_data, monkeypatch):
    before = hashes(plan_data)
    monkeypatch.setattr("video_director.rendering.digests.ALGORITHM", ALGORITHM + 1)
    assert changed(before, hashes(plan_data)) == [True, True]


def test_the_content_is_plain_data(plan_data):
    content = scene_content(plan_io.from_data(plan_data), 0, {"seed": 1}, {"unet": "0" * 64})
    assert json.loads(json.dumps(content)) == content
    assert content["models"] == {"unet": "0" * 64}


def test_another_process_computes_the_same_hash(plan_data):
    code = (
        "import importlib.util, json, sys; root = sys.argv[1]\n"
        "spec = importlib.util.spec_from_file_location('video_director', root + '/__init__.py',"
        " submodule_search_locations=[root])\n"
        "sys.modules['video_director'] = module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "from video_director.planning import plan_io\n"
        "from video_director.rendering.digests import scene_hash\n"
        "plan = plan_io.from_data(json.loads(sys.argv[2]))\n"
        "print(scene_hash(plan, 0, {'steps': 4, 'seed': 1}, {}))\n"
        "assert 'torch' not in sys.modules\n"
    )
    command = [sys.executable, "-c", code, str(ROOT), json.dumps(plan_data)]
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == hashes(plan_data)[0]


# file_digest


@pytest.fixture
def memory(tmp_path):
    return DigestMemory(tmp_path / "cache" / "digests.json")


def test_a_file_is_named_by_its_content(tmp_path, memory):
    content = os.urandom(3 * 2**20 + 17)
    path = settled(tmp_path / "model", content)
    expected = hashlib.sha256(content).hexdigest()
    assert file_digest(path) == file_digest(str(path), memory) == expected
    assert file_digest(path, memory) == expected


@pytest.fixture
def readings(monkeypatch):
    """Names of the files whose content was read."""
    read = []
    name = "video_director.rendering.run_digest_memory.sha256_of"

    def counting(path):
        read.append(path.name)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr(name, counting)
    return read


def test_an_unchanged_file_is_read_once(tmp_path, memory, readings):
    path = settled(tmp_path / "model", b"weights")
    first = file_digest(path, memory)
    assert file_digest(path, DigestMemory(memory.path)) == first
    assert readings == ["model"]


@pytest.mark.parametrize(
    ("content", "time_ns"), [(b"other w", OLD_NS + 1), (b"longer than", OLD_NS)]
)
def test_another_size_or_time_is_read_again(tmp_path, memory, content, time_ns):
    file_digest(settled(tmp_path / "model", b"weights"), memory)
    path = settled(tmp_path / "model", content, time_ns)
    assert file_digest(path, memory) == hashlib.sha256(content).hexdigest()


def test_a_file_written_just_now_is_not_remembered(tmp_path, memory, readings):
    path = tmp_path / "model"
    path.write_bytes(b"weights")
    file_digest(path, memory)
    file_digest(path, memory)
    assert readings == ["model", "model"]


def test_the_memory_names_no_file(tmp_path, memory):
    file_digest(settled(tmp_path / "secret-project", b"weights"), memory)
    text = memory.path.read_text()
    assert hashlib.sha256(b"weights").hexdigest() in text
    assert "secret-project" not in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"files": 3}',
        b'{"files": {"x": 3}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_memory_is_made_anew(tmp_path, memory, damage):
    path = settled(tmp_path / "model", b"weights")
    expected = file_digest(path, memory)
    memory.path.write_bytes(damage)
    assert file_digest(path, memory) == expected
    assert json.loads(memory.path.read_text())["files"]


@pytest.mark.parametrize("digest", [None, 3, "", "0" * 63, "G" * 64])
def test_a_damaged_entry_is_not_believed(tmp_path, memory, digest):
    path = settled(tmp_path / "model", b"weights")
    expected = file_digest(path, memory)
    data = json.loads(memory.path.read_text())
    next(iter(data["files"].values()))["sha256"] = digest
    memory.path.write_text(json.dumps(data))
    assert file_digest(path, memory) == expected


def test_a_memory_that_cannot_be_written_only_costs_time(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    path = settled(tmp_path / "model", b"weights")
    memory = DigestMemory(tmp_path / "file" / "digests.json")
    assert file_digest(path, memory) == hashlib.sha256(b"weights").hexdigest()
    assert "not remembered" in caplog.text
    assert str(tmp_path) not in caplog.text


def test_several_writers_lose_nothing(tmp_path, memory, readings):
    files = [settled(tmp_path / f"model-{i}", b"%d" % i) for i in range(12)]
    threads = [
        threading.Thread(target=file_digest, args=(file, DigestMemory(memory.path)))
        for file in files
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    readings.clear()
    for index, file in enumerate(files):
        assert file_digest(file, memory) == hashlib.sha256(b"%d" % index).hexdigest()
    assert readings == []


def test_a_missing_file_is_an_error(tmp_path, memory):
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "none", memory)
