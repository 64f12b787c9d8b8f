"""The node that writes a storyboard into the host's output folder."""

from collections.abc import Sequence

from comfy_api.latest import io, ui
from PIL import Image

from ..planning.schema import VideoPlan
from ..rendering.run_disk import replace_file
from ..rendering.storyboard_file import FORMATS, PDF, PNG, storyboard_file
from . import sockets
from .film_strips import clip_pictures
from .node_text import show_on_node
from .plan_files import check_relative, new_output_path
from .sockets import SceneClip

CATEGORY = f"{sockets.CATEGORY}/plan"
SAVE = "Save Storyboard"


class SaveStoryboard(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSaveStoryboard",
            display_name=SAVE,
            category=CATEGORY,
            description="Writes the storyboard of a plan into ComfyUI's output folder, as one "
            "picture or as pages to print, with the rendered frames where there are some.",
            search_aliases=["export storyboard", "print plan", "pdf", "shot list"],
            is_output_node=True,
            inputs=[
                sockets.Plan.Input("plan", tooltip="The plan to draw."),
                io.Combo.Input(
                    "format",
                    options=list(FORMATS),
                    default=PDF,
                    tooltip="png: all scenes in one picture. pdf: pages of A4 to print or to send.",
                ),
                io.String.Input(
                    "filename_prefix",
                    default="VideoDirector/storyboard",
                    tooltip="Folder and name below the output folder; a number is added.",
                ),
                sockets.SceneClips.Input(
                    "clips",
                    optional=True,
                    tooltip="Rendered scenes, shown beneath the boxes; scenes without are drawn "
                    "plain.",
                ),
            ],
            outputs=[],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, plan, format, filename_prefix, clips=None) -> io.NodeOutput:
        try:
            check_relative(filename_prefix)
            frames = plan_pictures(plan, clips or [])
            path, subfolder = new_output_path(filename_prefix, f"_.{format}")
            replace_file(path, storyboard_file(plan, format, frames))
        except OSError as error:
            raise ValueError(
                f"{SAVE}: the file can't be written ({error.strerror}); make room on the disk, or "
                "let ComfyUI write to its output folder."
            ) from None
        except ValueError as error:  # ClipError is one
            raise ValueError(f"{SAVE}: {error}.") from error
        saved = ui.SavedResult(path.name, subfolder, io.FolderType.output)
        text = f"{subfolder}/{path.name}" if subfolder else path.name
        show_on_node(cls.hidden, text)
        shown = {"images": [saved]} if format == PNG else {"storyboards": [saved]}
        return io.NodeOutput(ui={**shown, "text": [text]})


def plan_pictures(
    plan: VideoPlan, clips: Sequence[SceneClip]
) -> list[Sequence[Image.Image] | None]:
    """Pictures of every scene of a plan, None for those that are not rendered.

    Raises:
        ClipError: frames can't be read; names the scene.
    """
    rendered = {clip.scene_id: clip for clip in clips}
    return [
        clip_pictures(rendered[scene.id]) if scene.id in rendered else None for scene in plan.scenes
    ]
