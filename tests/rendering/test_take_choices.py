"""Which take of a scene is used: named, chosen for good, or the newest that fits."""

import json

import pytest
from video_director.rendering.run_errors import RunFolderError
from video_director.rendering.run_folder import RunFolder
from video_director.rendering.take_choices import (
    choice_problems,
    parse_choices,
    surprising_takes,
    take_to_use,
    told_take,
)

A, B, C = (digit * 64 for digit in "abc")
FACTS = {"frames": 1, "fps": 8, "width": 64, "height": 64, "seed": 0}
PLAN, SIZE = ["one", "two"], (64, 64)


@pytest.fixture
def run(tmp_path):
    """A locked run: scene one has takes of the hashes A, A and B."""
    with RunFolder.open(tmp_path / "run", create=True).lock() as run:
        for hash in (A, A, B):
            with run.new_take("one", hash, **FACTS) as folder:
                (folder / "clip.mkv").write_bytes(hash.encode())
        yield run


def used(run, hash, choices=None):
    take = take_to_use(run, "one", hash, choices or {})
    return None if take is None else take.number


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("", {}),
        (" , ", {}),
        ("s1:2", {"s1": 2}),
        (" s1 : 2 ,scene-3:latest, ", {"s1": 2, "scene-3": None}),
    ],
)
def test_choices_are_read(text, choices):
    assert parse_choices(text) == choices


@pytest.mark.parametrize("part", ["s1", "s1:", ":2", "s1:0", "s1:-1", "s1:two", "s1:1.5", "s1:²"])
def test_what_means_no_take_is_named(part):
    with pytest.raises(ValueError, match="names no take; write scene and take") as caught:
        parse_choices(f"s9:1, {part}")
    assert repr(part) in str(caught.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ValueError, match="two takes of scene 's1'.*'x' names no take"):
        parse_choices("s1:1, s1:2, x")


def test_a_named_take_is_used_whatever_its_hash(run):
    assert used(run, A) == 2
    assert used(run, A, {"one": 1}) == 1
    assert used(run, A, {"one": 3}) == 3
    assert used(run, C, {"one": 3}) == 3
    assert used(run, C, {"two": 3}) is None


def test_latest_passes_over_what_is_chosen(run):
    run.choose("one", 1)
    assert used(run, A) == 1
    assert used(run, A, {"one": None}) == 2
    assert used(run, C, {"one": None}) is None


def test_a_choice_holds_for_the_scene_as_it_was(run):
    run.choose("one", 3, hash=A)
    assert used(run, A) == 3
    assert used(run, C) is None, "a scene that changes is rendered"
    again = RunFolder.open(run.root)
    assert used(again, A) == 3
    run.choose("one", None)
    assert used(run, A) == 2
    assert run.manifest.scenes["one"].chosen_for is None


def test_a_choice_without_a_hash_is_one_for_its_own(run):
    """As manifests of earlier versions have them."""
    run.choose("one", 3)
    assert used(run, A) == 2
    assert used(run, B) == 3


def test_earlier_packs_read_a_manifest_whose_choices_are_theirs(run):
    run.choose("one", 2)
    scene = json.loads((run.root / "manifest.json").read_text())["scenes"]["one"]
    assert set(scene) == {"takes", "chosen"}
    run.choose("one", 2, hash=B)
    scene = json.loads((run.root / "manifest.json").read_text())["scenes"]["one"]
    assert scene["chosen_for"] == B


def test_a_chosen_take_that_is_broken_gives_way(run):
    run.choose("one", 3, hash=A)
    (run.take_folder("one", 3) / "clip.mkv").unlink()
    assert used(run, A) == 2


def test_a_named_take_that_is_broken_or_missing_is_told(run):
    (run.take_folder("one", 1) / "clip.mkv").write_bytes(b"short")
    with pytest.raises(RunFolderError, match="Take 1 of scene one is damaged"):
        used(run, A, {"one": 1})
    problems = choice_problems(run, {"one": 1, "two": 4, "three": 1, "four": None}, PLAN, SIZE)
    assert len(problems) == 4
    assert problems[1] == "Scene 'two' has no take 4; its takes: none yet."
    assert all("the plan's scenes are one, two" in problem for problem in problems[2:])
    assert not choice_problems(run, {"one": 2, "two": None}, PLAN, SIZE)


def test_a_take_is_told_with_all_that_may_surprise(run):
    takes = run.takes("one")
    assert told_take(takes[2], B, 3) == "take 3"
    assert told_take(takes[0], A, 3) == "take 1 (the newest is 3)"
    assert told_take(takes[0], B, 3) == (
        "take 1 (the newest is 3, rendered before plan or settings changed)"
    )


def test_takes_of_another_size_join_with_no_others(run):
    (problem,) = choice_problems(run, {"one": 1}, ["one"], (128, 64))
    assert "take 1 of scene one is 64x64, and the frames of this video are 128x64" in problem


def test_only_what_may_surprise_is_told(run):
    run.choose("one", 3, hash=B)
    assert not surprising_takes(run, {"one": 3})
    run.choose("one", 3, hash=A)
    assert surprising_takes(run, {"one": 3}) == {
        "one": "take 3 (rendered before plan or settings changed)"
    }
    run.choose("one", 1)
    assert surprising_takes(run, {"one": 1}) == {"one": "take 1 (the newest is 3)"}
