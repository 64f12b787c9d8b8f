"""The whole set-up with the real pip or uv, on a project whose only dependency is tiny."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from video_director.host import requirements, setup, venv
from video_director.host.errors import SetupError
from video_director.host.setup import Places, ensure_ready

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path, make_host, wheels, monkeypatch):
    """A project with one small dependency; the host is an existing one."""
    monkeypatch.setenv("COMFYUI_PATH", str(make_host(requirements="hostthing\n")))
    for name in ("hostthing", "packthing", "testthing"):
        wheels(name)
    root = tmp_path / "project"
    root.mkdir()
    write_project(root, ["packthing"])
    monkeypatch.setattr(requirements, "TORCH", ())
    real = requirements.requirements_of
    monkeypatch.setattr(setup, "requirements_of", lambda group, host: real(group, host, root))
    monkeypatch.setattr(setup, "NEEDED_BASE", 0)
    monkeypatch.setattr(setup, "NEEDED_EXTRA", 0)
    return Places(root)


def write_project(root, dependencies, test=("testthing",)):
    (root / "pyproject.toml").write_text(
        f"[project]\ndependencies = {list(dependencies)}\n"
        f"[project.optional-dependencies]\ntest = {list(test)}\n"
    )


def imports(python, module):
    return subprocess.run([python, "-c", f"import {module}"], check=False).returncode == 0


def count_tools(monkeypatch):
    """Record every tool that set-up starts."""
    commands = []
    real = setup.run_tool

    def counted(command, *arguments, **options):
        commands.append(list(command))
        return real(command, *arguments, **options)

    monkeypatch.setattr(setup, "run_tool", counted)
    return commands


@pytest.fixture(params=["uv", "no uv"])
def project_either_way(project, request, monkeypatch):
    """Once with the machine's uv, if there is one, and once by Python's own venv and pip."""
    if request.param == "no uv":
        monkeypatch.setattr(venv, "find_uv", lambda own: None)
    elif venv.find_uv(project.work / "uv") is None:
        pytest.skip("this machine has no uv")
    return project


def test_sets_up_once_and_again_only_for_what_is_new(project_either_way, monkeypatch):
    project = project_either_way
    commands = count_tools(monkeypatch)
    python = ensure_ready(places=project)
    assert python == venv.python_of(project.venv)
    assert imports(python, "hostthing, packthing")
    assert not imports(python, "testthing")
    done = len(commands)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    ensure_ready(places=project)
    assert len(commands) == done
    monkeypatch.undo()
    assert not (project.work / "tmp").exists()


def test_extras_and_changed_requirements_are_installed(project, wheels):
    ensure_ready(places=project)
    python = ensure_ready(["test"], places=project)
    assert imports(python, "testthing")
    wheels("newthing")
    write_project(project.root, ["packthing", "newthing"])
    ensure_ready(places=project)
    assert imports(python, "newthing")


def test_an_interrupted_set_up_is_repaired(project):
    python = ensure_ready(places=project)
    site = next(project.venv.glob("lib/python*/site-packages"))
    (site / "packthing.py").unlink()  # half of a package, its metadata complete
    project.unfinished.touch()
    ensure_ready(places=project)
    assert imports(python, "packthing")
    assert not project.unfinished.exists()


def test_a_broken_interpreter_is_replaced(project):
    python = ensure_ready(places=project)
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert imports(ensure_ready(places=project), "packthing")


def test_a_failure_keeps_what_is_usable(project):
    python = ensure_ready(places=project)
    write_project(project.root, ["packthing"], test=["there-is-no-such-thing"])
    with pytest.raises(SetupError, match=r"Installing packages \(base and test\) failed: the pack"):
        ensure_ready(["test"], places=project)
    assert ensure_ready(places=project) == python
    assert imports(python, "packthing")


def test_no_disk_space_is_said_before_anything_is_done(project, monkeypatch):
    commands = count_tools(monkeypatch)
    monkeypatch.setattr(setup, "NEEDED_BASE", 10**18)
    with pytest.raises(SetupError, match=r"GB free, and setting up needs \d+ GB\. Free some space"):
        ensure_ready(places=project)
    assert commands == []
    assert not project.venv.exists()


def test_two_at_the_same_time_install_once(project, tmp_path):
    script = f"""
        import importlib.util, sys
        spec = importlib.util.spec_from_file_location(
            "video_director", {str(ROOT / "__init__.py")!r},
            submodule_search_locations=[{str(ROOT)!r}])
        sys.modules["video_director"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        from pathlib import Path
        from video_director.host import requirements, setup
        requirements.TORCH = ()
        real = requirements.requirements_of
        root = Path({str(project.root)!r})
        setup.requirements_of = lambda group, host: real(group, host, root)
        setup.NEEDED_BASE = 0
        setup.ensure_ready(places=setup.Places(root))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Setting up" in text for text in said) == 1
    assert imports(venv.python_of(project.venv), "packthing, hostthing")


def test_a_debian_without_ensurepip_gets_a_uv_by_pip(tmp_path, monkeypatch):
    """The commands only: the real ones need a network."""
    monkeypatch.setattr(venv, "find_uv", lambda own: None)
    monkeypatch.setattr(venv, "_has_ensurepip", lambda: False)
    monkeypatch.setattr(venv, "_has_pip", lambda python: True)
    ran = []
    venv.create_venv(tmp_path / ".venv", tmp_path / "uv", lambda command, what: ran.append(command))
    fetch, create = ran
    assert fetch[1:] == ["-m", "pip", "install", "--target", str(tmp_path / "uv"), "uv"]
    assert create[0].startswith(str(tmp_path / "uv"))
    assert create[-1] == str(tmp_path / ".venv")


def test_neither_pip_nor_venv_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(venv, "find_uv", lambda own: None)
    monkeypatch.setattr(venv, "_has_ensurepip", lambda: False)
    monkeypatch.setattr(venv, "_has_pip", lambda python: False)
    with pytest.raises(SetupError, match="apt install python3-pip"):
        venv.create_venv(tmp_path / ".venv", tmp_path / "uv", lambda *_: None)
