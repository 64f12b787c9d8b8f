"""The job of one scene: what of a workflow makes its frames, and a node that saves them."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ...planning import plan_io
from ...planning.schema import VideoPlan
from ..job_workflow import PARSER, RENDERER, JobWorkflow

SAVER = "VideoDirectorSaveScenes"
SAVER_ID = "save_scenes"
ONLY = "only"  # Render Plan's input that names the scenes of a job
# Render Plan's inputs that say which scenes a host renders and keeps, and not how: our business.
_BOOKKEEPING = (ONLY, "run_folder", "render", "takes", "keep_latents")
PREFIX = "VideoDirector/run"

ClipFormat = Literal["ffv1", "png", "mp4"]
Prompt = dict[str, Any]  # a workflow in API form


@dataclass(frozen=True)
class JobMaker:
    """Makes the jobs of a plan's scenes, which differ in nothing but the scene's id.

    Attributes:
        plan: the plan of all jobs.
        workflow: holds that plan, one Render Plan node and what that is linked to.
        clip_format: how the host hands a scene over.
    """

    plan: VideoPlan
    workflow: JobWorkflow
    clip_format: ClipFormat = "ffv1"

    @classmethod
    def of_plan(
        cls, workflow: JobWorkflow, plan: VideoPlan, clip_format: ClipFormat = "ffv1"
    ) -> "JobMaker":
        """The maker for a workflow in which the plan takes the place of its planner or plan."""
        text = plan_io.dumps(plan)
        filled = workflow.has(PARSER)
        with_plan = workflow.filled(PARSER, text=text) if filled else workflow.with_plan(text)
        return cls(plan, with_plan, clip_format)

    @property
    def rendering(self) -> dict[str, Any]:
        """Render Plan's own widgets, as far as they decide pictures."""
        inputs = self.workflow.inputs(RENDERER)
        return {
            name: value
            for name, value in inputs.items()
            if not isinstance(value, list) and name not in _BOOKKEEPING
        }

    def prompt(self, scene: str, seed: int | None = None) -> Prompt:
        """What is queued for a scene, in API form.

        Args:
            scene: its id.
            seed: noise seed for another take of it; None takes the one it has.
        """
        renderer = self.workflow.node_id(RENDERER)
        job = self._nodes()
        job[renderer]["inputs"][ONLY] = scene
        if seed is not None:
            text = plan_io.dumps(_seeded(self.plan, scene, seed))
            job[self.workflow.node_id(PARSER)]["inputs"]["text"] = text
        inputs = {
            "clips": [renderer, 0],
            "filename_prefix": PREFIX,
            "format": self.clip_format,
        }
        job[SAVER_ID] = {"class_type": SAVER, "inputs": inputs}
        return job

    def settings(self) -> dict[str, Any]:
        """All that decides the pictures beside plan and weights: every node and its widgets."""
        nodes = self._nodes()
        del nodes[self.workflow.node_id(PARSER)]
        return nodes

    def _nodes(self) -> Prompt:
        """Render Plan and what it is linked to: a copy."""
        api, renderer = self.workflow.api, self.workflow.node_id(RENDERER)
        found = {
            key: {"class_type": api[key]["class_type"], "inputs": copy.deepcopy(api[key]["inputs"])}
            for key in upstream(api, renderer)
        }
        for name in _BOOKKEEPING:
            found[renderer]["inputs"].pop(name, None)
        return found


def _seeded(plan: VideoPlan, scene: str, seed: int) -> VideoPlan:
    scenes = [
        one.model_copy(update={"seed": seed}) if one.id == scene else one for one in plan.scenes
    ]
    return plan.model_copy(update={"scenes": scenes})


def upstream(api: Prompt, node_id: str) -> list[str]:
    """Ids of a node and of everything it is linked to, each once, sorted."""
    found: set[str] = set()
    pending = [node_id]
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending += _sources(api[key])
    return sorted(found)


def _sources(node: dict[str, Any]) -> Iterator[str]:
    for value in node["inputs"].values():
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            yield value[0]
