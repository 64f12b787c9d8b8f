"""What a finished run shows: the video of all scenes, and the storyboard of its plan."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

from PIL.PngImagePlugin import PngInfo

from ..joining import join_clips
from ..run_disk import replace_file
from ..run_folder import RunFolder
from ..storyboard import draw_storyboard
from ..take_clips import open_take
from .scene_job import JobMaker

VIDEO, STORYBOARD = "video.mp4", "storyboard.png"


def write_video(folder: RunFolder, maker: JobMaker, takes: Mapping[str, int]) -> Path:
    """Join the plan's scenes at its frame rate into video.mp4 of the run folder.

    Args:
        folder: locked.
        maker: holds the plan, and the graph that the video brings back onto a canvas.
        takes: number of the take to show, by scene id; one for every scene.

    Raises:
        ClipError: a take can't be read, or they do not fit together.
        OSError: the disk is full.
    """
    clips = [
        open_take(folder.take_folder(scene.id, takes[scene.id]), scene.id)
        for scene in maker.plan.scenes
    ]
    path = folder.root / VIDEO
    join_clips(clips, path, fps=maker.plan.fps, metadata=_graph(maker))
    return path


def write_storyboard(folder: RunFolder, maker: JobMaker) -> None:
    """Draw the plan into storyboard.png of the run folder."""
    tags = PngInfo()
    for name, text in _graph(maker).items():
        tags.add_text(name, text)
    picture = io.BytesIO()
    draw_storyboard(maker.plan).save(picture, "PNG", pnginfo=tags)
    replace_file(folder.root / STORYBOARD, picture.getvalue())


def _graph(maker: JobMaker) -> dict[str, str]:
    """The whole workflow, under the names that the host's frontend looks for."""
    return {"prompt": json.dumps(maker.workflow.api), "workflow": json.dumps(maker.workflow.ui)}
