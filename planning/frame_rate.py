"""Twice the frames at twice the rate, as often as wanted (DirecT2V, arXiv:2305.14330, Fig. 6).

The authors let a language model split each frame's description in two. Without one, the new frame
between two others is described in the words of both.
"""

from collections.abc import Sequence

from .schema import MAX_FPS, MAX_FRAMES, Keyframe, PlanError, Scene, VideoPlan


def double_frame_rate(plan: VideoPlan) -> VideoPlan:
    """Return the plan with a frame between every two, and one after the last of each scene.

    Scenes last as long as before; ids, seeds and everything that is not counted in frames stay.

    Raises:
        PlanError: a scene would have more frames, or the plan a higher rate, than plans may have.
    """
    too_long = [
        f"scenes[{index}].frames: {scene.frames} frames cannot be doubled, since a scene has at "
        f"most {MAX_FRAMES}; split the scene"
        for index, scene in enumerate(plan.scenes)
        if 2 * scene.frames > MAX_FRAMES
    ]
    if 2 * plan.fps > MAX_FPS:
        too_long.append(
            f"fps: {plan.fps} frames per second cannot be doubled, since a plan has at most "
            f"{MAX_FPS}; lower the plan's rate first"
        )
    if too_long:
        raise PlanError(too_long)
    scenes = [_double_scene(scene) for scene in plan.scenes]
    return plan.model_copy(update={"fps": 2 * plan.fps, "scenes": scenes})


def _double_scene(scene: Scene) -> Scene:
    layout = [
        Keyframe(frame=2 * keyframe.frame, boxes=keyframe.boxes, caption=keyframe.caption)
        for keyframe in scene.layout
    ]
    prompts = None if scene.frame_prompts is None else _double_prompts(scene.frame_prompts)
    return scene.model_copy(
        update={"frames": 2 * scene.frames, "layout": layout, "frame_prompts": prompts}
    )


def _double_prompts(prompts: Sequence[str]) -> list[str]:
    followers = [*prompts[1:], prompts[-1]]
    doubled = []
    for prompt, follower in zip(prompts, followers, strict=True):
        doubled += [prompt, prompt_between(prompt, follower)]
    return doubled


def prompt_between(earlier: str, later: str) -> str:
    """Describe what lies between two prompts: common words once, others of both, joined by "and".

    "a red ball on the left" and "a red ball in the middle" make "a red ball on the left and in the
    middle".
    """
    first, second = earlier.split(), later.split()
    start = _common(first, second)
    end = _common(first[start:][::-1], second[start:][::-1])
    ours, theirs = (words[start : len(words) - end] for words in (first, second))
    joined = [*ours, "and", *theirs] if ours and theirs else ours + theirs
    return " ".join(first[:start] + joined + first[len(first) - end :])


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(first, second, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
