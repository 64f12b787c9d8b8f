"""Make the checkout importable as ``video_director`` whatever its folder is called."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# The checkout itself must not be on sys.path: our nodes/ would shadow the host's nodes.py.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT]

if "video_director" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "video_director", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["video_director"] = module
    spec.loader.exec_module(module)
