"""Write workflows/api/*.json anew from workflows/*.json, as the host's frontend converts them.

    .venv/bin/python tests/e2e/refresh_api_workflows.py [NAME ...]

Run it after changing a workflow or a node's inputs, and look at the difference before committing.
"""

import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(names: list[str]) -> None:
    """Convert the named workflows, all of them when none is named."""
    # tests/conftest.py registers this checkout as `video_director`.
    spec = importlib.util.spec_from_file_location("conftest", ROOT / "tests" / "conftest.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    from browser import open_browser
    from frontend import Frontend
    from video_director.host.server import Server

    host = Path(os.environ.get("COMFYUI_PATH") or ROOT / ".host" / "ComfyUI")
    workflows = ROOT / "workflows"
    names = names or sorted(path.stem for path in workflows.glob("*.json"))
    with (
        tempfile.TemporaryDirectory() as base,
        Server(host, Path(base)) as server,
        open_browser() as browser,
    ):
        for name in names:
            page = Frontend(browser, server.url)
            page.load_graph(json.loads((workflows / f"{name}.json").read_text(encoding="utf-8")))
            text = json.dumps(page.api_form(), indent=2, ensure_ascii=False) + "\n"
            page.close()
            target = workflows / "api" / f"{name}.json"
            part = target.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            part.replace(target)


if __name__ == "__main__":
    main(sys.argv[1:])
