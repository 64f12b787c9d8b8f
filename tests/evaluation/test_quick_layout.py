"""A seeded subset of ``evaluate layout``, with the shipped weights."""

import json

from video_director.evaluation import layout

ROWS = ["base", "ground_truth_boxes"]


def test_boxes_hold_in_a_subset(tmp_path):
    path = tmp_path / "layout.json"
    assert layout.main(["--quick", "--rows", *ROWS, "--json", str(path)]) == 0
    written = json.loads(path.read_text())
    found = {row["figure"]: row["value"] for row in written["rows"]}
    assert written["command"] == "evaluate layout"
    assert {f"{skill}.{row}" for row in ROWS for skill in ("object", "direction")} <= found.keys()
    assert found["mean_iou.ground_truth_boxes"] > 0.5
    assert found["direction.ground_truth_boxes"] > found["direction.base"]
    assert found["overall.ground_truth_boxes"] >= found["overall.base"]
