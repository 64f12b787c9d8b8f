"""Scenes that cost time and no work: for the runner's benchmark and its tests.

In them a model that sleeps takes the place of the miniature's (tests/e2e/test_packs/slow_models).
"""

from __future__ import annotations

from pathlib import Path

from ..host.base_directory import PACK_NAME
from ..host.server import ROOT, Server
from ..planning import plan_io
from ..planning.schema import VideoPlan
from ..rendering.job_workflow import JobWorkflow
from ..rendering.runner.scene_job import RENDERER

PACK = ("slow_models", ROOT / "tests" / "e2e" / "test_packs" / "slow_models")
STEPS = 2
# What the miniature's own model would need.
_REAL_INPUTS = ("grounding", "adapter", "references", "clip_vision")


def slow_host(host_dir: Path, base: Path, port: int | None = None) -> Server:
    """A host, not started yet, with this pack and the pack of the sleeping model."""
    return Server(host_dir, base, port=port, packs=((PACK_NAME, ROOT), PACK))


def slow_plan(scenes: int = 3, *, frames: int = 1, fps: int = 8, size: int = 64) -> VideoPlan:
    """Scenes s0, s1 … with one entity in a box.

    Args:
        scenes: how many.
        frames: of each.
        fps: frames per second.
        size: width and height in pixels.
    """
    ball = {"id": "ball", "name": "ball", "kind": "foreground", "description": "a red ball"}
    layout = [{"frame": 0, "boxes": {"ball": [0.1, 0.1, 0.5, 0.5]}}]
    common = {"frames": frames, "entities": ["ball"], "layout": layout}
    return plan_io.from_data(
        {
            "version": 1,
            "prompt": "a red ball",
            "fps": fps,
            "width": size,
            "height": size,
            "entities": [ball],
            "scenes": [{"id": f"s{n}", "prompt": f"ball {n}", **common} for n in range(scenes)],
        }
    )


def slow_workflow(seconds: float = 0.0, *, fails_at_frames: int = 0) -> JobWorkflow:
    """The shipped workflow with a model that sleeps.

    Args:
        seconds: so long in each of its STEPS steps.
        fails_at_frames: a scene of so many frames fails; 0 for none.
    """
    workflow = JobWorkflow.shipped().filled(RENDERER, steps=STEPS, cfg=1.0, mapping_order="off")
    inputs = workflow.api[workflow.node_id(RENDERER)]["inputs"]
    slow = {"model": inputs["model"], "seconds": seconds, "fails_at_frames": fails_at_frames}
    workflow.api["slow"] = {"class_type": "TestSlowModel", "inputs": slow}
    inputs["model"] = ["slow", 0]
    for link in _REAL_INPUTS:
        del inputs[link]
    return workflow
