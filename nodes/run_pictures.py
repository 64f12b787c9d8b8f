"""What Render Plan renders is shown in the page, scene by scene as they get ready."""

import json
import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

from server import PromptServer

from ..planning.edits import plan_hash
from ..planning.schema import VideoPlan
from ..rendering.clip_frames import ClipError
from ..rendering.scene_pictures import ScenePictures
from ..rendering.shown_runs import ShownRun, ShownRuns
from .film_strips import is_serving, plan_strip, strip_ui, temp_folder
from .keeping import Keeping
from .sockets import SceneClip

_LOG = logging.getLogger(__name__)
# What the page listens for; also the name of the output that the host's history keeps.
EVENT = "video_director_run"


@cache
def shown_runs() -> ShownRuns:
    """The runs of this server."""
    return ShownRuns()


def begin_run(
    hidden: Any,
    plan: VideoPlan,
    rendered: VideoPlan,
    chosen: Sequence[int],
    keeping: Keeping | None,
) -> ShownRun | None:
    """Remember a run of Render Plan; None outside a running server.

    Args:
        hidden: its ``cls.hidden``, with unique_id.
        plan: as it came in.
        rendered: the same in the size in which it is rendered.
        chosen: places of the scenes that are shown, in order.
        keeping: its run folder.
    """
    if hidden is None or not is_serving():
        return None
    root = None if keeping is None else keeping.run.root
    frames = {rendered.scenes[place].id: rendered.scenes[place].frames for place in chosen}
    run = shown_runs().begin(hidden.unique_id, plan_hash(plan) or "", frames, root, temp_folder())
    run.strip = plan_strip(rendered, chosen)
    for scene, take in ({} if keeping is None else keeping.takes).items():
        run.use(scene, take)
    return run


def ui_of(run: ShownRun | None) -> dict[str, list] | None:
    """What the node's output says of a run: a text, since the host counts objects as files.

    With it goes the strip, whose frames are drawn later: where nothing is rendered again the host
    says what it said before, and then they are in that file.
    """
    return None if run is None else {EVENT: [json.dumps(_named(run))], **strip_ui(run.strip)}


def pictures_of(hidden: Any, clip: SceneClip) -> ScenePictures | None:
    """Pictures of a scene that Render Plan renders; None where nobody could see them."""
    if _run_around(hidden) is None:
        return None
    try:
        return ScenePictures(clip.images, len(clip.images), temp_folder())
    except (ClipError, OSError) as error:  # what uses the frames says so, too
        _LOG.warning("there are no pictures of scene %s: %s", clip.scene_id, error)
        return None


def show_clips(hidden: Any, clips: list[SceneClip]) -> None:
    """Show scenes that are ready, also those that come from a cache.

    Args:
        hidden: ``cls.hidden`` of a node that Render Plan became, with unique_id and dynprompt.
        clips: so far.
    """
    run = _run_around(hidden)
    if run is None:
        return
    if any([run.show(clip.scene_id, clip.pictures) for clip in clips if clip.pictures]):
        shown_runs().shrink()
        _tell(run)


def ui_of_ready(hidden: Any, clips: Sequence[SceneClip]) -> dict[str, list] | None:
    """What the output of the last node that Render Plan became says: all scenes in a strip.

    Args:
        hidden: its ``cls.hidden``, with unique_id and dynprompt.
        clips: all of them.
    """
    run = _run_around(hidden)
    return None if run is None else strip_ui(run.strip, clips)


def show_take(hidden: Any, scene: str, take: int) -> None:
    """Show a scene that is in the run folder now.

    Args:
        hidden: ``cls.hidden`` of a node that Render Plan became, with unique_id and dynprompt.
        scene: its id.
        take: the number of the take.
    """
    run = _run_around(hidden)
    if run is not None:
        run.use(scene, take)
        _tell(run)


def _run_around(hidden: Any) -> ShownRun | None:
    """The run in which a node works; None for a node that no Render Plan made."""
    graph = getattr(hidden, "dynprompt", None)
    owner = graph and graph.get_parent_node_id(hidden.unique_id)
    return shown_runs().newest_of(owner) if owner else None


def _tell(run: ShownRun) -> None:
    server = getattr(PromptServer, "instance", None)
    client = getattr(server, "client_id", None)
    if client is not None:
        job = server.last_prompt_id  # all of the host's own events of a job name it
        server.send_sync(EVENT, {**_named(run), "prompt_id": job}, client)


def _named(run: ShownRun) -> dict[str, str]:
    return {"run": run.id, "plan": run.plan_hash}
