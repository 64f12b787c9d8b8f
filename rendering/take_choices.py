"""Which take of a scene is used: the one a person names, the one they chose earlier, the newest.

A run folder's manifest remembers choices. Whoever asks for scenes may name others for the moment:
numbers of takes by scene id, where None stands for the newest take that fits.
"""

import re
from collections.abc import Iterable, Mapping

from .run_errors import RunFolderError
from .run_folder import RunFolder
from .run_manifest import MAX_TAKES, TakeRecord

Choices = Mapping[str, int | None]
LATEST = "latest"
_EXAMPLE = f"such as s1:2 for take 2 of scene s1, or s1:{LATEST} for its newest take that fits"


def parse_choices(text: str) -> dict[str, int | None]:
    """Read "s1:2, s3:latest".

    Args:
        text: a scene's id and a take's number each, or "latest", separated by commas.

    Returns:
        Numbers by scene id; None for the newest take that fits. Empty where the text is.

    Raises:
        ValueError: a part means no take, or two parts name one scene; names all of them.
    """
    choices: dict[str, int | None] = {}
    problems = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        scene, _, take = (piece.strip() for piece in part.rpartition(":"))
        if not scene or not (take == LATEST or _is_number(take)):
            problems.append(f"{part[:80]!r} names no take; write scene and take, {_EXAMPLE}")
        elif scene in choices:
            problems.append(f"two takes of scene {scene[:80]!r} are named; name one")
        else:
            choices[scene] = None if take == LATEST else int(take)
    if problems:
        raise ValueError("; ".join(problems))
    return choices


def choice_problems(
    run: RunFolder, choices: Choices, scenes: Iterable[str], size: tuple[int, int]
) -> list[str]:
    """Why named takes can't be used, a sentence each.

    Args:
        run: where the takes are.
        choices: the takes.
        scenes: ids of the plan's scenes.
        size: width and height of the frames, in pixels; takes of other sizes join with no others.
    """
    known = list(scenes)
    problems = []
    for scene, number in choices.items():
        if scene not in known:
            problems.append(
                f"a take of scene {scene[:80]!r} is named, but the plan's scenes are "
                f"{', '.join(known)}; use one of these"
            )
            continue
        try:
            if number is not None:
                take = run.whole_take(scene, number)
                problems += _size_problems(scene, take, size)
        except RunFolderError as error:
            problems.append(str(error))
    return problems


def take_to_use(run: RunFolder, scene: str, hash: str, choices: Choices) -> TakeRecord | None:
    """The take that stands for a scene; None where the scene is to be rendered.

    Args:
        run: where the takes are.
        scene: the scene's id.
        hash: its content hash.
        choices: takes that are named for now; what they do not name, the manifest decides.

    Raises:
        RunFolderError: the named take is not there, or damaged.
    """
    if scene not in choices:
        return run.done(scene, hash)
    number = choices[scene]
    return run.newest(scene, hash) if number is None else run.whole_take(scene, number)


def told_take(take: TakeRecord, hash: str, newest: int) -> str:
    """A take that is used, in a person's words, with all that may surprise.

    Args:
        take: the take.
        hash: the scene's content hash as it is now.
        newest: number of the scene's newest take.
    """
    notes = [f"the newest is {newest}"] if newest > take.number else []
    if take.hash != hash:
        notes.append("rendered before plan or settings changed")
    return f"take {take.number}" + (f" ({', '.join(notes)})" if notes else "")


def surprising_takes(run: RunFolder, takes: Mapping[str, int]) -> dict[str, str]:
    """Takes of which a person may think that others are used, told as `told_take` does.

    Args:
        run: where the takes are.
        takes: numbers of those that are used, by scene id.

    Returns:
        By scene id; without scenes whose take is the newest and as plan and settings have it.
    """
    told = {}
    for scene, number in takes.items():
        record = run.manifest.scenes[scene]
        take = record.take(number)
        hash, newest = record.chosen_for or take.hash, record.next_number - 1
        if (take.hash, number) != (hash, newest):
            told[scene] = told_take(take, hash, newest)
    return told


def _size_problems(scene: str, take: TakeRecord, size: tuple[int, int]) -> list[str]:
    if (take.width, take.height) == size:
        return []
    return [
        f"take {take.number} of scene {scene} is {take.width}x{take.height}, and the frames of "
        f"this video are {size[0]}x{size[1]}; name a take of that size, or render at the take's"
    ]


def _is_number(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,6}", text)) and 1 <= int(text) <= MAX_TAKES
