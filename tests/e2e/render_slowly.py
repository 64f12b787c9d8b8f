"""Renders a plan in a process of its own, which a test may kill; events go to standard output.

``render_slowly.py URL FOLDER SECONDS SCENES``
"""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(url, folder, seconds, scenes):
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

    workflow = slow_workflow(float(seconds))
    render_plan(slow_plan(int(scenes)), [url], folder, on_event=tell, workflow=workflow)


if __name__ == "__main__":
    main(*sys.argv[1:])
