"""From a plan to a video: the runner, its run folder, and what is drawn of a plan.

``from video_director.rendering import render_plan, render_plan_async`` renders from Python,
``render_plan_on_ray`` on many machines.
"""

from typing import Any

__all__ = ["render_plan", "render_plan_async", "render_plan_on_ray"]


def __getattr__(name: str) -> Any:
    """The runner is imported on first use: nodes use modules of this folder without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "render_plan_on_ray":
        from .cluster import render as cluster

        return cluster.render_plan_on_ray
    from .runner import render_plan as runner

    return getattr(runner, name)
