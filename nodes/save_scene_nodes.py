"""A node that writes rendered scenes into the host's output folder, a file or folder for each."""

import json
from collections.abc import Iterator

from comfy.cli_args import args
from comfy.model_management import throw_exception_if_processing_interrupted
from comfy_api.latest import io
from torch import Tensor

from ..rendering.clip_files import SUFFIXES, picture_name, write_clip
from ..rendering.clip_frames import ClipError
from . import sockets
from .plan_files import check_relative, new_output_path
from .sockets import SceneClip

CATEGORY = f"{sockets.CATEGORY}/render"


class SaveScenes(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSaveScenes",
            display_name="Save Scenes",
            category=CATEGORY,
            description="Writes every scene into ComfyUI's output folder, as a file of its own or "
            "as a folder of pictures.",
            search_aliases=["export scenes", "save clips", "lossless", "image sequence", "ffv1"],
            is_output_node=True,
            inputs=[
                sockets.SceneClips.Input("clips", tooltip="The rendered scenes."),
                io.String.Input(
                    "filename_prefix",
                    default="VideoDirector/scenes",
                    tooltip="Folder and name below the output folder; the scene's id and a number "
                    "are added.",
                ),
                io.Combo.Input(
                    "format",
                    options=list(SUFFIXES),
                    default="ffv1",
                    tooltip="ffv1 and png keep every pixel, mp4 and webm are small and play "
                    "anywhere.",
                ),
            ],
            outputs=[],
            hidden=[io.Hidden.prompt, io.Hidden.extra_pnginfo],
        )

    @classmethod
    def execute(cls, clips, filename_prefix, format) -> io.NodeOutput:
        if not clips:
            raise ValueError(
                "Save Scenes: there are no scenes; connect Render Plan or Collect Scene."
            )
        metadata = _workflow_metadata(cls.hidden)
        try:
            # Every place is checked before the first scene is written.
            for clip in clips:
                check_relative(f"{filename_prefix}_{clip.scene_id}")
            saved = [
                entry for clip in clips for entry in _save(clip, filename_prefix, format, metadata)
            ]
        except ValueError as error:
            raise ValueError(f"Save Scenes: {error}.") from error
        return io.NodeOutput(ui={"scenes": saved})


def _save(
    clip: SceneClip, prefix: str, format: str, metadata: dict[str, str]
) -> list[dict[str, object]]:
    """Write one scene; returns one entry per file, as the host's /view wants them named."""
    try:
        height, width = clip.images.shape[1:3]
        path, subfolder = new_output_path(
            f"{prefix}_{clip.scene_id}", SUFFIXES[format], width, height
        )
        written = write_clip(path, interruptible(clip.images), format, clip.fps, metadata)
    except ClipError as error:
        raise ClipError(f"scene {clip.scene_id}: {error}") from error
    except OSError as error:
        raise ClipError(
            f"scene {clip.scene_id} can't be written ({error.strerror}); make room on the disk, or "
            "let ComfyUI write to its output folder"
        ) from None
    entry = {
        "scene": clip.scene_id,
        "type": io.FolderType.output.value,
        "frames": written.frames,
        "fps": clip.fps,
        "format": format,
    }
    if format != "png":
        return [{"filename": path.name, "subfolder": subfolder, **entry}]
    inside = f"{subfolder}/{path.name}" if subfolder else path.name
    return [
        {"filename": picture_name(place), "subfolder": inside, **entry}
        for place in range(written.frames)
    ]


def interruptible(images: Tensor) -> Iterator[Tensor]:
    """The frames one by one; stops when the user asks the host to."""
    for frame in images:
        throw_exception_if_processing_interrupted()
        yield frame


def _workflow_metadata(hidden: io.HiddenHolder) -> dict[str, str]:
    """What the host's own savers keep in their files, so that they bring the workflow back."""
    if args.disable_metadata:
        return {}
    kept = dict(hidden.extra_pnginfo or {})
    if hidden.prompt is not None:
        kept["prompt"] = hidden.prompt
    return {name: json.dumps(value) for name, value in kept.items()}
