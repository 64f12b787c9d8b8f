"""Nodes that take one scene out of a plan."""

from comfy_api.latest import io

from ..planning import plan_io
from ..planning.layout import interpolate
from ..planning.schema import MAX_SCENES, SceneBundle
from ..rendering.seeds import scene_seed
from . import sockets

CATEGORY = f"{sockets.CATEGORY}/scene"


def scene_outputs() -> list:
    """Outputs that every node giving a scene has, in this order."""
    return [
        sockets.Scene.Output(
            "scene", display_name="scene", tooltip="The scene with its entities, frame rate, size."
        ),
        io.String.Output("prompt", display_name="prompt", tooltip="The scene's prompt."),
        io.String.Output(
            "frame_prompts",
            display_name="frame prompts",
            is_output_list=True,
            tooltip="A list with one prompt per frame; the scene's prompt where it has none.",
        ),
        io.Int.Output("frames", display_name="frames", tooltip="Number of frames."),
        sockets.Layout.Output(
            "layout", display_name="layout", tooltip="Boxes of every frame, between keyframes too."
        ),
        sockets.Camera.Output(
            "camera", display_name="camera", tooltip="Where the camera goes, and how fast."
        ),
        sockets.Action.Output(
            "action", display_name="action", tooltip="Kinetics-400 labels with their weights."
        ),
        io.Int.Output(
            "seed",
            display_name="seed",
            tooltip="The scene's own seed, or one derived from its id.",
        ),
    ]


def scene_values(bundle: SceneBundle) -> tuple:
    """Values of `scene_outputs`."""
    scene = bundle.scene
    return (
        bundle,
        scene.prompt,
        frame_prompts(bundle),
        scene.frames,
        interpolate(scene),
        scene.camera,
        scene.action,
        scene_seed(0, scene.id, scene.seed),
    )


def frame_prompts(bundle: SceneBundle) -> list[str]:
    """One prompt per frame; the scene's prompt for all where the plan gives none."""
    scene = bundle.scene
    return list(scene.frame_prompts or [scene.prompt] * scene.frames)


class Scene(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorScene",
            display_name="Scene",
            category=CATEGORY,
            description="Takes one scene out of a plan, for a graph that renders it by hand.",
            search_aliases=["plan scene", "shot", "split plan", "frame prompts"],
            inputs=[
                sockets.Plan.Input("plan", tooltip="The video plan."),
                io.Int.Input(
                    "index",
                    default=0,
                    min=0,
                    max=MAX_SCENES - 1,
                    tooltip="Which scene; the first is 0.",
                ),
            ],
            outputs=scene_outputs(),
        )

    @classmethod
    def execute(cls, plan, index) -> io.NodeOutput:
        try:
            bundle = plan_io.scene_bundle(plan, index)
        except IndexError as error:
            raise ValueError(f"Scene: {error}.") from error
        return io.NodeOutput(*scene_values(bundle))


class SceneFromJSON(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSceneFromJSON",
            display_name="Scene From JSON",
            category=CATEGORY,
            description="Reads one scene from its canonical JSON. Render Plan makes these nodes: "
            "the JSON is the key by which ComfyUI knows whether the scene changed.",
            search_aliases=["scene json"],
            is_dev_only=True,
            inputs=[
                io.String.Input(
                    "scene_json",
                    multiline=True,
                    tooltip="One scene with its entities, frame rate and size.",
                )
            ],
            outputs=scene_outputs(),
        )

    @classmethod
    def execute(cls, scene_json) -> io.NodeOutput:
        try:
            bundle = plan_io.scene_from_json(scene_json)
        except plan_io.PlanError as error:
            raise ValueError(f"Scene From JSON: {error}") from error
        return io.NodeOutput(*scene_values(bundle))
