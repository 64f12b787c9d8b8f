"""Twice the frames at twice the rate, as often as wanted (DirecT2V, arXiv:2305.14330, Fig. 6).

The authors let a language model describe the frames in between. Any one can be asked: here are the
question and the reading of its answer. Without one, the new frame between two others is described
in the words of both.
"""

import re
from collections.abc import Iterator, Sequence

from .schema import MAX_FPS, MAX_FRAMES, Camera, Keyframe, PlanError, Scene, VideoPlan

_NUMBER = re.compile(
    r"^\s*(?:[-*]\s*)?(?:(?:new )?frame\s*)?(\d{1,5})\s*[.:)\]-]\s*", re.IGNORECASE
)


def question(plan: VideoPlan) -> str:
    """What to ask a language model for the new frames of a plan; "" where frames have no prompts.

    Each new frame has a number; the answer is read by ``answered``.
    """
    asked = [
        f"{number}. between {earlier!r} and {later!r}"
        for number, (earlier, later) in enumerate(_gaps(plan), 1)
    ]
    if not asked:
        return ""
    return (
        f"A video shows {plan.prompt!r}. Describe the frames that lie between these neighbours, "
        "each in one line that stands for itself, as the neighbours do, and changes as little as "
        f"the time between them. Answer with {len(asked)} lines that begin with the numbers, "
        "nothing else.\n" + "\n".join(asked)
    )


def answered(plan: VideoPlan, answer: str) -> list[str]:
    """Read a language model's answer to ``question``: the new frames' prompts in order.

    Lines without a number, such as a greeting, are passed over.

    Raises:
        PlanError: numbers that are missing, with what to ask again.
    """
    wanted = sum(1 for _ in _gaps(plan))
    found: dict[int, str] = {}
    for line in answer.splitlines():
        match = _NUMBER.match(line)
        told = line[match.end() :].strip() if match else ""
        if match and told and 1 <= int(match[1]) <= wanted:
            found.setdefault(int(match[1]), told)
    missing = [str(number) for number in range(1, wanted + 1) if number not in found]
    if missing:
        raise PlanError(
            f"descriptions: {wanted} new frames need one line each, and {len(missing)} have none "
            f"(numbers {', '.join(missing[:8])}{' …' if len(missing) > 8 else ''}); ask for lines "
            'that begin with the number, such as "1. a ball on the left"'
        )
    return [found[number] for number in range(1, wanted + 1)]


def _gaps(plan: VideoPlan) -> Iterator[tuple[str, str]]:
    """Neighbours of every new frame, of the scenes whose frames have prompts of their own."""
    for scene in plan.scenes:
        if scene.frame_prompts is not None:
            followers = [*scene.frame_prompts[1:], scene.frame_prompts[-1]]
            yield from zip(scene.frame_prompts, followers, strict=True)


def double_frame_rate(plan: VideoPlan, between: Sequence[str] | None = None) -> VideoPlan:
    """Return the plan with a frame between every two, and one after the last of each scene.

    Scenes last as long as before; ids, seeds and everything that is not counted in frames stay.

    Args:
        plan: left as it is.
        between: the new frames' prompts, as from ``answered``; their neighbours' words when None.

    Raises:
        PlanError: a scene would have more frames, or the plan a higher rate, than plans may have.
        ValueError: another number of prompts than of new frames that have one.
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
    gaps = list(_gaps(plan))
    new = iter([prompt_between(*gap) for gap in gaps] if between is None else between)
    if between is not None and len(between) != len(gaps):
        raise ValueError(f"{len(between)} prompts were given for {len(gaps)} new frames")
    scenes = [_double_scene(scene, new) for scene in plan.scenes]
    return plan.model_copy(update={"fps": 2 * plan.fps, "scenes": scenes})


def _double_scene(scene: Scene, new: Iterator[str]) -> Scene:
    layout = [
        Keyframe(frame=2 * keyframe.frame, boxes=keyframe.boxes, caption=keyframe.caption)
        for keyframe in scene.layout
    ]
    prompts = scene.frame_prompts
    if prompts is not None:
        prompts = [told for prompt in prompts for told in (prompt, next(new))]
    camera = _slower(scene.camera)
    return scene.model_copy(
        update={
            "frames": 2 * scene.frames,
            "layout": layout,
            "frame_prompts": prompts,
            "camera": camera,
        }
    )


def _slower(camera: Camera) -> Camera:
    """The same way in twice the frames; a camera's speed is counted per frame."""
    if camera.path is not None:
        poses = [pose.model_copy(update={"frame": 2 * pose.frame}) for pose in camera.path]
        return camera.model_copy(update={"path": poses})
    if camera.direction == "static":
        return camera
    strength = 1.0 if camera.strength is None else camera.strength
    return camera.model_copy(update={"strength": strength / 2})


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
