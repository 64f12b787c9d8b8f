"""The examples of rendering/README.md, run as they stand."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest

from .plan_jobs import LOADER, render_inputs

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    match[1]: match[2]
    for match in re.finditer(
        r"^```\w+ (\w+)\n(.*?)^```$",
        (ROOT / "rendering" / "README.md").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
}
# The checkout under the name that it has where it is installed.
INSTALLED = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location(
    "video_director", {root!r} + "/__init__.py", submodule_search_locations=[{root!r}]
)
sys.modules["video_director"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
"""


@pytest.fixture
def environment(server, tmp_path):
    """The server, and a workflow that is done in seconds."""
    workflow = {
        "plan": {
            "class_type": "VideoDirectorPlanVideo",
            "inputs": {
                **{"prompt": "A red ball in a meadow.", "frames": 2, "fps": 8, "seed": 0},
                **{"width": 128, "height": 128, "profile": "offline"},
            },
        },
        "load": {"class_type": LOADER, "inputs": {}},
        "render": {
            "class_type": "VideoDirectorRenderPlan",
            "inputs": {
                **{"model": ["load", 0], "clip": ["load", 1], "vae": ["load", 2]},
                **{"plan": ["plan", 0], **render_inputs()},
            },
        },
        "join": {"class_type": "VideoDirectorJoinScenes", "inputs": {"clips": ["render", 0]}},
        "video": {
            "class_type": "SaveVideo",
            "inputs": {"video": ["join", 1], "filename_prefix": "VideoDirector/script"},
        },
    }
    workflow["join"]["inputs"]["fps"] = 0.0
    workflow["video"]["inputs"] |= {"format": "mp4", "codec": "h264"}
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(workflow))
    return {**os.environ, "SERVER": server.url, "WORKFLOW": str(path), "no_proxy": "*"}


def run(command, environment, folder):
    """Run an example in a folder; its output when it ends well."""
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_video(path):
    with av.open(path) as video:
        assert sum(1 for _ in video.decode(video=0)) == 2


def test_all_are_here():
    assert set(EXAMPLES) == {"runner", "api", "curl", "node"}


@pytest.mark.parametrize(
    ("name", "program", "suffix"),
    [("api", sys.executable, ".py"), ("curl", "sh", ".sh"), ("node", "node", ".mjs")],
)
def test_an_example_fetches_the_video(environment, tmp_path, name, program, suffix):
    for needed in {program, "curl"} if name == "curl" else {program}:
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not on this machine")
    script = tmp_path / f"example{suffix}"
    script.write_text(EXAMPLES[name])
    run([program, str(script)], environment, tmp_path)
    check_video(tmp_path / "video.mp4")


def test_the_runner_from_python(environment, tmp_path):
    script = tmp_path / "example.py"
    script.write_text(INSTALLED.format(root=str(ROOT)) + EXAMPLES["runner"])
    output = run([sys.executable, str(script)], environment, tmp_path)
    assert "scene_done" in output
    assert output.splitlines()[-1].endswith("video.mp4 {}")
    check_video(tmp_path / "my_run" / "video.mp4")
