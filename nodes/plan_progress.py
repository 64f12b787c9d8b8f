"""Shows on Render Plan how far its scenes are, while the nodes it became are at work.

The host's frontend draws an expanded node's bar on the node it came from, but does not know that
there are scenes. The host tells the progress of every node to handlers, which belong to one job and
go with it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from comfy_execution.progress import ProgressHandler, add_progress_handler
from server import PromptServer

from ..planning.schema import Scene
from ..rendering.plan_progress import PlanProgress
from ..rendering.progress import SAMPLER
from .node_text import send_words

# Nodes that end a scene's chain, by what Render Plan calls them.
_ENDS = (".collect", ".keep", ".kept")
_PICTURE = "picture_sample"


def show_progress(
    hidden: Any, scenes: Sequence[Scene], nodes: Mapping[str, Any], kept: Mapping[str, str]
) -> None:
    """Follow the expanded nodes of this job; nothing where no client queued it.

    Args:
        hidden: Render Plan's ``cls.hidden``, with unique_id and dynprompt; None outside a job.
        scenes: all that are shown, in order.
        nodes: the expanded nodes, by id.
        kept: which take is used, in words, by id of the scenes that are not rendered.
    """
    server = getattr(PromptServer, "instance", None)  # absent outside a running server
    client = getattr(server, "client_id", None)
    if hidden is None or client is None:
        return
    shown = hidden.dynprompt.get_display_node_id(hidden.unique_id)
    progress = PlanProgress(
        {scene.id: scene.frames for scene in scenes},
        kept,
        unchanged=not any(node_id.endswith(_ENDS[1:]) for node_id in nodes),
    )

    def tell(text: str) -> None:
        send_words(server, text, shown, client)

    add_progress_handler(ScenesHandler(hidden.unique_id, nodes, progress, tell))


class ScenesHandler(ProgressHandler):
    """Tells the steps of one Render Plan's samplers.

    Args:
        owner: id of the Render Plan node.
        nodes: the nodes it became, by id; all others are passed over.
        progress: of its scenes.
        tell: is given the words.
    """

    def __init__(
        self,
        owner: str,
        nodes: Mapping[str, Any],
        progress: PlanProgress,
        tell: Callable[[str], None],
    ):
        super().__init__(f"video_director.{owner}")  # the host has one handler of a name
        self._owner = owner
        found = {node_id: SAMPLER.search(node_id) for node_id in nodes}
        self._samplers = {node_id: match.groups() for node_id, match in found.items() if match}
        self._ends = {
            node_id: node_id.split(".")[-2] for node_id in nodes if node_id.endswith(_ENDS)
        }
        self._progress, self._tell, self._told = progress, tell, ""

    def start_handler(self, node_id, state, prompt_id):
        """A node begins to work; nodes from a cache never do."""
        if node_id in self._samplers:
            self._progress.begin(self._samplers[node_id][0])

    def update_handler(self, node_id, value, max_value, state, prompt_id, image=None):
        """A node has made a step."""
        if node_id not in self._samplers or not max_value:
            return
        scene, step = self._samplers[node_id]
        steps = (int(value), int(max_value))
        self._show(self._progress.reach(scene, *steps, picture=step == _PICTURE))

    def finish_handler(self, node_id, state, prompt_id):
        """A node is done, or was in a cache."""
        if node_id in self._ends:
            self._progress.pass_by(self._ends[node_id])
        elif node_id == self._owner:
            self._show(self._progress.summary())

    def _show(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(text)
