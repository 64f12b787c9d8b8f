"""Where the host's code comes from, and what is refused."""

import hashlib
import io
import tarfile

import pytest
from video_director.host import source
from video_director.host.errors import SetupError


def make_sdist(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def sdist(tmp_path):
    files = {"pkg-1/vendor/ComfyUI/main.py": b"good", "pkg-1/setup.py": b"raise SystemExit"}
    path = tmp_path / "pkg-1.tar.gz"
    return path, make_sdist(path, files)


def test_unpacks_only_the_host(sdist, tmp_path):
    path, digest = sdist
    host = tmp_path / "hosts" / "ComfyUI"
    source.unpack_host(path, host, tmp_path / "work", digest)
    assert sorted(p.name for p in host.iterdir()) == [source.MARK, "main.py"]
    assert not list((tmp_path / "work").iterdir())


def test_wrong_hash_names_both_and_leaves_what_exists(sdist, tmp_path):
    path, digest = sdist
    host = tmp_path / "ComfyUI"
    host.mkdir()
    (host / "main.py").write_text("mine")
    with pytest.raises(SetupError, match=rf"{digest}.*{source.SDIST_SHA256}.*Nothing was unpacked"):
        source.unpack_host(path, host, tmp_path / "work")
    assert (host / "main.py").read_text() == "mine"
    assert not (tmp_path / "work").exists()


def test_an_sdist_without_a_host_is_refused(tmp_path):
    path = tmp_path / "other-1.tar.gz"
    digest = make_sdist(path, {"other-1/readme": b"x"})
    with pytest.raises(SetupError, match="no vendor/ComfyUI"):
        source.unpack_host(path, tmp_path / "ComfyUI", tmp_path / "work", digest)


def test_members_that_climb_out_are_not_written(tmp_path):
    path = tmp_path / "bad-1.tar.gz"
    files = {"bad-1/vendor/ComfyUI/main.py": b"x", "../../escaped": b"x"}
    digest = make_sdist(path, files)
    try:
        source.unpack_host(path, tmp_path / "a" / "b" / "ComfyUI", tmp_path / "a" / "b", digest)
    except tarfile.TarError:
        pass
    assert not list(tmp_path.rglob("escaped"))


def test_a_newer_sdist_replaces_an_older_unpacking_but_not_a_hand_made_host(sdist, tmp_path):
    path, digest = sdist
    source.unpack_host(path, tmp_path / "ComfyUI", tmp_path / "work", digest)
    assert not source.is_unpacked(tmp_path / "ComfyUI")  # another sdist than the wanted one
    (tmp_path / "ComfyUI" / source.MARK).write_text(source.SDIST_SHA256)
    assert source.is_unpacked(tmp_path / "ComfyUI")
    (tmp_path / "ComfyUI" / source.MARK).unlink()
    assert source.is_unpacked(tmp_path / "ComfyUI")
    assert not source.is_unpacked(tmp_path / "nowhere")


def test_comfyui_path(make_host, monkeypatch, tmp_path):
    monkeypatch.delenv("COMFYUI_PATH", raising=False)
    assert source.named_host() is None
    monkeypatch.setenv("COMFYUI_PATH", str(make_host(version="0.31.2")))
    assert source.named_host() == tmp_path / "host"
    monkeypatch.setenv("COMFYUI_PATH", str(make_host(version="0.29.9")))
    with pytest.raises(SetupError, match=r"0\.29.*needs 0\.30 or newer.*unset COMFYUI_PATH"):
        source.named_host()
    monkeypatch.setenv("COMFYUI_PATH", str(tmp_path / "nowhere"))
    with pytest.raises(SetupError, match=r"no ComfyUI in it.*unset"):
        source.named_host()
