"""Planning needs neither ComfyUI nor torch."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# In a process of its own: in this one, other tests have imported what must not be needed.
PROGRAM = """
import importlib, pkgutil, sys
sys.path.insert(0, {root!r})
import planning
modules = [m.name for m in pkgutil.walk_packages(planning.__path__, "planning.")]
for name in modules:
    importlib.import_module(name)
heavy = {{"openai", "torch", "transformers", "numpy"}}
heavy |= {{"comfy", "comfy_api", "folder_paths", "nodes"}}
found = heavy & {{name.split(".")[0] for name in sys.modules}}
print(len(modules), sorted(found))
"""


def test_planning_imports_nothing_heavy() -> None:
    program = PROGRAM.format(root=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    count, found = done.stdout.strip().split(" ", 1)
    assert int(count) >= 15
    assert found == "[]"
