"""Where Render Plan keeps scenes, which of them are there already, and what names the others."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folder_paths
from comfy_execution.graph_utils import GraphBuilder

from ..planning.schema import VideoPlan
from ..rendering.digests import ALGORITHM, content_hash
from ..rendering.manifest import pack_version
from ..rendering.problems import Problems
from ..rendering.run_errors import RunFolderError
from ..rendering.run_folder import RunFolder
from ..rendering.run_manifest import TakeRecord
from ..rendering.take_choices import (
    Choices,
    choice_problems,
    parse_choices,
    take_to_use,
    told_take,
)
from .expansion import Link
from .lineage import Lineage, Nodes
from .own_folder import digest_memory
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
        choices: takes to use in place of what the folder's manifest says. A scene whose take is
            named by its number is not rendered.

    Raises:
        RunFolderError: the folder can't be used.
        ValueError: the name leads out of the output folder.
    """

    def __init__(self, name: str, mode: str, nodes: Nodes, choices: Choices) -> None:
        self.name, self.mode, self.nodes, self.choices = name, mode, nodes, choices
        self.run = RunFolder.open(run_path(name), create=True)
        self.memory = digest_memory()
        self.used: dict[str, str] = {}  # takes that are used, in words, by scene
        self.takes: dict[str, int] = {}  # their numbers
        self._known: dict[str, str] = {}  # all scenes stand on the same models

    def drop_wrong_choices(self, plan: VideoPlan) -> list[str]:
        """Forget the choices if some can't be used; returns why, a sentence each."""
        scenes = [scene.id for scene in plan.scenes]
        problems = choice_problems(self.run, self.choices, scenes, (plan.width, plan.height))
        if problems:
            self.choices = {}
        return problems

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
        if self.mode == AGAIN and self.choices.get(scene_id) is None:
            return None
        take = take_to_use(self.run, scene_id, hash, self.choices)
        if take is not None:
            newest = self.run.next_take(scene_id) - 1
            self.used[scene_id] = told_take(take, hash, newest)
            self.takes[scene_id] = take.number
        return take


def opened_keeping(
    hidden: Any, name: str, mode: str, takes: str, plan: VideoPlan, problems: Problems
) -> Keeping | None:
    """The run folder that Render Plan is asked to use; None where there is none, or none usable.

    The plan is written into it, unless there are problems already.

    Args:
        hidden: Render Plan's ``cls.hidden``, with dynprompt.
        name: of the folder; empty for none.
        mode: MISSING or AGAIN.
        takes: the takes to use, as a person writes them.
        plan: in the size in which it is rendered.
        problems: gets a sentence for everything that would not work.
    """
    choices: Choices = {}
    try:
        choices = parse_choices(takes)
    except ValueError as error:
        problems.append(f"takes: {error}.")
    if not name:
        if choices:
            problems.append(
                f"takes is {takes.strip()!r}, but run_folder is empty; name the run folder that "
                "holds these takes, or leave takes empty."
            )
        return None
    graph = hidden.dynprompt

    def node(node_id: str) -> dict | None:
        return graph.get_node(node_id) if graph.has_node(node_id) else None

    try:
        keeping = Keeping(name, mode, node, choices)
    except ValueError as error:
        problems.append(f"run_folder: {error}.")
        return None
    except RunFolderError as error:
        problems.append(str(error))
        return None
    problems += [f"takes: {problem}" for problem in keeping.drop_wrong_choices(plan)]
    if not problems:
        with problems.noted(RunFolderError):
            keeping.begin(plan)
    return keeping


def _without_rate(node: Mapping[str, Any]) -> dict[str, Any]:
    scene = json.loads(node["inputs"]["scene_json"])
    del scene["fps"]
    return {**node, "inputs": {"scene": scene}}
