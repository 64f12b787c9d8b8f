"""Renders slow scenes in a process of its own, which may be killed; events go to standard output.

``render_slowly.py URL FOLDER SECONDS SCENES [SEED]``
"""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(url: str, folder: str, seconds: str, scenes: str, seed: str = "0") -> None:
    """Render and tell."""
    spec = importlib.util.spec_from_file_location("director", ROOT / "director.py")
    director = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(director)
    director.register_package()
    from video_director.bench.slow_scenes import slow_plan, slow_workflow
    from video_director.rendering import render_plan

    def tell(event):
        sys.stdout.write(event.line() + "\n")
        sys.stdout.flush()

    render_plan(
        slow_plan(int(scenes)),
        [url],
        folder,
        {"seed": int(seed)},
        tell,
        workflow=slow_workflow(float(seconds)),
    )


if __name__ == "__main__":
    # Beside this file lie modules of this folder, whose names are not for everybody.
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "bench"]
    main(*sys.argv[1:])
