"""What manifest.json says of a rendered video: enough to make it again and to see what changed."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..host.provenance import commit, machine
from ..planning import plan_io
from ..planning.schema import VideoPlan
from .api_job import FinishedJob
from .job_workflow import JobWorkflow
from .seeds import scene_seed

ROOT = Path(__file__).resolve().parents[1]
RENDERER = "VideoDirectorRenderPlan"


def describe_job(
    plan: VideoPlan,
    workflow: JobWorkflow,
    job: FinishedJob,
    scene_seconds: Mapping[str, float],
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """The manifest of a finished job, without its list of files.

    Args:
        plan: the plan as the host saved it.
        workflow: what was queued.
        job: what came back.
        scene_seconds: sampling time by scene id, of those that were sampled.
        timings: further durations in seconds, by name.
    """
    settings = {
        name: value
        for name, value in workflow.inputs(RENDERER).items()
        if not isinstance(value, list)  # links to other nodes
    }
    seed = settings["seed"]
    scenes = []
    for index, scene in enumerate(plan.scenes):
        text = plan_io.scene_json(plan, index)
        entry = {
            "id": scene.id,
            "frames": scene.frames,
            "seed": scene_seed(seed, scene.id, scene.seed),
            "hash": scene_hash(text, settings),
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
        "scenes": scenes,
        "timings": {name: round(value, 3) for name, value in timings.items()},
    }


def scene_hash(scene_json: str, settings: Mapping[str, Any]) -> str:
    """Name a scene by all that its pictures come from: its own JSON and the render settings."""
    text = json.dumps([scene_json, dict(settings)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def pack_version() -> str:
    """The version in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.+)"$', text, re.MULTILINE).group(1)
