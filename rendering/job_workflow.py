"""The shipped workflow, in both its forms, filled in for one job.

The API form is what the host runs. The UI form travels along in the job's extra data, so that the
video and the storyboard bring back the same graph when they are dropped on a canvas.
"""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKFLOWS = Path(__file__).resolve().parents[1] / "workflows"
AFTER_GENERATE = ("fixed", "increment", "decrement", "randomize")
PLANNER, PARSER = "VideoDirectorPlanVideo", "VideoDirectorParsePlan"
RENDERER = "VideoDirectorRenderPlan"


@dataclass
class JobWorkflow:
    """One workflow in API form (``api``) and in UI form (``ui``); node ids are the same in both."""

    api: dict[str, Any]
    ui: dict[str, Any]

    @classmethod
    def shipped(cls, name: str = "prompt_to_video", folder: Path = WORKFLOWS) -> "JobWorkflow":
        """Read one of the pack's own workflows."""
        return cls(
            json.loads((folder / "api" / f"{name}.json").read_text(encoding="utf-8")),
            json.loads((folder / f"{name}.json").read_text(encoding="utf-8")),
        )

    def has(self, class_type: str) -> bool:
        """Whether there is a node of this class."""
        return any(node["class_type"] == class_type for node in self.api.values())

    def node_id(self, class_type: str) -> str:
        """Id of the only node of a class.

        Raises:
            ValueError: there is none, or more than one.
        """
        found = [key for key, node in self.api.items() if node["class_type"] == class_type]
        if len(found) != 1:
            raise ValueError(f"the workflow has {len(found)} {class_type} nodes, one is needed")
        return found[0]

    def inputs(self, class_type: str) -> dict[str, Any]:
        """A copy of the inputs of the only node of a class."""
        return dict(self.api[self.node_id(class_type)]["inputs"])

    def filled(self, class_type: str, **values: Any) -> "JobWorkflow":
        """A copy in which the only node of a class has other widget values.

        Raises:
            ValueError: the node has no such widget.
        """
        job = copy.deepcopy(self)
        node_id = job.node_id(class_type)
        for name, value in values.items():
            job.api[node_id]["inputs"][name] = value
            _set_widget(job._ui_node(node_id), name, value)
        return job

    def with_plan(self, text: str) -> "JobWorkflow":
        """A copy in which a given plan (its text) takes the planner's place."""
        job = copy.deepcopy(self)
        node_id = job.node_id(PLANNER)
        job.api[node_id] = {"class_type": PARSER, "inputs": {"text": text}}
        node = job._ui_node(node_id)
        node["type"] = node["properties"]["Node name for S&R"] = PARSER
        node["inputs"] = [
            {"name": "text", "type": "STRING", "widget": {"name": "text"}, "link": None}
        ]
        node["outputs"] = node["outputs"][:1]  # the plan; the JSON text is what went in
        node["widgets_values"] = [text]
        return job

    def extra_data(self) -> dict[str, Any]:
        """What goes with the API form into the queue."""
        return {"extra_pnginfo": {"workflow": self.ui}}

    def _ui_node(self, node_id: str) -> dict[str, Any]:
        return next(node for node in self.ui["nodes"] if str(node["id"]) == node_id)


def _set_widget(node: dict[str, Any], name: str, value: Any) -> None:
    """Set one of a UI node's positional widget values.

    A seed's value is followed by what shall happen to it after a run, which no input names.
    """
    values = node["widgets_values"]
    position = 0
    for widget in (entry["widget"]["name"] for entry in node["inputs"] if "widget" in entry):
        if widget == name:
            values[position] = value
            return
        position += 1
        if position < len(values) and values[position] in AFTER_GENERATE:
            position += 1
    raise ValueError(f"node {node['id']} ({node['type']}) has no widget {name!r}")
