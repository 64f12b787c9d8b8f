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
