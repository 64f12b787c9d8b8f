"""``director.py`` before anything is set up."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIRECTOR = ROOT / "director.py"


def start(*arguments, prelude=""):
    """Run director.py as its own process; ``prelude`` is Python code that runs before it."""
    code = f"{prelude}\nimport runpy, sys\nsys.argv = {[str(DIRECTOR), *arguments]!r}\n"
    code += f"runpy.run_path({str(DIRECTOR)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 9)])
def test_an_old_python_is_told_so(version):
    done = start("demo", prelude=f"import sys; sys.version_info = {(*version, 1, 'final', 0)}")
    assert done.returncode == 1
    number = ".".join(map(str, version))
    assert re.match(rf"error: This Python is too old: {number} .* 3\.10 .*Install", done.stderr)
    assert done.stdout == ""


def test_old_pythons_can_read_the_file():
    """No syntax younger than Python 2.7 and 3.4: else they show a SyntaxError instead."""
    young = (
        *(ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Await),
        *(ast.Match, ast.Nonlocal, ast.YieldFrom),
    )
    tree = ast.parse(DIRECTOR.read_text())
    for node in ast.walk(tree):
        assert not isinstance(node, young), f"line {node.lineno}: {type(node).__name__}"
        if isinstance(node, ast.arguments):
            assert not node.kwonlyargs
            assert not node.posonlyargs
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert all(argument.annotation is None for argument in node.args.args)
        if isinstance(node, ast.Call):  # nothing may follow *arguments in Python 2
            starred = [isinstance(argument, ast.Starred) for argument in node.args]
            assert not any(starred[:-1])
    DIRECTOR.read_bytes().decode("ascii")


def test_every_command_has_its_module():
    """Looked up without importing them: they need what is installed later."""
    spec = importlib.util.spec_from_file_location("director", DIRECTOR)
    director = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(director)
    entries = [(module, "run") for module, _ in director.COMMANDS.values()]
    for names in director.NAMED.values():
        entries += [(module, "main") for module, _ in names.values()]
    for module, function in entries:
        tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
        defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert function in defined, module


def test_help_needs_no_set_up():
    refuse = "import subprocess\nsubprocess.Popen = None"
    done = start("--help", prelude=refuse)
    assert done.returncode == 0
    for command in ("demo", "render", "plan", "serve", "test", "train", "evaluate", "bench"):
        assert re.search(rf"^ +{command} +\w", done.stdout, re.MULTILINE), command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["fly"], "invalid choice: 'fly'"),
        (["train", "nothing"], "invalid choice: 'nothing'"),
        (["serve", "--port", "many"], "invalid int value"),
    ],
)
def test_wrong_usage_is_said_without_a_set_up(arguments, said):
    done = start(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_errors_for_people_have_no_traceback(tmp_path):
    prelude = f"import os; os.environ['COMFYUI_PATH'] = {str(tmp_path)!r}"
    done = start("serve", prelude=prelude)
    assert done.returncode == 1
    assert re.match(r"error: COMFYUI_PATH is .*, and there is no ComfyUI in it", done.stderr)
    assert "Traceback" not in done.stderr
