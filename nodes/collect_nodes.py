"""Nodes that put rendered scenes one behind the other, and show them in the page."""

from comfy_api.latest import io

from . import sockets
from .run_pictures import pictures_of, show_clips, ui_of_ready

CATEGORY = f"{sockets.CATEGORY}/render"


class CollectScene(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorCollectScene",
            display_name="Collect Scene",
            category=CATEGORY,
            description="Puts the frames of one scene behind those of earlier scenes. Render Plan "
            "makes these nodes; by hand it lets scenes rendered apart be joined.",
            search_aliases=["append scene", "scene clips"],
            inputs=[
                io.Image.Input("images", tooltip="The rendered frames of the scene."),
                sockets.Scene.Input("scene", tooltip="The scene they belong to."),
                sockets.SceneClips.Input(
                    "clips", optional=True, tooltip="The scenes shown before it."
                ),
            ],
            outputs=[
                sockets.SceneClips.Output(
                    "clips", display_name="clips", tooltip="The scenes so far, this one last."
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, images, scene, clips=None) -> io.NodeOutput:
        clip = sockets.SceneClip(scene.scene.id, images, scene.fps)
        clip = clip._replace(pictures=pictures_of(cls.hidden, clip))
        shown = [*(clips or []), clip]
        show_clips(cls.hidden, shown)
        return io.NodeOutput(shown)


class ShowScenes(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorShowScenes",
            display_name="Show Scenes",
            category=CATEGORY,
            description="Shows rendered scenes as a film strip, also those that were in the "
            "cache or in a run folder, and gives them on. Render Plan makes these nodes.",
            search_aliases=["thumbnails", "storyboard pictures", "film strip"],
            is_dev_only=True,
            inputs=[
                sockets.SceneClips.Input("clips", tooltip="The rendered scenes."),
                # A new one each time: this node runs although all scenes come from the cache.
                io.String.Input("run", default="", tooltip="The run they belong to."),
            ],
            outputs=[
                sockets.SceneClips.Output("clips", display_name="clips", tooltip="The same scenes.")
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def execute(cls, clips, run) -> io.NodeOutput:
        show_clips(cls.hidden, clips)
        return io.NodeOutput(clips, ui=ui_of_ready(cls.hidden, clips))
