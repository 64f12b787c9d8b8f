"""A plan as a graph of ordinary nodes, one chain per scene.

The host caches by literals and links, not by values. Each scene's chain therefore starts from the
scene's own canonical JSON as a literal: a scene runs again when its JSON changes and not when its
neighbours do. Node ids end in "<scene id>.<step>", so that a client can tell which scene is at
work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comfy_execution.graph_utils import GraphBuilder

from ..planning import plan_io
from ..planning.layout import opening
from ..planning.schema import Scene, VideoPlan
from ..rendering.seeds import scene_seed, take_seed
from .expansion import Add, Link, adding_for
from .keeping import AGAIN, Keeping
from .reference_files import listed
from .sockets import EntityReference
from .video_expansion import VideoSettings, add_clip, moved_by_camera

UNCACHED = "uncached"  # begins the names of nodes that SceneCache shall not know


@dataclass(frozen=True)
class RenderSettings:
    """What all scenes of a rendering have in common."""

    model: Link
    clip: Link
    vae: Link
    negative: str
    seed: int
    same_noise: bool
    sampling: dict[str, Any] = field(default_factory=dict)  # further inputs of KSampler
    mapping: dict[str, Any] | None = None  # further inputs of Value Mapping; None leaves it out
    frames_per_pass: int = 0  # 0: all frames of a scene at once
    grounding: Link | None = None  # holds entities in their boxes; None leaves boxes out
    describing: dict[str, Any] = field(default_factory=dict)  # further inputs of Encode Layout
    adapter: Link | None = None  # draws entities as their pictures show them
    referring: dict[str, Any] = field(default_factory=dict)  # further inputs of Encode References
    strengths: dict[str, Any] = field(default_factory=dict)  # and of Apply Reference Attention
    pictures: Mapping[str, EntityReference] = field(default_factory=dict)
    camera: bool = False  # whether frames move as the scenes' cameras say
    video: VideoSettings | None = None  # makes clips of the scenes' pictures
    keep_latents: bool = False  # beside the frames in a run folder


def expand_plan(
    graph: GraphBuilder,
    plan: VideoPlan,
    settings: RenderSettings,
    chosen: Sequence[int],
    keeping: Keeping | None = None,
) -> Link:
    """Add the nodes that render a plan's scenes of these numbers; returns their SCENE_CLIPS.

    Args:
        graph: where they are added.
        plan: in the size in which it is rendered.
        settings: what the scenes have in common.
        chosen: places of scenes in the plan.
        keeping: a run folder for them; None leaves it out.
    """
    model = settings.model
    if settings.mapping is not None:
        model = graph.node(
            "VideoDirectorValueMapping", "value_mapping", model=model, **settings.mapping
        ).out(0)
    if settings.frames_per_pass:
        model = graph.node(
            "VideoDirectorFramesPerPass",
            "frames_per_pass",
            model=model,
            frames_per_pass=settings.frames_per_pass,
        ).out(0)
    if settings.adapter is not None:
        model = graph.node(
            "VideoDirectorApplyReferenceAttention",
            "reference_attention",
            model=model,
            adapter=settings.adapter,
            **settings.strengths,
        ).out(0)
    if settings.same_noise:
        model = graph.node("VideoDirectorSharedNoise", "shared_noise", model=model).out(0)
    negative = graph.node(
        "CLIPTextEncode", "negative", clip=settings.clip, text=settings.negative
    ).out(0)
    clips = None
    # What is on a disk, here or with whoever asks for scenes one by one, needs no memory besides.
    prefix = "" if keeping is None and len(chosen) == len(plan.scenes) else f"{UNCACHED}."
    for index in chosen:
        scene = plan.scenes[index]
        seed = scene_seed(settings.seed, scene.id, scene.seed)
        chain = _Chain(plan, index, f"{prefix}{scene.id}", settings, model, negative)
        earlier = {} if clips is None else {"clips": clips}
        if keeping is None:
            clips = chain.collect(graph, seed, earlier)
        else:
            clips = chain.keep(graph, seed, earlier, keeping)
    return clips


@dataclass(frozen=True)
class _Chain:
    """The nodes of one scene.

    index: of the scene in the plan.
    owner: begins the names of its nodes.
    model: with the patches that all scenes have in common.
    negative: conditioning.
    """

    plan: VideoPlan
    index: int
    owner: str
    settings: RenderSettings
    model: Link
    negative: Link

    @property
    def scene(self) -> Scene:
        return self.plan.scenes[self.index]

    @property
    def size(self) -> tuple[int, int]:
        return self.plan.width, self.plan.height

    def collect(self, graph: GraphBuilder, seed: int, earlier: dict[str, Link]) -> Link:
        """Render the scene and add it to the clips of earlier ones."""
        bundle, images = self.render(graph, seed)
        add = adding_for(graph, self.owner)
        return add("VideoDirectorCollectScene", "collect", images=images, scene=bundle, **earlier)

    def keep(
        self, graph: GraphBuilder, seed: int, earlier: dict[str, Link], keeping: Keeping
    ) -> Link:
        """The same by way of a run folder, where the scene may be already."""
        add = adding_for(graph, self.owner)
        draft = GraphBuilder(graph.prefix)
        draft.nodes = dict(graph.nodes)
        bundle, images = self.render(draft, seed)
        hash = keeping.hash_of(draft, images)
        take = keeping.take(self.scene.id, hash)
        if take is not None:
            return add(
                "VideoDirectorKeptScene",
                "kept",
                run_folder=keeping.name,
                scene_id=self.scene.id,
                take=take.number,
                hash=take.hash,
                fps=self.plan.fps,
                **earlier,
            )
        if keeping.mode == AGAIN:
            seed = take_seed(seed, self.scene.id, keeping.run.next_take(self.scene.id))
            bundle, images = self.render(graph, seed)
        else:
            graph.nodes.update(draft.nodes)
        beside = {}
        if self.settings.keep_latents:  # the images come straight out of the VAE
            beside = {"latents": graph.nodes[images[0]].inputs["samples"]}
        return add(
            "VideoDirectorKeepScene",
            "keep",
            images=images,
            scene=bundle,
            run_folder=keeping.name,
            hash=hash,
            seed=seed,
            **earlier,
            **beside,
        )

    def render(self, graph: GraphBuilder, seed: int) -> tuple[Link, Link]:
        """Add what renders the scene; returns the links to the scene and to its images."""
        scene, settings = self.scene, self.settings
        add = adding_for(graph, self.owner)
        bundle = self._told(add, scene, "scene")
        if settings.video is None:
            moving = self._moved(add, self.model, bundle, video=False)
            return bundle, self._add_frames(add, scene, bundle, seed, moving)
        # What is done and where the camera goes change the clip, not the picture it is made of.
        first = opening(scene)
        still = self._told(add, first, "opening")
        picture = self._add_frames(add, first, still, seed, self.model, sampling="picture_sample")
        video = settings.video
        moving = self._moved(add, video.model, bundle, video=True)
        return bundle, add_clip(add, scene, bundle, picture, self.size, seed, video, moving)

    def _told(self, add: Add, scene: Scene, step: str) -> Link:
        only = self.plan.model_copy(update={"scenes": [scene]})
        return add("VideoDirectorSceneFromJSON", step, scene_json=plan_io.scene_json(only, 0))

    def _moved(self, add: Add, model: Link, bundle: Link, *, video: bool) -> Link:
        if not self.settings.camera:
            return model
        return moved_by_camera(add, model, self.scene, bundle, video=video)

    def _add_frames(
        self,
        add: Add,
        scene: Scene,
        bundle: Link,
        seed: int,
        model: Link,
        *,
        sampling: str = "sample",
    ) -> Link:
        """Draw a scene's frames; ``sampling`` is the step in which that happens."""
        settings = self.settings
        positive = add(
            "VideoDirectorEncodeFramePrompts", "positive", clip=settings.clip, scene=bundle
        )
        references = _add_pictures(add, scene, settings)
        if settings.grounding is not None and any(keyframe.boxes for keyframe in scene.layout):
            positive = add(
                "VideoDirectorEncodeLayout",
                "layout",
                conditioning=positive,
                grounding=settings.grounding,
                clip=settings.clip,
                scene=bundle,
                **settings.describing,
                **references,
            )
            model = add(
                "VideoDirectorApplyGrounding",
                "grounding",
                model=model,
                grounding=settings.grounding,
                alpha=scene.layout_strength,
                falling=0.0,
                strength=1.0,
            )
        if settings.adapter is not None:
            positive = add(
                "VideoDirectorEncodeReferences",
                "references",
                conditioning=positive,
                adapter=settings.adapter,
                scene=bundle,
                **settings.referring,
                **references,
            )
        width, height = self.size
        latent = add(
            "EmptyLatentImage", "latent", width=width, height=height, batch_size=scene.frames
        )
        if settings.same_noise:
            latent = add("LatentBatchSeedBehavior", "noise", samples=latent, seed_behavior="fixed")
        sampled = add(
            "KSampler",
            sampling,
            model=model,
            positive=positive,
            negative=self.negative,
            latent_image=latent,
            seed=seed,
            **settings.sampling,
        )
        return add("VAEDecode", "decode", samples=sampled, vae=settings.vae)


def _add_pictures(add: Add, scene: Scene, settings: RenderSettings) -> dict:
    """The pictures of a scene's own entities, as the input ``references`` where there are any."""
    own = [name for name in (*scene.entities, scene.background) if name in settings.pictures]
    if not own:
        return {}
    literal = listed(settings.pictures, own)
    return {"references": add("VideoDirectorSceneReferences", "pictures", pictures=literal)}
