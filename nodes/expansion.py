"""What graphs that a node expands into are built of: links, and nodes named after an owner."""

from collections.abc import Callable
from typing import Any

from comfy_execution.graph_utils import GraphBuilder

Link = list  # ["node id", output number]
Add = Callable[..., Link]  # class, step, inputs


def adding_for(graph: GraphBuilder, owner: str) -> Add:
    """What adds nodes of a scene or an entity, each called "<owner>.<step>".

    It returns the link to a node's first output.
    """

    def add(class_type: str, step: str, **inputs: Any) -> Link:
        return graph.node(class_type, f"{owner}.{step}", **inputs).out(0)

    return add


def output_is_used(hidden: Any, slot: int) -> bool:
    """Whether some node of the running graph takes an output of the node that runs.

    Args:
        hidden: the node's ``cls.hidden``, with unique_id and dynprompt; None outside a server.
        slot: number of the output.
    """
    if hidden is None or hidden.dynprompt is None:
        return True
    link = [hidden.unique_id, slot]
    graph = hidden.dynprompt
    nodes = (graph.get_node(node_id) for node_id in graph.all_node_ids())
    return any(link == value for node in nodes for value in node["inputs"].values())
