"""The pack's nodes, in one explicit list."""

from comfy_api.latest import ComfyAPI, ComfyExtension, io

from .action_nodes import ActionFromText, ActionFromVideo, Actions
from .camera_nodes import CameraMotionNode, CameraMotionSampler, CameraNode
from .collect_nodes import CollectScene, ShowScenes
from .digest_route import add_digest_route
from .edit_plan_node import EditPlan
from .entity_drawing_nodes import EntityReferences
from .entity_reference_nodes import CutOut, EntityPicture, PreviewReferences
from .frame_rate_nodes import DoubleFrameRate
from .grounding_nodes import ApplyGrounding, EncodeLayout, LoadGroundingModel
from .join_nodes import JoinScenes
from .layout_nodes import BoxesToLayout, LayoutToBoxes, LayoutToMasks, PreviewLayout
from .miniature_nodes import LoadMiniature
from .motion_nodes import MotionDynamics, SmoothBackground
from .noise_nodes import SharedNoise
from .plan_nodes import LoadPlan, ParsePlan, PreviewPlan, SavePlan
from .planner_nodes import PlannerPrompt, PlanVideo
from .prompt_nodes import EncodeFramePrompts
from .reference_files import SceneReferences
from .reference_nodes import ApplyReferenceAttention, EncodeReferences, LoadReferenceAdapter
from .render_nodes import RenderPlan
from .replan_nodes import ReplanScene
from .run_folder_nodes import KeepScene, KeptScene
from .save_scene_nodes import SaveScenes
from .scene_cache import SceneCache
from .scene_nodes import Scene, SceneFromJSON
from .storyboard_nodes import SaveStoryboard
from .storyboard_routes import add_storyboard_routes
from .value_mapping_nodes import FramesPerPass, ValueMappingNode
from .video_model_nodes import LoadVideoModel, VideoConditioning

NODES: list[type[io.ComfyNode]] = [
    PlanVideo,
    LoadPlan,
    ParsePlan,
    SavePlan,
    PreviewPlan,
    SaveStoryboard,
    PlannerPrompt,
    ReplanScene,
    EditPlan,
    DoubleFrameRate,
    Scene,
    SceneFromJSON,
    EncodeFramePrompts,
    ValueMappingNode,
    FramesPerPass,
    SharedNoise,
    MotionDynamics,
    SmoothBackground,
    LoadGroundingModel,
    EncodeLayout,
    ApplyGrounding,
    EntityPicture,
    EntityReferences,
    CutOut,
    PreviewReferences,
    SceneReferences,
    LoadReferenceAdapter,
    EncodeReferences,
    ApplyReferenceAttention,
    CameraNode,
    CameraMotionNode,
    CameraMotionSampler,
    ActionFromText,
    Actions,
    ActionFromVideo,
    LoadVideoModel,
    VideoConditioning,
    LayoutToBoxes,
    LayoutToMasks,
    BoxesToLayout,
    PreviewLayout,
    RenderPlan,
    CollectScene,
    ShowScenes,
    KeepScene,
    KeptScene,
    JoinScenes,
    SaveScenes,
    LoadMiniature,
]


class VideoDirectorExtension(ComfyExtension):
    """What the host asks for the list of nodes."""

    async def on_load(self) -> None:
        await ComfyAPI().caching.register_provider(SceneCache())
        add_digest_route()
        add_storyboard_routes()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return list(NODES)
