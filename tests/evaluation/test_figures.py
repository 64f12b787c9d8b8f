"""The file that every measuring command writes."""

import json
import subprocess

import pytest
from video_director.evaluation.figures import Figure, table, write_figures
from video_director.host.provenance import commit, machine


def test_the_file_has_the_agreed_form(tmp_path):
    rows = [
        Figure("oracle.right", 0.5, "share", 200),
        Figure("gain_low95", -0.1, "share", 8, low95=-0.2, high95=0.1),
    ]
    path = tmp_path / "new" / "figures.json"
    write_figures(path, "evaluate something", 7, rows)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert list(content) == ["command", "commit", "machine", "seed", "rows"]
    assert content["command"] == "evaluate something"
    assert content["seed"] == 7
    assert content["commit"] == commit()
    assert content["machine"] == machine()
    plain = {"figure": "oracle.right", "value": 0.5, "unit": "share", "n": 200}
    assert content["rows"][0] == plain
    assert content["rows"][1]["high95"] == 0.1
    assert [p.name for p in path.parent.iterdir()] == ["figures.json"]


def test_a_name_given_twice_is_an_error_and_keeps_the_old_file(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text("old")
    with pytest.raises(ValueError, match="given twice: a.b"):
        write_figures(path, "evaluate x", 0, [Figure("a.b", 1, "share", 1)] * 2)
    assert path.read_text() == "old"


def test_the_table_is_aligned():
    lines = table([Figure("a", 1, "dB", 3), Figure("longer", 0.25, "share", 4)]).splitlines()
    assert len({line.index(".") for line in lines}) == 1


def test_commit_tells_changed_from_unchanged(tmp_path):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True)

    assert commit(tmp_path / "nowhere") == "unknown"
    git("init", "-q")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-qm", "first")
    clean = commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "file").write_text("two")
    assert commit(tmp_path) == clean + "+changes"


def test_machine_is_one_line_with_its_cores():
    assert "\n" not in machine()
    assert " cores, " in machine()
