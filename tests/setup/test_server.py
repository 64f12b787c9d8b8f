"""Starting and ending hosts: small stand-ins for the many ways to fail, and the real one."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from video_director.host.base_directory import temporary_base
from video_director.host.errors import PackImportError, PortInUseError, ServerError
from video_director.host.server import Server

ROOT = Path(__file__).resolve().parents[2]
HOST = Path(os.environ.get("COMFYUI_PATH") or ROOT / ".host" / "ComfyUI")


def host_pids(base):
    """The stand-in's own process and the child it started."""
    return [int(pid) for pid in (base / "pids").read_text().split()]


def all_gone(pids, seconds=20):
    """Whether the processes end within a while (a killed child of another may linger a moment)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(is_running(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_stops_the_host_and_its_children(make_host, tmp_path):
    with Server(make_host(), tmp_path / "base") as server:
        pids = host_pids(server.base)
        assert all(is_running(pid) for pid in pids)
        assert "[INFO] the fake host starts" in server.log_text()
    assert all_gone(pids)
    server.stop()


def test_an_error_inside_the_block_stops_it_too(make_host, tmp_path):
    server = Server(make_host(), tmp_path / "base")

    def interrupted():
        with server:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert all_gone(host_pids(server.base))


def test_children_of_a_host_that_died_are_ended(make_host, tmp_path):
    with Server(make_host(), tmp_path / "base") as server:
        host, child = host_pids(server.base)
        os.kill(host, signal.SIGKILL)
        with pytest.raises(ServerError, match="ended with code -9"):
            server.wait_until_ended()
        with pytest.raises(ServerError, match=r"(?s)ended with code -9.*the fake host starts"):
            server.require_running()
    assert all_gone([child])


START_AND_WAIT = """
    import importlib.util, sys, time
    spec = importlib.util.spec_from_file_location("director", {director!r})
    director = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(director)

    def run(options, arguments):
        from pathlib import Path
        from video_director.host.server import Server
        with Server(Path({host!r}), Path({base!r})) as server:
            print("ready", flush=True)
            time.sleep(600)

    director.run = run
    sys.exit(director.main(["demo"]))
"""


@pytest.fixture
def parent(make_host, tmp_path):
    """A ``director.py`` that has started a (stand-in) host and waits; with its base directory."""
    base = tmp_path / "base"
    values = {"director": str(ROOT / "director.py"), "host": str(make_host()), "base": str(base)}
    script = textwrap.dedent(START_AND_WAIT.format(**values))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    yield process, base
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_kill_take_the_host_down(parent, sign):
    process, base = parent
    process.send_signal(sign)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == "error: stopped; everything that was started has been ended\n"
    assert all_gone(host_pids(base), seconds=1)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_even_kill_9_leaves_no_host(parent):
    process, base = parent
    process.kill()
    assert all_gone(host_pids(base))


def test_a_port_in_use_is_said_at_once(make_host, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=rf"Port {port} is already in use.*--port"):
            Server(make_host(), tmp_path / "base", port=port).launch()
    assert not (tmp_path / "base" / "pids").exists()


def test_a_host_that_dies_shows_its_last_lines(make_host, tmp_path):
    main = "[print('line', n) for n in range(99)]\nraise SystemExit('the \\x1b[31mreason\\x1b[0m')"
    with pytest.raises(ServerError) as caught, Server(make_host(main), tmp_path / "base"):
        pass
    said = str(caught.value)
    assert "ended with code 1" in said
    assert said.endswith("line 98\n  the reason")
    assert "line 50\n" not in said
    assert "host.log" in said


def test_a_host_that_never_answers_is_given_up(make_host, tmp_path):
    host = make_host("import time\ntime.sleep(600)")
    server = Server(host, tmp_path / "base")
    server.launch()
    pid = server.process.pid
    with pytest.raises(ServerError, match="did not answer within 1 seconds"):
        server.wait_until_ready(seconds=1)
    server.stop()
    assert all_gone([pid])


def test_the_pack_is_reached_through_its_own_name(make_host, tmp_path):
    with Server(make_host(), tmp_path / "base") as server:
        linked = server.base / "custom_nodes" / "ComfyUI-VideoDirector"
        assert linked.resolve() == ROOT
        assert server.pack_name == "ComfyUI-VideoDirector"
    with Server(make_host(), tmp_path / "base"):  # a second start finds the link in place
        assert linked.resolve() == ROOT


def test_where_nothing_can_be_linked_the_pack_is_copied(make_host, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("symbolic links need a privilege")

    pack = tmp_path / "pack"
    (pack / ".git").mkdir(parents=True)
    (pack / "__init__.py").write_text("")
    monkeypatch.setattr(Path, "symlink_to", refuse)
    with Server(make_host(), tmp_path / "base", packs=[("Pack", pack)]) as server:
        copied = server.base / "custom_nodes" / "Pack"
        assert [path.name for path in copied.iterdir()] == ["__init__.py"]


def test_base_directories_go_when_their_owner_is_gone(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"{ended.pid}-abandoned").mkdir()
    with temporary_base(tmp_path) as base:
        assert [path.name for path in tmp_path.iterdir()] == [base.name]
        with temporary_base(tmp_path) as other:
            assert base.is_dir()
            assert other.is_dir()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ServerError), temporary_base(tmp_path) as base:
        raise ServerError("its log is still needed")
    assert base.is_dir()


BROKEN_PACKS = {
    "a module is missing": ("import no_such_module_at_all\n", "No module named 'no_such_module"),
    "the entry point fails": (
        "async def comfy_entrypoint():\n    raise ValueError('the entry point broke')\n",
        "the entry point broke",
    ),
    "nothing is offered": ("x = 1\n", "lack of NODE_CLASS_MAPPINGS or comfy_entrypoint"),
}


def test_the_real_host_and_packs_that_fail_to_import(tmp_path):
    """One start for all: the host loads each pack by itself."""
    packs = []
    for number, (code, _) in enumerate(BROKEN_PACKS.values()):
        folder = tmp_path / f"pack-{number}"
        folder.mkdir()
        (folder / "__init__.py").write_text(code)
        packs.append((f"Broken-Pack-{number}", folder))
    server = Server(HOST, tmp_path / "base", packs=packs)
    try:
        server.launch()
        for number, (_, reason) in enumerate(BROKEN_PACKS.values()):
            server.packs = (packs[number],)
            with pytest.raises(PackImportError) as caught:
                server.wait_until_ready()
            said = str(caught.value)
            assert said.startswith("IMPORT FAILED: ")
            assert f"could not import Broken-Pack-{number}," in said
            assert reason in said
            assert all(f"pack-{other}" not in said.lower() for other in range(3) if other != number)
            if number == 0:
                assert "Traceback (most recent call last)" in said
    finally:
        server.stop()
