"""What Render Plan looks at before the first step, so that everything wrong is told at once."""

from collections.abc import Iterable, Mapping, Sequence

import psutil

from ..planning.schema import Scene, VideoPlan
from ..rendering.frame_needs import disk_problems, frames_in_memory, memory_problems
from ..rendering.problems import Problems
from .entity_pictures import reference_of
from .keeping import Keeping
from .run_folder_nodes import FORMAT
from .sockets import EntityReference


def encoder_problems(clip_vision: object, needing: Mapping[str, tuple[object, str]]) -> list[str]:
    """Inputs that are connected and need an image encoder, which is not.

    Args:
        clip_vision: the encoder's link, or None.
        needing: by words for an input its link, and what the encoder would be shown.
    """
    if clip_vision is not None:
        return []
    return [
        f"{what} is connected, but no image encoder; connect clip_vision, which shows it {shown}."
        for what, (link, shown) in needing.items()
        if link is not None
    ]


def chosen_scenes(plan: VideoPlan, only: str, problems: list[str]) -> list[int]:
    """Places of the scenes that are asked for, in the plan's order.

    Args:
        plan: whose scenes.
        only: their ids with commas between; empty asks for all.
        problems: gets a sentence where ids are unknown.
    """
    asked = [name for part in only.split(",") if (name := part.strip())]
    ids = [scene.id for scene in plan.scenes]
    unknown = [name for name in asked if name not in ids]
    if unknown:
        problems.append(
            f"only names {', '.join(map(repr, unknown))}, but the plan's scenes are "
            f"{', '.join(ids)}; use their ids, separated by commas, or leave it empty."
        )
    return [index for index, name in enumerate(ids) if not asked or name in asked]


def picture_problems(
    plan: VideoPlan, scenes: Iterable[Scene], given: Mapping[str, EntityReference]
) -> list[str]:
    """Pictures of entities that the plan names and that can't be read.

    Args:
        plan: whose entities.
        scenes: those that are to be rendered.
        given: pictures that win over the plan's.
    """
    problems = Problems()
    names = {name for scene in scenes for name in (*scene.entities, scene.background)}
    for entity in plan.entities:
        if entity.id in names:
            with problems.noted(ValueError):
                reference_of(entity, dict(given))
    return list(problems)


def room_problems(scenes: Sequence[Scene], plan: VideoPlan, keeping: Keeping | None) -> list[str]:
    """Whether frames may not fit into memory, or not onto the disk of the run folder.

    Args:
        scenes: those that are asked for.
        plan: in the size in which it is rendered.
        keeping: the run folder, once the plan is expanded; None where there is none.
    """
    size, total = (plan.width, plan.height), psutil.virtual_memory().total
    used = {} if keeping is None else keeping.used
    frames = {scene.id: scene.frames for scene in scenes if scene.id not in used}
    if not frames:
        return []
    longest = max(frames, key=frames.__getitem__)
    problems = memory_problems(
        f"the {frames[longest]} frames of scene {longest}",
        frames_in_memory(frames[longest], size),
        total,
        "make the scene shorter or smaller",
    )
    every = sum(frames.values())
    if keeping is None:
        return problems or memory_problems(
            f"the {every} frames of all scenes",
            frames_in_memory(every, size),
            total,
            "set run_folder, which keeps finished scenes on the disk, or render some with only",
        )
    remedy = "render fewer scenes with only"
    return problems + disk_problems(every, size, FORMAT, keeping.run.root, remedy)
