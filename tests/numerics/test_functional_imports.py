"""The math must be usable without ComfyUI."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in ROOT.glob("attention_patches/functional/[a-z]*.py"))

# In a process of its own: here, other tests may have imported the host already.
SCRIPT = """
import importlib, runpy, sys
runpy.run_path({conftest!r})
for name in {modules!r}:
    importlib.import_module("video_director.attention_patches.functional." + name)
host = {{"comfy", "comfy_api", "comfy_execution", "folder_paths", "nodes", "server"}}
print(sorted(host & {{name.partition(".")[0] for name in sys.modules}}))
"""


def test_functional_modules_import_without_the_host():
    assert MODULES
    script = SCRIPT.format(conftest=str(ROOT / "tests" / "conftest.py"), modules=MODULES)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT.parent
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"
