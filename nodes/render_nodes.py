"""Nodes that render a whole plan, scene by scene, as nodes of the host."""

from typing import Any

from comfy_api.latest import io
from comfy_execution.graph_utils import GraphBuilder

from ..attention_patches.functional.filtering import MEASURED_SHARE
from ..attention_patches.reference_patch import STANDARD
from ..planning.schema import VideoPlan
from ..rendering.frame_size import frame_size
from ..rendering.problems import Problems
from . import sockets
from .expansion import Link
from .grounding_nodes import TEXT_ALONE
from .keeping import MISSING, opened_keeping
from .plan_progress import show_progress
from .reference_nodes import BACKGROUND_WEIGHT, FOREGROUND_WEIGHT
from .render_checks import (
    chosen_scenes,
    encoder_problems,
    picture_problems,
    room_problems,
)
from .render_inputs import (
    VIDEO_CFG,
    VIDEO_SAMPLER,
    VIDEO_SCHEDULER,
    VIDEO_STEPS,
    layout_inputs,
    motion_inputs,
    reference_inputs,
    sampling_inputs,
    selection_inputs,
    size_inputs,
)
from .run_pictures import begin_run, ui_of
from .sampling_inputs import whole_sampling
from .scene_expansion import RenderSettings, expand_plan
from .value_mapping_nodes import DUAL_SOFTMAX, filter_inputs, mapping_inputs
from .video_expansion import VideoSettings

CATEGORY = f"{sockets.CATEGORY}/render"
SAME_NOISE, OWN_NOISE = "same_for_all_frames", "per_frame"


class RenderPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorRenderPlan",
            display_name="Render Plan",
            category=CATEGORY,
            description="Renders every scene of a plan. Each scene becomes a chain of ordinary "
            "nodes that ComfyUI caches on its own: editing one scene renders only that one again.",
            search_aliases=["render video", "text to video", "KSampler scenes", "storyboard"],
            enable_expand=True,
            has_intermediate_output=True,  # it is told again when all comes from the cache
            inputs=[
                # Links, not values: the expanded nodes are cached by what they are linked to.
                io.Model.Input("model", raw_link=True, tooltip="The model that draws the frames."),
                io.Clip.Input("clip", raw_link=True, tooltip="Its text encoder."),
                io.Vae.Input("vae", raw_link=True, tooltip="Its VAE."),
                sockets.Plan.Input("plan", tooltip="The plan to render."),
                *sampling_inputs(),
                *size_inputs(),
                io.String.Input(
                    "negative",
                    multiline=True,
                    default="",
                    tooltip="What no frame should show.",
                ),
                io.Combo.Input(
                    "noise",
                    options=[SAME_NOISE, OWN_NOISE],
                    default=SAME_NOISE,
                    tooltip="Frames that start from the same noise, and get the same where a "
                    "sampler adds some, differ only where their prompts do.",
                ),
                *mapping_inputs("mapping_", off=True),
                *filter_inputs("mapping_"),
                io.Int.Input(
                    "frames_per_pass",
                    default=0,
                    min=0,
                    max=4096,
                    optional=True,
                    tooltip="Most frames that are in the model at once, for scenes longer than "
                    "memory allows. 0 takes all frames of a scene together.",
                ),
                *layout_inputs(),
                *reference_inputs(),
                *motion_inputs(),
                *selection_inputs(),
            ],
            outputs=[
                sockets.SceneClips.Output(
                    "clips", display_name="clips", tooltip="The frames of every scene, in order."
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def fingerprint_inputs(cls, run_folder="", **_):
        # Whether scenes are in the folder, no value in the graph tells.
        return float("nan") if run_folder else ""

    @classmethod
    def execute(
        cls,
        model,
        clip,
        vae,
        plan,
        seed,
        steps,
        cfg,
        sampler_name,
        scheduler,
        width,
        height,
        negative,
        noise,
        mapping_order,
        mapping_period,
        mapping_start_percent,
        mapping_end_percent,
        mapping_layers,
        mapping_filter_share=MEASURED_SHARE,
        mapping_filter_form=DUAL_SOFTMAX,
        frames_per_pass=0,
        grounding=None,
        clip_vision=None,
        references=None,
        adapter=None,
        foreground_weight=FOREGROUND_WEIGHT,
        background_weight=BACKGROUND_WEIGHT,
        reference_regions=True,
        camera_motion=True,
        video_model=None,
        video_clip=None,
        video_vae=None,
        video_steps=VIDEO_STEPS,
        video_cfg=VIDEO_CFG,
        video_sampler_name=VIDEO_SAMPLER,
        video_scheduler=VIDEO_SCHEDULER,
        only="",
        run_folder="",
        render=MISSING,
        takes="",
        keep_latents=False,
    ) -> io.NodeOutput:
        problems = Problems(
            encoder_problems(
                clip_vision,
                {
                    "a reference adapter": (adapter, "the pictures"),
                    "a video model": (video_model, "each scene's picture"),
                },
            )
        )
        video = None
        if video_model is not None:
            video = VideoSettings(
                video_model,
                video_clip or clip,
                video_vae or vae,
                clip_vision,
                whole_sampling(video_steps, video_cfg, video_sampler_name, video_scheduler),
            )
        mapping = {
            "order": mapping_order,
            "period": mapping_period,
            "start_percent": mapping_start_percent,
            "end_percent": mapping_end_percent,
            "layers": mapping_layers,
            "filter_share": mapping_filter_share,
            "filter_form": mapping_filter_form,
            "seed": seed,
        }
        settings = RenderSettings(
            model=model,
            clip=clip,
            vae=vae,
            negative=negative,
            seed=seed,
            same_noise=noise == SAME_NOISE,
            sampling=whole_sampling(steps, cfg, sampler_name, scheduler),
            mapping=None if mapping_order == "off" else mapping,
            frames_per_pass=frames_per_pass,
            grounding=grounding,
            describing=_describing(clip_vision, bool(references)),
            adapter=adapter,
            referring={"clip_vision": clip_vision, "regions": reference_regions},
            strengths={
                "foreground_weight": foreground_weight,
                "background_weight": background_weight,
                "start_percent": 0.0,
                "end_percent": 1.0,
                "order": STANDARD,
            },
            pictures=references or {},
            camera=camera_motion,
            video=video,
            keep_latents=keep_latents,
        )
        asked, plan = plan, _resized(plan, width, height, problems)
        chosen = chosen_scenes(plan, only, problems)
        scenes = [plan.scenes[place] for place in chosen]
        keeping = opened_keeping(cls.hidden, run_folder.strip(), render, takes, plan, problems)
        graph = GraphBuilder()
        clips = expand_plan(graph, plan, settings, chosen, keeping)
        kept = {} if keeping is None else keeping.used
        if adapter is not None:
            drawn = [scene for scene in scenes if scene.id not in kept]
            problems += picture_problems(plan, drawn, settings.pictures)
        problems += room_problems(scenes, plan, keeping)
        problems.refuse("Render Plan")
        run = begin_run(cls.hidden, asked, plan, chosen, keeping)
        if run is not None:
            clips = graph.node("VideoDirectorShowScenes", "shown", clips=clips, run=run.id).out(0)
        nodes = graph.finalize()
        show_progress(cls.hidden, scenes, nodes, kept)
        return io.NodeOutput(clips, ui=ui_of(run), expand=nodes)


def _describing(clip_vision: Link | None, pictures: bool) -> dict[str, Any]:
    """Inputs of Encode Layout that say how entities are described."""
    if clip_vision is not None:
        return {"clip_vision": clip_vision}
    return {} if pictures else {"describe_by": TEXT_ALONE}


def _resized(plan: VideoPlan, width: int, height: int, problems: Problems) -> VideoPlan:
    with problems.noted(ValueError):
        width, height = frame_size(plan, width, height)
        return plan.model_copy(update={"width": width, "height": height})
    return plan
