"""JavaScript finds and makes the same edits as Python, and interpolates to the same last digit.

And the editor, without a page, changes plans as its own tests say.
"""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from video_director.planning import camera_moves, plan_io
from video_director.planning.edit_text import Edit, PlanEdits, write_edits
from video_director.planning.edits import apply, diff
from video_director.planning.layout import interpolate
from video_director.rendering.take_choices import parse_choices

from .edited_plans import random_change, random_plan

HERE = Path(__file__).parent


def random_cases(count: int) -> dict[str, list[dict[str, Any]]]:
    """Plans at random with what Python makes of them."""
    found: dict[str, list[dict[str, Any]]] = {"diff": [], "apply": [], "interpolation": []}
    for seed in range(count):
        choice = random.Random(seed)
        base = random_plan(choice)
        edited = random_change(choice, base) if seed % 3 else random_plan(choice)
        incoming = random_change(choice, base)
        edits = diff(base, edited)
        found["diff"].append(
            {"name": str(seed), "base": base, "edited": edited, "edits": as_data(edits)}
        )
        result, misfits = apply(incoming, edits)
        told = [{"at": misfit.at, "kind": misfit.kind} for misfit in misfits]
        found["apply"].append(
            {
                **{"name": str(seed), "plan": incoming, "edits": as_data(edits)},
                **{"result": result, "misfits": told},
            }
        )
        for scene in plan_io.from_data(base).scenes:
            data = scene.model_dump(mode="json", exclude_none=True)
            found["interpolation"].append({"scene": data, "frames": interpolate(scene)})
    return found


def as_data(edits: list[Edit]) -> Any:
    text = write_edits(PlanEdits(version=1, edits=edits))
    return json.loads(text)["edits"] if text else []


def passed_in_node(tests: str, **environment: str) -> int:
    """Run a file of tests; how many there are, all of which passed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; install Node.js 20 or later to test web/*.js")
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(HERE / tests)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return int(done.stdout.split("# pass ")[1].split()[0])


def test_javascript_does_what_python_does(tmp_path: Path) -> None:
    cases = tmp_path / "cases.json"
    made = random_cases(200)
    assert sum(bool(case["misfits"]) for case in made["apply"]) > 20
    cases.write_text(json.dumps(made), encoding="utf-8")
    passed = passed_in_node("plan_edits.test.mjs", EDIT_CASES=str(cases))
    assert passed > 2 * 200 + len(made["interpolation"])


def test_the_editor_changes_plans() -> None:
    assert passed_in_node("storyboard_editor.test.mjs") >= 20


def test_the_editor_copies_draws_onion_skins_and_takes_pictures() -> None:
    assert passed_in_node("editor_stage.test.mjs") >= 12


def test_the_fields_of_the_editor_change_plans() -> None:
    told = {"moves": camera_moves.MOVES, "speeds": camera_moves.SPEEDS}
    passed = passed_in_node("editor_fields.test.mjs", CAMERA_MOVES=json.dumps(told))
    assert passed >= 15


def test_the_editor_renders_and_writes_single_scenes(tmp_path: Path) -> None:
    texts = ("", "s1:2", " s1 : 2 ,, s-3:latest ,s11:0004", "scene_a:999999")
    cases = [{"text": text, "choices": parse_choices(text)} for text in texts]
    file = tmp_path / "takes.json"
    file.write_text(json.dumps(cases), encoding="utf-8")
    assert passed_in_node("editor_scenes.test.mjs", TAKE_CASES=str(file)) >= 17


def test_the_editor_asks_the_server() -> None:
    assert passed_in_node("editor_server.test.mjs") >= 20
