"""Digests of files that a workflow names, for a host of our own."""

import hashlib

from video_director.bench.slow_scenes import slow_plan, slow_workflow
from video_director.rendering.digests import DigestMemory
from video_director.rendering.manifest import miniature_digests
from video_director.rendering.runner.host_files import named, own_digests
from video_director.rendering.runner.scene_job import JobMaker


def test_texts_that_may_name_files_are_found_at_any_depth():
    workflow = slow_workflow()
    workflow.api["slow"]["inputs"]["kind"] = {"file": ["sub/one.safetensors", 3], "plain": "euler"}
    found = named(JobMaker.of_plan(workflow, slow_plan(1)))
    assert "sub/one.safetensors" in found
    assert "euler" not in found


def test_models_are_digested_once_and_nothing_outside_their_folder(tmp_path):
    models = tmp_path / "models"
    (models / "checkpoints" / "sub").mkdir(parents=True)
    (models / "checkpoints" / "sub" / "one.safetensors").write_bytes(b"weights")
    (tmp_path / "secret.safetensors").write_bytes(b"secret")
    names = ["sub/one.safetensors", "../../secret.safetensors", "none.safetensors"]
    memory = DigestMemory(tmp_path / "digests.json")
    found = own_digests(names, models, memory)
    digest = hashlib.sha256(b"weights").hexdigest()
    assert found == {**miniature_digests(), "sub/one.safetensors": digest}
    for nothing in (tmp_path / "none", None):
        assert own_digests(names, nothing, memory) == miniature_digests()
