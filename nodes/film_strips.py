"""Film strips on nodes: pictures in the host's temporary folder, for the page and for history."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folder_paths
from comfy_api.latest import io, ui
from PIL import Image
from server import PromptServer

from ..planning.schema import VideoPlan
from ..rendering.clip_frames import ClipError
from ..rendering.clip_pictures import three_pictures
from ..rendering.film_strip import StripScene
from ..rendering.strip_file import StripFile
from .sockets import SceneClip

_LOG = logging.getLogger(__name__)


def temp_folder() -> Path:
    """Where the host keeps what it shows."""
    return Path(folder_paths.get_temp_directory())


def plan_strip(plan: VideoPlan, chosen: Sequence[int]) -> StripFile:
    """The strip of a plan's scenes that are going to be rendered.

    Args:
        plan: in the size in which it is rendered.
        chosen: places of the scenes that are shown, in order.
    """
    scenes = [
        StripScene(scene.id, place + 1, scene.frames, camera=scene.camera)
        for place, scene in ((place, plan.scenes[place]) for place in chosen)
    ]
    return StripFile(temp_folder(), scenes, (plan.width, plan.height))


def clips_strip(clips: Sequence[SceneClip]) -> StripFile:
    """The strip of scenes of which no plan is known."""
    scenes = [
        StripScene(clip.scene_id, number, len(clip.images)) for number, clip in enumerate(clips, 1)
    ]
    height, width = clips[0].images.shape[1:3]
    return StripFile(temp_folder(), scenes, (width, height))


def strip_ui(strip: StripFile | None, clips: Sequence[SceneClip] = ()) -> dict[str, Any]:
    """Draw a strip; what the output of the node says that shows it, nothing where there is none.

    Args:
        strip: what is drawn; all strips of one file are seen wherever that file was told of.
        clips: the scenes that are ready.
    """
    if strip is None:
        return {}
    try:
        strip.write({clip.scene_id: clip_pictures(clip) for clip in clips})
    except (ClipError, OSError) as error:  # what uses the frames says so, too
        _LOG.warning("there is no film strip: %s", error)
        return {}
    shown = ui.SavedResult(strip.path.name, "", io.FolderType.temp)
    return ui.SavedImages([shown]).as_dict()


def clip_pictures(clip: SceneClip) -> list[Image.Image]:
    """The first, the middle and the last frame of a rendered scene; raises ClipError."""
    try:
        return three_pictures(clip.images, len(clip.images))
    except ClipError as error:
        raise ClipError(f"scene {clip.scene_id}: {error}") from error


def is_serving() -> bool:
    """Whether there is a page or a client that could look at pictures."""
    return getattr(PromptServer, "instance", None) is not None
