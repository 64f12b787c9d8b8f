"""Where Render Plan keeps scenes, which of them are there already, and what names the others."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folder_paths
from comfy_execution.graph_utils import GraphBuilder

from ..planning.schema import VideoPlan
from ..rendering.digests import ALGORITHM, DigestMemory, content_hash
from ..rendering.manifest import pack_version
from ..rendering.run_folder import RunFolder
from ..rendering.run_manifest import TakeRecord
from .expansion import Link
from .lineage import Lineage, Nodes
from .own_folder import own_folder
from .plan_files import check_relative

WAIT = 60.0  # seconds for another host that writes into the same folder
MISSING, AGAIN = "missing", "again"
_SCENE = "VideoDirectorSceneFromJSON"


def run_path(name: str) -> Path:
    """A run folder below the host's output folder.

    Raises:
        ValueError: the name leads out of it.
    """
    output = folder_paths.get_output_directory()
    path = Path(output, check_relative(name))
    if not folder_paths.is_within_directory(output, str(path)):
        raise ValueError(f"{name!r} leads out of the output folder; use another name")
    return path


class Keeping:
    """A run folder while a plan is expanded.

    Args:
        name: of the folder below the host's output folder.
        mode: MISSING renders what is not there, AGAIN one take more of every scene.
        nodes: the graph around, by id.

    Raises:
        RunFolderError: the folder can't be used.
        ValueError: the name leads out of the output folder.
    """

    def __init__(self, name: str, mode: str, nodes: Nodes) -> None:
        self.name, self.mode, self.nodes = name, mode, nodes
        self.run = RunFolder.open(run_path(name), create=True)
        self.memory = DigestMemory(own_folder() / "digests.json")
        self._known: dict[str, str] = {}  # all scenes stand on the same models

    def begin(self, plan: VideoPlan) -> None:
        """Write the plan into the folder; what a killed host left there is cleared away."""
        with self.run.lock(WAIT):
            self.run.set_plan(plan, versions={"pack": pack_version()})

    def hash_of(self, graph: GraphBuilder, images: Link) -> str:
        """The content hash of a scene by the nodes that render it.

        Its rate and its lock change no pixel, so that they are left out.
        """

        def node(node_id: str) -> Mapping[str, Any] | None:
            own = graph.nodes.get(node_id)
            found = own.serialize() if own else self.nodes(node_id)
            return _without_rate(found) if found and found["class_type"] == _SCENE else found

        return content_hash([ALGORITHM, Lineage(node, self.memory, self._known).of(images)])

    def take(self, scene_id: str, hash: str) -> TakeRecord | None:
        """The take to use; None where the scene is to be rendered."""
        return None if self.mode == AGAIN else self.run.done(scene_id, hash)


def _without_rate(node: Mapping[str, Any]) -> dict[str, Any]:
    scene = json.loads(node["inputs"]["scene_json"])
    del scene["fps"]
    return {**node, "inputs": {"scene": scene}}
