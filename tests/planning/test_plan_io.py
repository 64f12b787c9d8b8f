"""Plans go to disk and come back the same to the byte; scenes become cache keys."""

import json
import os
from pathlib import Path

import pytest
from video_director.planning import plan_io, schema_export
from video_director.planning.kinetics import action_labels
from video_director.planning.schema import PlanError, VideoPlan


def test_load_save_load_is_byte_identical(plan_data: dict, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    plan_io.save(plan_io.from_data(plan_data), first)
    plan = plan_io.load(first)
    plan_io.save(plan, second)
    assert plan == plan_io.from_data(plan_data)
    assert first.read_bytes() == second.read_bytes()


def test_floats_keep_every_bit(plan_data: dict) -> None:
    box = [0.1 + 0.2, 5e-324, 0.7000000000000001, 1 - 2**-53]
    plan_data["scenes"][0]["layout"][0]["boxes"]["corgi"] = box
    again = plan_io.loads(plan_io.dumps(plan_io.from_data(plan_data)))
    assert list(again.scenes[0].layout[0].boxes["corgi"]) == box


def test_the_written_form_is_readable(plan_data: dict) -> None:
    text = plan_io.dumps(plan_io.from_data(plan_data))
    assert text.endswith("}\n")
    assert "café" in text
    assert '"boxes": {"corgi": [0.65, 0.5, 0.9, 0.8]}' in text
    assert max(map(len, text.splitlines())) <= 100
    assert list(json.loads(text)) == list(VideoPlan.model_fields)


def test_absent_values_are_left_out(plan_data: dict) -> None:
    text = plan_io.dumps(plan_io.from_data(plan_data))
    assert "null" not in text
    assert "seed" not in json.loads(text)["scenes"][1]


def test_a_byte_order_mark_is_no_error(plan_data: dict, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("\ufeff" + json.dumps(plan_data), encoding="utf-8")
    assert plan_io.load(path) == plan_io.from_data(plan_data)


def test_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes('{"prompt": "café"}'.encode("latin-1"))
    with pytest.raises(PlanError, match="byte 15 of the file is not UTF-8; save the file as UTF-8"):
        plan_io.load(path)


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_io, "MAX_BYTES", 100)
    path = tmp_path / "plan.json"
    path.write_bytes(b" " * 101)
    with pytest.raises(PlanError, match="larger than 100 bytes"):
        plan_io.load(path)


def test_a_failed_save_leaves_the_old_file(
    plan_data: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        plan_io.save(plan_io.from_data(plan_data), path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]
    assert path.read_text() == "old"


def test_camera_synonyms_of_videostudio(plan_data: dict) -> None:
    plan_data["scenes"][0]["camera"] = {"direction": "forward"}
    plan_data["scenes"][1]["camera"] = {"direction": "backward"}
    directions = [scene.camera.direction for scene in plan_io.from_data(plan_data).scenes]
    assert directions == ["zoom_in", "zoom_out"]


def test_a_scene_carries_only_what_it_shows(plan_data: dict) -> None:
    plan = plan_io.from_data(plan_data)
    bundle = plan_io.scene_from_json(plan_io.scene_json(plan, 0))
    assert [entity.id for entity in bundle.entities] == ["corgi", "park"]
    assert (bundle.fps, bundle.width, bundle.height) == (8, 512, 320)
    assert bundle.scene.layout == plan.scenes[0].layout
    assert bundle.entity("park").kind == "background"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("scenes", 1, "prompt"), "Something else."),
        (("entities", 1, "name"), "another owner"),
        (("prompt",), "Another video."),
        (("scenes", 0, "locked"), False),
    ],
)
def test_scene_json_ignores_other_scenes(plan_data: dict, where: tuple, value: object) -> None:
    before = plan_io.scene_json(plan_io.from_data(plan_data), 0)
    owner = plan_data
    for part in where[:-1]:
        owner = owner[part]
    owner[where[-1]] = value
    assert plan_io.scene_json(plan_io.from_data(plan_data), 0) == before


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("scenes", 0, "prompt"), "Something else."),
        (("scenes", 0, "seed"), 7),
        (("entities", 0, "description"), "black fur"),
        (("entities", 2, "description"), "snow"),
        (("width",), 256),
    ],
)
def test_scene_json_sees_its_own_scene(plan_data: dict, where: tuple, value: object) -> None:
    before = plan_io.scene_json(plan_io.from_data(plan_data), 0)
    owner = plan_data
    for part in where[:-1]:
        owner = owner[part]
    owner[where[-1]] = value
    assert plan_io.scene_json(plan_io.from_data(plan_data), 0) != before


def test_scene_json_is_canonical(plan_data: dict) -> None:
    plan = plan_io.from_data(plan_data)
    boxes = plan_data["scenes"][0]["layout"][0]["boxes"]
    plan_data["scenes"][0]["layout"][0]["boxes"] = dict(reversed(boxes.items()))
    assert plan_io.scene_json(plan_io.from_data(plan_data), 0) == plan_io.scene_json(plan, 0)


@pytest.mark.parametrize("index", [-1, 2])
def test_there_is_no_such_scene(plan_data: dict, index: int) -> None:
    with pytest.raises(IndexError, match=f"scene index {index}: the plan has 2 scenes; use 0 to 1"):
        plan_io.scene_json(plan_io.from_data(plan_data), index)


def test_the_exported_schema_is_up_to_date() -> None:
    written = schema_export.SCHEMA_FILE.read_text(encoding="utf-8")
    assert json.loads(written) == json.loads(schema_export.schema_text()), (
        "schema.py has changed; run the command in planning/schema_export.py"
    )


def test_the_action_labels_are_kinetics_400() -> None:
    labels = action_labels()
    assert len(set(labels)) == 400
    # Spot checks of the class numbers that public checkpoints use.
    assert labels[0] == "abseiling"
    assert labels[57] == "clapping"
    assert labels[399] == "zumba"


def test_the_action_labels_are_torchvisions() -> None:
    video = pytest.importorskip("torchvision.models.video")
    assert action_labels() == tuple(video.R3D_18_Weights.DEFAULT.meta["categories"])
