"""Manifests that were edited or damaged: what is true is kept, what is not is not believed."""

import json
import logging
import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from video_director.planning import plan_io
from video_director.rendering.run_errors import RunFolderVersionError
from video_director.rendering.run_folder import RunFolder
from video_director.rendering.run_manifest import RunManifest, check_file_name, dump
from video_director.rendering.run_reading import read_manifest, read_take

A, B = "a" * 64, "b" * 64
FACTS = {"frames": 4, "fps": 8, "width": 128, "height": 64, "seed": 3}
PLAN = {
    "version": 1,
    "prompt": "both",
    "fps": 8,
    "width": 128,
    "height": 64,
    "scenes": [{"id": "one", "prompt": "a ball", "frames": 4}],
}


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch):
    """No machine loses power here, and waiting would take most of these tests' time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def root(tmp_path):
    """A run with two takes of scene one (the first chosen) and one of scene two."""
    root = tmp_path / "run"
    with RunFolder.open(root, create=True).lock() as run:
        run.set_plan(plan_io.from_data(PLAN), {"steps": 4}, {"pack": "0.1.0"})
        for scene_id, hash in (("one", A), ("one", A), ("two", B)):
            with run.new_take(scene_id, hash, **FACTS) as folder:
                (folder / "clip.mp4").write_bytes(os.urandom(20))
        run.choose("one", 1)
    return root


def relocked(root):
    with RunFolder.open(root).lock() as run:
        return run


def clip(root, scene_id="one", number=1):
    return root / "scenes" / scene_id / str(number) / "clip.mp4"


def all_done(run):
    return [run.done("one", A), run.done("two", B)]


def edited(root, change):
    data = json.loads((root / "manifest.json").read_text())
    change(data)
    (root / "manifest.json").write_text(json.dumps(data))
    return (root / "manifest.json").read_bytes()


def test_an_untouched_manifest_is_left_as_it_is(root, caplog):
    before = (root / "manifest.json").read_bytes()
    with caplog.at_level(logging.INFO):
        relocked(root)
    assert (root / "manifest.json").read_bytes() == before
    assert not list(root.glob("manifest.damaged*"))
    assert caplog.text == ""


WHOLE_DAMAGE = {
    "empty": lambda raw: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "one brace less": lambda raw: raw.rstrip()[:-1],
    "zeros": lambda raw: bytes(len(raw)),
    "not UTF-8": lambda raw: raw + b"\xff",
    "not JSON": lambda raw: b"version: 1",
    "a list": lambda raw: b"[" + raw + b"]",
    "null": lambda raw: b"null",
    "a number": lambda raw: b"1",
    "endless": lambda raw: b"[" * 200_000,
    "not a number": lambda raw: raw.replace(b'"steps": 4', b'"steps": NaN'),
    "4400 digits": lambda raw: raw.replace(b'"steps": 4', b'"steps": ' + b"4" * 4400),
}


@pytest.mark.parametrize("damage", WHOLE_DAMAGE.values(), ids=WHOLE_DAMAGE)
def test_from_a_damaged_file_everything_but_choice_and_settings_comes_back(root, damage, caplog):
    newest, two = RunFolder.open(root).takes("one")[1], RunFolder.open(root).takes("two")[0]
    raw = damage((root / "manifest.json").read_bytes())
    (root / "manifest.json").write_bytes(raw)
    assert all_done(RunFolder.open(root)) == [newest, two]
    assert (root / "manifest.json").read_bytes() == raw, "opening changes nothing"
    run = relocked(root)
    assert all_done(run) == [newest, two]
    assert run.manifest.plan == plan_io.from_data(PLAN)
    assert (root / "manifest.damaged-1.json").read_bytes() == raw
    assert "manifest.damaged-1.json" in caplog.text
    assert str(root.parent) not in caplog.text
    caplog.clear()
    assert all_done(relocked(root)) == [newest, two]
    assert not (root / "manifest.damaged-2.json").exists()
    assert caplog.text == ""


def set_take(**values):
    return lambda data: data["scenes"]["one"]["takes"][0].update(values)


def set_file(name, **values):
    def change(data):
        files = data["scenes"]["one"]["takes"][0]["files"]
        files[name] = {**files.pop("clip.mp4"), **values}

    return change


EDITS = {
    "hash": set_take(hash=B),
    "hash of no form": set_take(hash="abc"),
    "frames": set_take(frames=5),
    "frames as text": set_take(frames="four"),
    "number taken": set_take(number=2),
    "number unknown": set_take(number=7),
    "no files": set_take(files={}),
    "digest": set_file("clip.mp4", sha256="0" * 64),
    "bytes": set_file("clip.mp4", bytes=21),
    "negative bytes": set_file("clip.mp4", bytes=-1),
    "another file": set_file("other.mp4"),
    "up": set_file("../2/clip.mp4"),
    "far up": set_file("../../../../outside.mp4"),
    "absolute": set_file("/etc/hostname"),
    "Windows": set_file("C:\\clip.mp4"),
    "unknown field": set_take(colour="red"),
    "no take": lambda data: data["scenes"]["one"].update(takes=[3, None]),
    "takes of no form": lambda data: data["scenes"]["one"].update(takes="all"),
    "a take that is not there": lambda data: data["scenes"]["one"]["takes"].append(
        {**data["scenes"]["one"]["takes"][0], "number": 3}
    ),
    "a scene out of the folder": lambda data: data["scenes"].update({"../x": {"takes": []}}),
    "a scene of no form": lambda data: data["scenes"].update({"three": 3}),
    "version as text": lambda data: data.update(version="1"),
    "version 0": lambda data: data.update(version=0),
    "version true": lambda data: data.update(version=True),
    "settings": lambda data: data.update(settings=[1]),
    "an impossible plan": lambda data: data["plan"].update(fps=-1),
    "no plan": lambda data: data.update(plan=3),
    "field": lambda data: data.update(note="by hand"),
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_an_edit_is_outweighed_by_the_takes_and_the_choice_stays(root, change, caplog):
    expected = [RunFolder.open(root).takes("one")[0], RunFolder.open(root).takes("two")[0]]
    raw = edited(root, change)
    run = relocked(root)
    assert all_done(run) == expected
    assert run.manifest.scenes["one"].chosen == 1
    assert [take.number for take in run.takes("one")] == [1, 2]
    assert run.manifest.plan == plan_io.from_data(PLAN)
    assert (root / "manifest.damaged-1.json").read_bytes() == raw
    assert "is damaged or was edited" in caplog.text
    assert all_done(relocked(root)) == expected
    assert not (root / "manifest.damaged-2.json").exists()


@pytest.mark.parametrize("chosen", [9, 0, -1, "1", True, [1]])
def test_a_choice_of_nothing_is_forgotten(root, chosen):
    edited(root, lambda data: data["scenes"]["one"].update(chosen=chosen))
    run = relocked(root)
    assert run.manifest.scenes["one"].chosen is None
    assert run.done("one", A).number == 2
    assert (root / "manifest.damaged-1.json").exists()


def test_scenes_that_were_struck_out_come_back(root):
    edited(root, lambda data: data.update(scenes={}))
    run = relocked(root)
    assert run.done("one", A).number == 2
    assert run.done("two", B).number == 1


@pytest.mark.parametrize("version", [2, 99, 10**20])
@pytest.mark.parametrize("part", ["manifest", "plan"])
def test_what_is_newer_is_refused(root, version, part):
    edited(
        root, lambda data: (data if part == "manifest" else data["plan"]).update(version=version)
    )
    with pytest.raises(RunFolderVersionError, match=rf"{part} has version {version}, and"):
        RunFolder.open(root)


# files and take.json


def replaced(path):
    path.write_bytes(b"x" * 20)


def shortened(path):
    path.write_bytes(path.read_bytes()[:-1])


def lengthened(path):
    with open(path, "ab") as file:
        file.write(b"x")


def folder_instead(path):
    path.unlink()
    path.mkdir()


def link_instead(path):
    content = path.parents[4] / "outside"
    shutil.move(path, content)
    path.symlink_to(content)


DAMAGES = [replaced, shortened, lengthened, os.unlink, folder_instead, link_instead]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_take_with_a_damaged_file_is_not_done(root, damage, caplog):
    run = RunFolder.open(root)
    damage(clip(root))
    assert run.done("one", A).number == 2
    assert "take 1 of scene one is not used: clip.mp4" in caplog.text
    assert relocked(root).done("one", A).number == 2


def test_damage_after_a_first_look_is_seen(root):
    run = RunFolder.open(root)
    assert run.done("two", B) is not None
    replaced(clip(root, "two"))
    os.utime(clip(root, "two"), ns=(1, 1))
    assert run.done("two", B) is None


def test_files_behind_a_linked_folder_are_not_of_the_run(root, tmp_path):
    shutil.move(root / "scenes" / "two", tmp_path / "outside")
    (root / "scenes" / "two").symlink_to(tmp_path / "outside")
    assert RunFolder.open(root).done("two", B) is None


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b"[" * 200_000, None])
def test_the_manifest_stands_in_for_a_damaged_take_json(root, raw):
    take = RunFolder.open(root).takes("two")[0]
    path = root / "scenes" / "two" / "1" / "take.json"
    path.unlink() if raw is None else path.write_bytes(raw)
    assert relocked(root).done("two", B) == take


def test_a_take_json_that_lies_is_outweighed_by_files_and_manifest(root):
    take = RunFolder.open(root).takes("two")[0]
    path = root / "scenes" / "two" / "1" / "take.json"
    data = json.loads(path.read_text())
    data["files"]["clip.mp4"]["sha256"] = "0" * 64
    path.write_text(json.dumps(data))
    assert relocked(root).done("two", B) == take


def test_a_take_json_of_another_number_does_not_count(root):
    shutil.copytree(root / "scenes" / "two" / "1", root / "scenes" / "two" / "2")
    assert [take.number for take in relocked(root).takes("two")] == [1]


def test_where_manifest_and_take_json_are_both_lost_the_take_is_not_done(root):
    (root / "scenes" / "two" / "1" / "take.json").write_bytes(b"{")
    (root / "manifest.json").write_bytes(b"{")
    run = relocked(root)
    assert run.done("two", B) is None
    assert clip(root, "two").exists(), "the files are left alone"
    with run.lock(), run.new_take("two", B, **FACTS) as folder:
        (folder / "clip.mp4").write_bytes(b"again")
    assert run.done("two", B).number == 2


def test_a_deleted_take_leaves_the_list(root, caplog):
    shutil.rmtree(root / "scenes" / "one" / "1")
    run = relocked(root)
    assert run.done("one", A).number == 2
    assert [take.number for take in run.takes("one")] == [2]
    assert "take 1 of scene one" in caplog.text


# any damage at all


def believed(run, contents):
    """Content of what the run calls done, which must be what was rendered."""
    for scene_id, scene in run.manifest.scenes.items():
        for take in scene.takes:
            done = run.done(scene_id, take.hash)
            if done is not None:
                where = clip(run.root, scene_id, done.number)
                assert where.read_bytes() == contents[scene_id, done.number]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def damaged(draw, raw):
    """A file with some bytes overwritten, cut out or put in."""
    data = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        data[start : start + length] = draw(st.binary(max_size=40))
    return bytes(data)


def places(data, path=()):
    """Paths of all values in nested data."""
    yield path
    inner = data if isinstance(data, dict) else dict(enumerate(data if type(data) is list else ()))
    for key, value in inner.items():
        yield from places(value, (*path, key))


@st.composite
def altered(draw, raw):
    """A file of valid JSON in which some value is another."""
    data = json.loads(raw)
    path = draw(st.sampled_from([path for path in places(data) if path]))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = draw(json_values)
    return json.dumps(data).encode()


@pytest.mark.parametrize("kind", [damaged, altered])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_damage_is_believed_and_the_run_goes_on(root, kind, data):
    good = root.parent / "good"
    if not good.exists():
        shutil.copytree(root, good)
    shutil.rmtree(root)
    shutil.copytree(good, root)
    contents = {
        ("one", 1): clip(root).read_bytes(),
        ("one", 2): clip(root, "one", 2).read_bytes(),
        ("two", 1): clip(root, "two").read_bytes(),
    }
    victim = data.draw(st.sampled_from(["manifest.json", "scenes/one/1/take.json"]))
    path = root / victim
    path.write_bytes(data.draw(kind(path.read_bytes())))
    try:
        run = RunFolder.open(root)
        believed(run, contents)
        with run.lock():
            believed(run, contents)
            assert run.done("two", B) is not None, "take two was not touched"
            with run.new_take("one", B, **FACTS) as folder:
                (folder / "clip.mp4").write_bytes(b"new")
        new = RunFolder.open(root).done("one", B)
        assert clip(root, "one", new.number).read_bytes() == b"new"
    except RunFolderVersionError:
        assert victim == "manifest.json"


@given(json_values)
def test_reading_never_fails_on_json(data):
    raw = json.dumps(data).encode()
    assert read_manifest(raw).damage
    assert read_take(raw) is None


@given(st.binary(max_size=200))
def test_reading_never_fails_on_bytes(raw):
    assert read_manifest(raw).damage
    assert read_take(raw) is None


def test_a_manifest_comes_back_as_it_was_written(root):
    manifest = RunFolder.open(root).manifest
    again = read_manifest(dump(manifest))
    assert again.manifest == manifest
    assert again.damage == []
    assert read_manifest(dump(RunManifest(version=1))).manifest == RunManifest(version=1)


@pytest.mark.parametrize(
    "name", ["clip.mp4", "frames/0001.png", "ä b.png", ".hidden", "x/take.json"]
)
def test_plain_names_are_names(name):
    assert check_file_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "C:a", "a\0b", "a\nb", "take.json"],
)
def test_other_names_are_none(name):
    with pytest.raises(ValueError, match="no file name"):
        check_file_name(name)
