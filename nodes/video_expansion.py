"""A scene's motion as nodes of the graph: a camera that moves, a clip made of a picture."""

from dataclasses import dataclass, field
from typing import Any

from ..planning.action_phrases import action_phrases
from ..planning.schema import Scene
from ..sampling.camera_motion import (
    DEFAULT_AMOUNT,
    DEFAULT_MODE,
    DEFAULT_PERCENT,
    DEFAULT_TIMES,
    EVERY_STEP,
    OWN,
    REFLECTION,
)
from ..video_models.videostudio_config import AESTHETIC
from .expansion import Add, Link

_CAMERA, _ACTION = 5, 6  # outputs of Scene From JSON
# Things that move by themselves must not be taken from the first frame again and again.
_WHERE_NOTHING_IS_DONE = {
    "mode": DEFAULT_MODE,
    "percent": DEFAULT_PERCENT,
    "times": DEFAULT_TIMES,
    "amount": DEFAULT_AMOUNT,
}
_WHERE_SOMETHING_IS_DONE = {
    **_WHERE_NOTHING_IS_DONE,
    "mode": OWN,
    "times": EVERY_STEP,
    "amount": 1.0,
}


@dataclass(frozen=True)
class VideoSettings:
    """What makes clips of pictures, for all scenes of a rendering."""

    model: Link
    clip: Link
    vae: Link
    clip_vision: Link
    sampling: dict[str, Any] = field(default_factory=dict)  # further inputs of KSampler


def moved_by_camera(add: Add, model: Link, scene: Scene, bundle: Link, *, video: bool) -> Link:
    """A model whose camera moves as a scene says; the model itself where it rests.

    Args:
        add: adds a node of the scene.
        model: link to the model.
        scene: whose camera.
        bundle: link to the scene itself.
        video: whether the model makes videos.
    """
    if scene.camera.path is None and scene.camera.direction == "static":
        return model
    acts = video and (scene.action or action_phrases(scene.prompt))
    return add(
        "VideoDirectorCameraMotion",
        "camera",
        model=model,
        camera=[bundle[0], _CAMERA],
        padding=REFLECTION,
        **(_WHERE_SOMETHING_IS_DONE if acts else _WHERE_NOTHING_IS_DONE),
    )


def add_clip(
    add: Add,
    scene: Scene,
    bundle: Link,
    picture: Link,
    size: tuple[int, int],
    seed: int,
    settings: VideoSettings,
    model: Link,
) -> Link:
    """Make a clip of a scene's picture; returns the link to its frames.

    Args:
        add: adds a node of the scene.
        scene: whose prompt and action are heeded; without an action, the prompt's own verbs.
        bundle: link to the scene itself.
        picture: link to its picture.
        size: width and height, in pixels.
        seed: of the noise.
        settings: of all scenes.
        model: theirs, or the same with this scene's camera.
    """
    width, height = size
    text = add("CLIPTextEncode", "video_text", clip=settings.clip, text=scene.prompt)
    told = add(
        "VideoDirectorVideoConditioning",
        "video",
        text=text,
        vae=settings.vae,
        clip_vision=settings.clip_vision,
        image=picture,
        width=width,
        height=height,
        frames=scene.frames,
        aesthetic=AESTHETIC,
        action=_action(add, scene, bundle),
    )
    sampled = add(
        "KSampler",
        "sample",
        model=model,
        positive=told,
        negative=[told[0], 1],
        latent_image=[told[0], 2],
        seed=seed,
        **settings.sampling,
    )
    frames = add("LatentCutToBatch", "frames", samples=sampled, dim="t", slice_size=1)
    return add("VAEDecode", "clip", samples=frames, vae=settings.vae)


def _action(add: Add, scene: Scene, bundle: Link) -> Link:
    if scene.action:
        return [bundle[0], _ACTION]
    return add("VideoDirectorActionFromText", "action", text=scene.prompt, threshold=0.0)
