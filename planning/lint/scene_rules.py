"""Findings about whole scenes."""

from collections.abc import Iterator

from ..schema import Scene, VideoPlan
from .findings import Finding

_SHORTEST, _LONGEST = 0.5, 20.0  # seconds


def same_scene(plan: VideoPlan) -> Iterator[Finding]:
    """A scene that says what an earlier one says."""
    first: dict[str, int] = {}
    for number, scene in enumerate(plan.scenes):
        before = first.setdefault(_said(scene), number)
        if before == number:
            continue
        twin = _shown(plan.scenes[before]) == _shown(scene)
        yield Finding(
            f"scenes[{number}].prompt",
            f"says the same as scenes[{before}].prompt",
            "say what happens next, or remove one of the two scenes",
            "same_scene",
            "warning" if twin else "note",
        )


def without_background(plan: VideoPlan) -> Iterator[Finding]:
    """A scene without a place where others have one."""
    if all(scene.background is None for scene in plan.scenes):
        return
    for number, scene in enumerate(plan.scenes):
        if scene.background is None:
            yield Finding(
                f"scenes[{number}].background",
                "is missing while other scenes have one, so its place is left to chance",
                "name a background entity, the same as before if the place does not change",
                "without_background",
                "note",
            )


def duration(plan: VideoPlan) -> Iterator[Finding]:
    """A scene that is over before it is seen, or that lasts longer than a prompt can fill."""
    for number, scene in enumerate(plan.scenes):
        seconds = scene.frames / plan.fps
        if _SHORTEST <= seconds <= _LONGEST:
            continue
        short = seconds < _SHORTEST
        yield Finding(
            f"scenes[{number}].frames",
            f"{scene.frames} at {plan.fps} fps last {seconds:.2g} s, which is hardly seen"
            if short
            else f"{scene.frames} at {plan.fps} fps last {seconds:.0f} s, long for a single shot",
            f"use {'at least' if short else 'at most'} "
            f"{_fewest(plan.fps) if short else int(_LONGEST * plan.fps)} frames, or "
            f"{'fewer' if short else 'more'} fps" + ("" if short else "; or make it two scenes"),
            "duration",
            "warning",
        )


def _fewest(fps: int) -> int:
    return -(-fps // 2)


def _said(scene: Scene) -> str:
    texts = [scene.prompt, *(scene.frame_prompts or [])]
    return "\n".join(" ".join(text.casefold().split()).rstrip(".!") for text in texts)


def _shown(scene: Scene) -> Scene:
    """The scene without what makes no other picture of it."""
    same = {"id": "", "prompt": "", "frame_prompts": None, "seed": None, "locked": False}
    return scene.model_copy(update=same)
