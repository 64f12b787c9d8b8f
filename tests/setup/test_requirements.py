"""The requirement lists, read without a TOML library."""

import sys
from pathlib import Path

import pytest
from video_director.host.requirements import BASE, TORCH, digest_of, requirements_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_reads_pyproject_like_a_toml_library(make_host):
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    host = make_host(requirements="torch\naiohttp>=3.11.8\n\n#non essential:\nspandrel # models\n")
    for extra, wanted in project["optional-dependencies"].items():
        assert requirements_of(extra, host) == wanted
    base = requirements_of(BASE, host)
    assert base == [*TORCH, "torch", "aiohttp>=3.11.8", "spandrel", *project["dependencies"]]


def test_brackets_inside_requirements(make_host, tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["a[b,c]>=1", "d"]\n\n'
        '[project.optional-dependencies]\nmore = [\n    "e[f]",  # why\n    "g",\n]\n'
    )
    assert requirements_of("more", make_host(), tmp_path) == ["e[f]", "g"]
    assert requirements_of(BASE, make_host(), tmp_path)[-2:] == ["a[b,c]>=1", "d"]


def test_an_unknown_extra_is_named(make_host):
    with pytest.raises(KeyError, match="optional-dependencies.*nonsense"):
        requirements_of("nonsense", make_host())


def test_digest_tells_lists_apart():
    assert digest_of(["a", "b"]) == digest_of(["a", "b"])
    assert len({digest_of(lines) for lines in (["a", "b"], ["ab"], ["b", "a"], [])}) == 4
