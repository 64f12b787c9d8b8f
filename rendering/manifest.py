"""What manifest.json says of a rendered video: enough to make it again and to see what changed."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..host.provenance import commit, machine
from ..planning.schema import VideoPlan
from .api_job import FinishedJob
from .digests import scene_hash
from .job_workflow import RENDERER, JobWorkflow
from .seeds import scene_seed

ROOT = Path(__file__).resolve().parents[1]


def describe_job(
    plan: VideoPlan,
    workflow: JobWorkflow,
    job: FinishedJob,
    scene_seconds: Mapping[str, float],
    timings: Mapping[str, float],
    models: Mapping[str, str],
) -> dict[str, Any]:
    """The manifest of a finished job, without its list of files.

    Args:
        plan: the plan as the host saved it.
        workflow: what was queued.
        job: what came back.
        scene_seconds: sampling time by scene id, of those that were sampled.
        timings: further durations in seconds, by name.
        models: sha256 of each weight file used, as far as it is known.
    """
    settings = {
        name: value
        for name, value in workflow.inputs(RENDERER).items()
        if not isinstance(value, list)  # links to other nodes
    }
    seed = settings["seed"]
    scenes = []
    for index, scene in enumerate(plan.scenes):
        entry = {
            "id": scene.id,
            "frames": scene.frames,
            "seed": scene_seed(seed, scene.id, scene.seed),
            "hash": scene_hash(plan, index, settings, models),
        }
        if scene.id in scene_seconds:
            entry["seconds"] = round(scene_seconds[scene.id], 3)
        scenes.append(entry)
    return {
        "prompt": plan.prompt,
        "commit": commit(),
        "versions": {"pack": pack_version(), **job.versions},
        "machine": machine(),
        "settings": settings,
        "models": dict(models),
        "scenes": scenes,
        "timings": {name: round(value, 3) for name, value in timings.items()},
    }


def miniature_digests() -> dict[str, str]:
    """sha256 of the pack's own weight files, by file name, as their records say."""
    records = sorted((ROOT / "miniature" / "weights").glob("*.json"))
    digests = [(p.stem, json.loads(p.read_text(encoding="utf-8"))["sha256"]) for p in records]
    return {f"{name}.safetensors": digest for name, digest in digests}


def pack_version() -> str:
    """The version in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.+)"$', text, re.MULTILINE).group(1)
