"""What a manifest says, and when a scene's hash changes."""

import hashlib
import json
from pathlib import Path

import pytest
from video_director.host.job import JobResult
from video_director.planning import plan_io
from video_director.planning.schema import VideoPlan
from video_director.rendering.api_job import FinishedJob
from video_director.rendering.job_workflow import JobWorkflow
from video_director.rendering.manifest import RENDERER, describe_job, miniature_digests

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def plan():
    scenes = [
        {"id": "one", "prompt": "a red ball", "frames": 4},
        {"id": "two", "prompt": "a blue star", "frames": 2, "seed": 99},
    ]
    size = {"fps": 8, "width": 128, "height": 128}
    return VideoPlan.model_validate({"version": 1, "prompt": "both", **size, "scenes": scenes})


def describe(plan, workflow=None, models=None):
    job = FinishedJob({}, JobResult("id", {}, set(), seconds=2.5), {"comfyui": "0.30.0"})
    workflow = workflow or JobWorkflow.shipped()
    seconds = {"one": 1.23456}
    return describe_job(plan, workflow, job, seconds, {"total": 9.87654}, models or {})


def hashes(manifest):
    return [scene["hash"] for scene in manifest["scenes"]]


def test_says_what_was_made_and_how(plan):
    manifest = describe(plan, JobWorkflow.shipped().filled(RENDERER, seed=7))
    assert manifest["prompt"] == "both"
    assert manifest["settings"]["seed"] == 7
    assert all(not isinstance(value, list) for value in manifest["settings"].values())
    one, two = manifest["scenes"]
    assert (one["id"], one["frames"], one["seconds"]) == ("one", 4, 1.235)
    assert (two["id"], two["seed"]) == ("two", 99)
    assert "seconds" not in two
    assert manifest["timings"] == {"total": 9.877}
    assert manifest["versions"]["comfyui"] == "0.30.0"
    json.dumps(manifest)


def test_only_the_edited_scene_gets_another_hash(plan):
    before = hashes(describe(plan))
    data = json.loads(plan_io.dumps(plan))
    data["scenes"][1]["prompt"] = "a green star"
    after = hashes(describe(VideoPlan.model_validate(data)))
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_other_settings_or_weights_are_other_pictures(plan):
    first = hashes(describe(plan))
    steps = hashes(describe(plan, JobWorkflow.shipped().filled(RENDERER, steps=3)))
    weights = hashes(describe(plan, models={"unet.safetensors": "0" * 64}))
    assert len({*first, *steps, *weights}) == 6
    assert hashes(describe(plan)) == first


def test_the_weights_are_what_their_records_say():
    digests = miniature_digests()
    assert "unet.safetensors" in digests
    for name, digest in digests.items():
        content = (ROOT / "miniature" / "weights" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
