"""A run folder keeps what was finished, and nothing else."""

import errno
import hashlib
import json
import logging
import os
import platform
import shutil
import sys
import threading
from datetime import datetime, timezone

import pytest
from pydantic import ValidationError
from video_director.planning import plan_io
from video_director.rendering.run_errors import (
    RunFolderBusyError,
    RunFolderError,
    RunFolderFullError,
    RunFolderVersionError,
)
from video_director.rendering.run_folder import RunFolder

A, B = "a" * 64, "b" * 64
FACTS = {"frames": 4, "fps": 8, "width": 128, "height": 64, "seed": 2**64 - 1}
PLAN = {
    "version": 1,
    "prompt": "both",
    "fps": 8,
    "width": 128,
    "height": 64,
    "scenes": [
        {"id": "one", "prompt": "a ball", "frames": 4},
        {"id": "two", "prompt": "a star", "frames": 4},
    ],
}


@pytest.fixture
def root(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def run(root):
    """A locked run folder."""
    with RunFolder.open(root, create=True).lock() as run:
        yield run


def add_take(run, scene_id="one", hash=A, content=b"clip", **facts):
    with run.new_take(scene_id, hash, **{**FACTS, **facts}) as folder:
        (folder / "clip.mp4").write_bytes(content)
        (folder / "frames").mkdir()
        (folder / "frames" / "0.png").write_bytes(content * 2)
    return run.takes(scene_id)[-1]


def fail_in_a_take(run, scene_id, content, error, **facts):
    with run.new_take(scene_id, B, **FACTS, **facts) as folder:
        (folder / "clip.mp4").write_bytes(content)
        raise error


def damaged_copies(root):
    return sorted(path.name for path in root.glob("manifest.damaged-*.json"))


def tree(root):
    """Content of all files by name, without the lock's own."""
    files = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


# takes


def test_a_take_says_what_it_is(run, root):
    before = datetime.now(timezone.utc).replace(microsecond=0)
    take = add_take(run, seconds=1.5, versions={"pack": "0.1.0"}, machine="two cores")
    assert (take.number, take.hash, take.frames, take.fps) == (1, A, 4, 8)
    assert (take.width, take.height, take.seed, take.seconds) == (128, 64, 2**64 - 1, 1.5)
    assert (take.versions, take.machine) == ({"pack": "0.1.0"}, "two cores")
    created = datetime.strptime(take.created, "%Y-%m-%dT%H:%M:%S%z")
    assert before <= created <= datetime.now(timezone.utc)
    assert {name: (file.sha256, file.bytes) for name, file in take.files.items()} == {
        "clip.mp4": (hashlib.sha256(b"clip").hexdigest(), 4),
        "frames/0.png": (hashlib.sha256(b"clipclip").hexdigest(), 8),
    }
    folder = root / "scenes" / "one" / "1"
    assert run.take_folder("one", 1) == folder
    assert (folder / "frames" / "0.png").read_bytes() == b"clipclip"
    assert json.loads((folder / "take.json").read_text()) == take.model_dump(mode="json")
    manifest = json.loads((root / "manifest.json").read_text())
    assert manifest["scenes"]["one"]["takes"] == [take.model_dump(mode="json")]


def test_a_finished_take_is_found_by_its_hash(run, root):
    take = add_take(run)
    assert run.done("one", A) == take
    assert run.done("one", B) is None
    assert run.done("two", A) is None
    assert RunFolder.open(root).done("one", A) == take


def test_the_newest_take_that_fits_is_used_unless_another_is_chosen(run, root):
    for hash in (A, A, B):
        add_take(run, hash=hash)
    assert run.done("one", A).number == 2
    run.choose("one", 1)
    assert run.done("one", A).number == 1
    assert run.done("one", B).number == 3, "a choice that does not fit is no obstacle"
    assert RunFolder.open(root).done("one", A).number == 1
    run.choose("one", None)
    assert run.done("one", A).number == 2


def test_where_the_chosen_take_is_broken_the_next_one_is_used(run):
    add_take(run)
    add_take(run)
    run.choose("one", 2)
    (run.take_folder("one", 2) / "clip.mp4").unlink()
    assert run.done("one", A).number == 1


def test_a_take_that_is_not_there_cannot_be_chosen(run):
    add_take(run)
    with pytest.raises(RunFolderError, match=r"'one' has no take 2; its takes: 1\."):
        run.choose("one", 2)
    with pytest.raises(RunFolderError, match="its takes: none yet"):
        run.choose("two", 1)
    assert run.manifest.scenes["one"].chosen is None


def test_a_block_that_raises_leaves_nothing(run, root):
    add_take(run)
    before = tree(root)
    with pytest.raises(KeyError):
        fail_in_a_take(run, "one", b"half", KeyError())
    assert tree(root) == before
    assert list((root / ".unfinished").iterdir()) == []
    assert run.done("one", B) is None
    assert add_take(run).number == 2


def test_a_take_without_files_is_refused(run):
    with pytest.raises(ValueError, match="without files"), run.new_take("one", A, **FACTS):
        pass
    assert run.takes("one") == []


@pytest.mark.parametrize("name", ["take.json", "a:b", "a\\b", "a\nb"])
def test_files_with_odd_names_are_refused(run, name):
    with pytest.raises(ValueError, match="no file name"), run.new_take("one", A, **FACTS) as folder:
        (folder / name).write_bytes(b"")
    assert run.takes("one") == []


def test_links_in_a_take_are_refused(run, tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ValueError, match="no ordinary"), run.new_take("one", A, **FACTS) as folder:
        (folder / "clip.mp4").symlink_to(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"x"


@pytest.mark.parametrize("scene_id", ["", "..", "../one", "a/b", "/one", "One", "x" * 65, "one\n"])
def test_only_ids_of_scenes_name_folders(run, scene_id):
    with pytest.raises(RunFolderError, match="no id of a scene"):
        add_take(run, scene_id)
    with pytest.raises(RunFolderError, match="no id of a scene"):
        run.take_folder(scene_id, 1)


@pytest.mark.parametrize(
    "facts",
    [{"hash": "abc"}, {"frames": 0}, {"fps": 0}, {"width": "128"}, {"seed": -1}, {"colour": "red"}],
)
def test_wrong_facts_are_refused_before_anything_is_written(run, root, facts):
    with pytest.raises(ValidationError):
        add_take(run, **facts)
    assert list((root / ".unfinished").iterdir()) == []


def test_the_folder_of_a_scene_may_not_lead_away(run, root, tmp_path):
    (root / "scenes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (root / "scenes" / "one").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunFolderError, match="leads out of it"):
        add_take(run)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_numbers_of_folders_that_are_not_ours_are_passed_over(run, root):
    (root / "scenes" / "one" / "1").mkdir(parents=True)
    (root / "scenes" / "one" / "1" / "notes.txt").write_text("mine")
    assert add_take(run).number == 2
    assert (root / "scenes" / "one" / "1" / "notes.txt").read_text() == "mine"


def test_threads_that_finish_at_once_lose_nothing(run, root):
    threads = [
        threading.Thread(target=add_take, args=(run, f"scene-{i % 3}", A, b"%d" % i))
        for i in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened = RunFolder.open(root)
    assert [[t.number for t in opened.takes(f"scene-{i}")] for i in range(3)] == [[1, 2, 3, 4]] * 3
    assert tree(root)["scenes/scene-0/1/clip.mp4"] in (b"0", b"3", b"6", b"9")


# plan


def test_the_plan_is_kept_and_scenes_that_left_it_keep_their_takes(run, root):
    plan = plan_io.from_data(PLAN)
    run.set_plan(plan, settings={"seed": 1, "none": None}, versions={"pack": "0.1.0"})
    take = add_take(run, "two")
    shorter = plan_io.from_data({**PLAN, "scenes": PLAN["scenes"][:1]})
    run.set_plan(shorter)
    opened = RunFolder.open(root)
    assert opened.manifest.plan == shorter
    assert opened.manifest.settings == {"seed": 1, "none": None}
    assert opened.manifest.versions == {"pack": "0.1.0"}
    assert opened.done("two", A) == take
    assert (root / "plan.json").read_text() == plan_io.dumps(shorter)
    assert damaged_copies(root) == []


@pytest.mark.parametrize("settings", [{"cfg": float("nan")}, {"x": object()}])
def test_settings_that_are_no_json_are_refused(run, root, settings):
    run.set_plan(plan_io.from_data(PLAN), {"seed": 1})
    before = tree(root)
    with pytest.raises(ValueError, match=r"JSON|valid"):
        run.set_plan(plan_io.from_data(PLAN), settings)
    assert tree(root) == before
    assert run.manifest.settings == {"seed": 1}


# opening and locking


def test_a_folder_without_a_run_is_opened_only_to_begin_one(root):
    with pytest.raises(RunFolderError, match="no run in the folder 'run'"):
        RunFolder.open(root)
    RunFolder.open(root, create=True)
    with RunFolder.open(root, create=True).lock():
        pass
    assert RunFolder.open(root).manifest.scenes == {}


def test_errors_name_no_folder_above(tmp_path, root):
    root.write_text("")
    with pytest.raises(RunFolderError, match="'run' is a file") as raised:
        RunFolder.open(root, create=True)
    assert str(tmp_path) not in str(raised.value)
    with pytest.raises(RunFolderError, match="can't be made") as raised:
        RunFolder.open(root / "below", create=True)
    assert str(tmp_path) not in str(raised.value)


def test_nothing_is_written_without_the_lock(root):
    with RunFolder.open(root, create=True).lock() as run:
        add_take(run)
    for write in (
        lambda: add_take(run),
        lambda: run.choose("one", 1),
        lambda: run.set_plan(plan_io.from_data(PLAN)),
    ):
        with pytest.raises(RunFolderError, match="without its lock"):
            write()
    assert run.done("one", A).number == 1


def test_a_take_that_ends_after_the_lock_is_not_kept(root):
    run = RunFolder.open(root, create=True)
    with pytest.raises(RunFolderError, match="without its lock"), contextmanagers_crossed(run):
        pass
    assert RunFolder.open(root).takes("one") == []


def contextmanagers_crossed(run):
    lock = run.lock()
    lock.__enter__()
    take = run.new_take("one", A, **FACTS)

    class Crossed:
        def __enter__(self):
            (take.__enter__() / "clip.mp4").write_bytes(b"x")
            lock.__exit__(None, None, None)

        def __exit__(self, *error):
            take.__exit__(*error)

    return Crossed()


def test_a_second_writer_is_told_who_holds_the_folder(run, root):
    other = RunFolder.open(root)
    with pytest.raises(RunFolderBusyError) as raised, other.lock():
        pass
    assert f"process {os.getpid()} on {platform.node()} since 20" in str(raised.value)
    assert str(root.parent) not in str(raised.value)


def test_a_second_writer_can_wait(root):
    first, second = RunFolder.open(root, create=True), RunFolder.open(root, create=True)
    held, free = threading.Event(), threading.Event()

    def hold():
        with first.lock() as run:
            held.set()
            free.wait(10)
            add_take(run)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    threading.Timer(0.2, free.set).start()
    with second.lock(timeout=10) as run:
        add_take(run)
    thread.join()
    assert [take.number for take in run.takes("one")] == [1, 2], "the first's take is not forgotten"
    listed = json.loads((root / "manifest.json").read_text())["scenes"]["one"]["takes"]
    assert [take["number"] for take in listed] == [1, 2]


def test_the_lock_is_free_after_an_error_and_can_be_taken_again(root):
    run = RunFolder.open(root, create=True)
    with pytest.raises(KeyError), run.lock():
        raise KeyError
    with run.lock():
        assert add_take(run).number == 1
    assert not (root / ".lock-holder.json").exists()


def test_leftovers_are_removed(root):
    with RunFolder.open(root, create=True).lock() as run:
        add_take(run)
    before = tree(root)
    (root / ".unfinished" / "one-1234").mkdir()
    (root / ".unfinished" / "one-1234" / "clip.mp4").write_bytes(b"half")
    (root / ".unfinished" / ".manifest.json.abcd.part").write_bytes(b"{")
    with RunFolder.open(root).lock():
        assert list((root / ".unfinished").iterdir()) == []
    assert tree(root) == before


def test_leftovers_behind_a_link_are_not_touched(root, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    root.mkdir()
    (root / ".unfinished").symlink_to(tmp_path / "mine")
    with pytest.raises(RunFolderError, match="is a link"), RunFolder.open(root, create=True).lock():
        pass
    assert (tmp_path / "mine" / "file").exists()


def test_a_newer_folder_is_refused_and_left_alone(root):
    with RunFolder.open(root, create=True).lock() as run:
        add_take(run)
    data = json.loads((root / "manifest.json").read_text())
    (root / "manifest.json").write_text(json.dumps({**data, "version": 2, "novelty": 1}))
    (root / ".unfinished" / "of-the-newer").mkdir()
    before = tree(root)
    for enter in (lambda: RunFolder.open(root), lambda: run.lock().__enter__()):
        with pytest.raises(RunFolderVersionError, match="has version 2, and this pack knows 1"):
            enter()
    assert tree(root) == before
    assert (root / ".unfinished" / "of-the-newer").is_dir()


# a killed writer's takes


def test_a_take_in_place_that_the_manifest_does_not_know_yet_is_taken_up(root, caplog):
    with RunFolder.open(root, create=True).lock() as run:
        add_take(run)
        early = (root / "manifest.json").read_bytes()
        take = add_take(run, content=b"later")
    (root / "manifest.json").write_bytes(early)
    with caplog.at_level(logging.WARNING), RunFolder.open(root).lock() as run:
        assert run.done("one", A) == take
    assert json.loads((root / "manifest.json").read_text())["scenes"]["one"]["takes"][1]
    assert damaged_copies(root) == []
    assert caplog.text == ""


def test_a_lost_manifest_is_made_anew_from_the_takes(root):
    with RunFolder.open(root, create=True).lock() as run:
        run.set_plan(plan_io.from_data(PLAN))
        takes = [add_take(run), add_take(run, "two", B)]
    (root / "manifest.json").unlink()
    opened = RunFolder.open(root)
    assert opened.manifest.plan == plan_io.from_data(PLAN)
    assert [opened.done("one", A), opened.done("two", B)] == takes
    assert not (root / "manifest.json").exists(), "reading changes nothing"


def test_a_folder_that_was_moved_is_as_good(root, tmp_path):
    with RunFolder.open(root, create=True).lock() as run:
        take = add_take(run)
    shutil.move(root, tmp_path / "moved")
    assert RunFolder.open(tmp_path / "moved").done("one", A) == take


# full disks


def refuse_space(monkeypatch, when):
    """Let the disk be full for writes to files that ``when`` says."""
    real = os.fsync

    def full(descriptor):
        if when(os.readlink(f"/proc/self/fd/{descriptor}")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/secret/path")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)


def test_a_full_disk_says_how_much_is_needed_and_free(run, root):
    take = add_take(run)
    full = OSError(errno.ENOSPC, "No space left on device", "/secret/path")
    with pytest.raises(RunFolderFullError) as raised:
        fail_in_a_take(run, "two", b"begun", full, expected_bytes=5_000_000)
    text = str(raised.value)
    assert "A take of scene two could not be written (No space left on device)" in text
    assert "needs 5.0 MB or more" in text
    assert "MB are free" in text
    assert "secret" not in text
    assert raised.value.needed == 5_000_000
    assert raised.value.free > 0
    assert list((root / ".unfinished").iterdir()) == []
    assert run.done("one", A) == take
    assert run.takes("two") == []


def test_what_was_written_counts_as_needed(run):
    with pytest.raises(RunFolderFullError) as raised:
        fail_in_a_take(run, "two", b"x" * 1000, OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert raised.value.needed == 1000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_file_larger_than_allowed_is_a_full_disk(run):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(RunFolderFullError, match="File too large"):
            add_take(run, content=b"x" * 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert run.takes("one") == []
    assert add_take(run, content=b"x" * 20_000).number == 1


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs Linux' /proc")
@pytest.mark.parametrize("name", ["clip.mp4", "take.json", ".manifest.json"])
def test_a_disk_that_fills_at_any_file_loses_nothing(run, root, monkeypatch, name):
    take = add_take(run)
    refuse_space(monkeypatch, lambda path: f"/{name}" in path)
    with pytest.raises(RunFolderFullError) as raised:
        add_take(run, "two")
    assert "secret" not in str(raised.value)
    assert run.done("one", A) == take
    monkeypatch.undo()
    run.set_plan(plan_io.from_data(PLAN))
    assert add_take(run, "two", B).hash == B
    opened = RunFolder.open(root)
    assert opened.done("one", A) == take
    assert opened.done("two", B) is not None
    assert damaged_copies(root) == []


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs Linux' /proc")
def test_a_take_that_only_the_manifest_lacks_is_taken_up_when_there_is_room(root, monkeypatch):
    run = RunFolder.open(root, create=True)
    with run.lock():
        refuse_space(monkeypatch, lambda path: "/.manifest.json" in path)
        with pytest.raises(RunFolderFullError, match="The run's manifest"):
            add_take(run)
        monkeypatch.undo()
    with run.lock():
        assert run.done("one", A).number == 1


def test_another_error_of_the_disk_is_passed_on(run):
    with pytest.raises(OSError, match="broken") as raised, run.new_take("one", A, **FACTS):
        raise OSError(errno.EIO, "broken")
    assert not isinstance(raised.value, RunFolderError)
