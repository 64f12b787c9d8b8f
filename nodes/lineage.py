"""What a value in a graph comes from: nodes, their settings, and the content of files they name.

Two graphs with the same lineage give the same pixels, on whatever machine, under whatever node ids
and whatever names their files have.
"""

from collections.abc import Callable, Mapping
from typing import Any

from comfy_execution.graph_utils import is_link

from ..rendering.digests import DigestMemory, content_hash, file_digest
from ..rendering.manifest import miniature_digests
from .expansion import Link
from .model_files import MINIATURE
from .named_files import named_file

Nodes = Callable[[str], Mapping[str, Any] | None]
_OWN_WEIGHTS = "VideoDirectorLoadMiniature"


class Lineage:
    """Digests of what links come from.

    Args:
        nodes: gives a node by its id, as the API form has it; None where there is none.
        memory: remembers digests of files.
        known: digests of nodes by id, which grow; to be shared among looks at one graph.
    """

    def __init__(self, nodes: Nodes, memory: DigestMemory, known: dict[str, str]) -> None:
        self.nodes, self.memory, self._known = nodes, memory, known

    def of(self, link: Link) -> str:
        """The digest of all that decides what comes out of a link.

        Raises:
            ValueError: it leads to a node that is not there.
        """
        node_id, slot = link
        if node_id not in self._known:
            node = self.nodes(node_id)
            if node is None:
                raise ValueError(f"the graph has no node {node_id!r}, to which a link leads")
            inputs = {name: self._told(value) for name, value in node["inputs"].items()}
            if node["class_type"] == _OWN_WEIGHTS:
                inputs["weights"] = miniature_digests()
            self._known[node_id] = content_hash({"class": node["class_type"], "inputs": inputs})
        return content_hash([self._known[node_id], slot])

    def _told(self, value: Any) -> Any:
        if is_link(value):
            return {"from": self.of(value)}
        if isinstance(value, Mapping):
            return {str(key): self._told(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._told(item) for item in value]
        if value == MINIATURE:
            return miniature_digests()
        path = named_file(value) if isinstance(value, str) else None
        return {"sha256": file_digest(path, self.memory)} if path else value
