"""Failures of pip and of other tools, produced for real, and the paragraph each becomes."""

import sys

import pytest
from video_director.host.console import Console
from video_director.host.errors import DiskFullError, SetupError
from video_director.host.server import free_port
from video_director.host.tools import run_tool
from video_director.host.venv import BASE_PYTHON


@pytest.fixture
def run(tmp_path):
    def run(*command, what="doing it"):
        log = tmp_path / "logs" / "setup.log"
        run_tool(command, what, log=log, console=Console(), work=tmp_path / "work")
        return log.read_text()

    return run


@pytest.fixture
def pip(run, tmp_path):
    """This Python's pip or, where it has none, the base Python's."""

    def pip(*arguments):
        import importlib.util

        python = sys.executable if importlib.util.find_spec("pip") else BASE_PYTHON
        target = ("--target", str(tmp_path / "target"), "--no-cache-dir")
        return run(python, "-m", "pip", "install", *target, *arguments)

    return pip


def test_output_goes_to_the_log_and_nowhere_else(run, capsys):
    assert run(sys.executable, "-c", "print('hello')") == "hello\n"
    assert capsys.readouterr().out == ""


def test_wrong_hash(pip, wheels, tmp_path):
    right = wheels("thing")
    wrong = "0" * 64
    wanted = tmp_path / "requirements.txt"
    wanted.write_text(f"thing==1.0 --hash=sha256:{wrong}\n")
    with pytest.raises(SetupError, match=r"(?s)its sha256 differs.*mirror") as caught:
        pip("-r", str(wanted))
    assert right in str(caught.value)
    wanted.write_text(f"thing==1.0 --hash=sha256:{right}\n")
    pip("-r", str(wanted))
    assert (tmp_path / "target" / "thing.py").exists()


def test_no_network(pip, monkeypatch):
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    nobody = f"http://127.0.0.1:{free_port()}/simple"
    with pytest.raises(SetupError, match=r"can't be reached.*HTTPS_PROXY.*goes on where it"):
        pip("--index-url", nobody, "--retries", "1", "thing")


def test_nothing_fits(pip, wheels):
    with pytest.raises(SetupError, match=r"offers nothing that fits Python .* 3\.10 to 3\.14"):
        pip("thing")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_disk_full(run):
    write = "import os; os.write(os.open('/dev/full', os.O_WRONLY), b'x')"
    with pytest.raises(DiskFullError, match=r"Doing it failed: the disk is full\. Free some"):
        run(sys.executable, "-c", write)


def test_an_unknown_failure_shows_its_last_lines_and_the_log(run, tmp_path):
    code = "import sys; [print('line', i) for i in range(50)]; sys.exit('something odd')"
    with pytest.raises(
        SetupError, match=r"(?s)run the same command again.*line 49\n.*something"
    ) as e:
        run(sys.executable, "-c", code)
    assert "line 3\n" not in str(e.value)
    assert str(tmp_path / "logs" / "setup.log") in str(e.value)
