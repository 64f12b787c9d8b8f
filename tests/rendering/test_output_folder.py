"""Files of a job: complete or not there."""

import hashlib
import json

import pytest
from video_director.rendering.output_folder import write_output


def test_manifest_lists_what_is_there(tmp_path):
    folder = tmp_path / "new" / "folder"
    write_output(folder, {"a.bin": b"\x00\x01", "b.txt": b"x"}, {"prompt": "ü"})
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["prompt"] == "ü"
    assert sorted(p.name for p in folder.iterdir()) == ["a.bin", "b.txt", "manifest.json"]
    for name, entry in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_a_failure_leaves_the_earlier_result(tmp_path):
    write_output(tmp_path, {"a.bin": b"first"}, {})
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(TypeError):
        write_output(tmp_path, {"a.bin": b"second"}, {"not json": object()})
    with pytest.raises(FileNotFoundError):  # while writing, after the first file
        write_output(tmp_path, {"a.bin": b"second", "no such folder/b.bin": b"x"}, {})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_an_existing_folder_keeps_its_other_files(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    write_output(tmp_path, {"a.bin": b"1"}, {})
    write_output(tmp_path, {"a.bin": b"2"}, {})
    assert (tmp_path / "a.bin").read_bytes() == b"2"
    assert (tmp_path / "mine.txt").read_text() == "mine"
