"""Inputs of Render Plan, by what they are for."""

from comfy_api.latest import io

from . import sockets
from .keeping import AGAIN, MISSING
from .reference_nodes import strength_inputs
from .sampling_inputs import cfg_input, sampler_inputs, seed_input, steps_input

MAX_SIZE = 8192
# As VideoStudio-Vid was released.
VIDEO_STEPS, VIDEO_CFG, VIDEO_SAMPLER, VIDEO_SCHEDULER = 70, 12.0, "dpmpp_2m", "normal"


def sampling_inputs() -> list:
    """How frames are sampled."""
    return [
        seed_input(
            "seed",
            "Every scene's noise is drawn from this seed and the scene's id, unless the "
            "plan gives the scene a seed of its own.",
        ),
        steps_input("Sampling steps per scene."),
        cfg_input("How strictly the frames follow their prompts."),
        *sampler_inputs(),
    ]


def layout_inputs() -> list:
    """What holds things in their boxes."""
    return [
        sockets.Grounding.Input(
            "grounding",
            optional=True,
            raw_link=True,
            tooltip="Holds every entity in its box of the plan, for the share of the steps that "
            "each scene's layout_strength says. Without it boxes are not looked at.",
        ),
        io.ClipVision.Input(
            "clip_vision",
            optional=True,
            raw_link=True,
            tooltip="The image encoder, for entities that have a picture.",
        ),
        sockets.EntityReferences.Input(
            "references",
            optional=True,
            tooltip="Pictures of entities, from Entity References or Entity Picture; they win over "
            "the plan's.",
        ),
    ]


def reference_inputs() -> list:
    """What makes things look as their pictures show them."""
    return [
        sockets.ReferenceAdapter.Input(
            "adapter",
            optional=True,
            raw_link=True,
            tooltip="A reference adapter: draws entities as their pictures show them, in every "
            "scene. Needs clip_vision.",
        ),
        *strength_inputs(optional=True),
        io.Boolean.Input(
            "reference_regions",
            default=True,
            optional=True,
            tooltip="Let each entity's picture act in its box of the plan only.",
            advanced=True,
        ),
    ]


def motion_inputs() -> list:
    """Camera, and a model that makes clips of pictures."""
    hidden = {"optional": True, "advanced": True}
    return [
        io.Boolean.Input(
            "camera_motion",
            default=True,
            optional=True,
            tooltip="Let the camera move as each scene of the plan says.",
        ),
        io.Model.Input(
            "video_model",
            optional=True,
            raw_link=True,
            tooltip="A video model: model draws one picture of each scene, and this makes a clip "
            "of it, in which is done what the scene's action says. Needs clip_vision.",
        ),
        io.Clip.Input(
            "video_clip",
            optional=True,
            raw_link=True,
            tooltip="The text encoder of video_model, where it is not clip.",
        ),
        io.Vae.Input(
            "video_vae",
            optional=True,
            raw_link=True,
            tooltip="The VAE of video_model, where it is not vae.",
        ),
        steps_input(
            "Sampling steps of a clip that video_model makes.",
            "video_steps",
            default=VIDEO_STEPS,
            **hidden,
        ),
        cfg_input(
            "How strictly it follows prompt and action.", "video_cfg", default=VIDEO_CFG, **hidden
        ),
        *sampler_inputs("video_", (VIDEO_SAMPLER, VIDEO_SCHEDULER), extra=True),
    ]


def size_inputs() -> list:
    """Size of the frames, where it is not the plan's."""
    return [
        io.Int.Input(
            name,
            default=0,
            min=0,
            max=MAX_SIZE,
            step=8,
            tooltip=f"Frame {name} in pixels, a multiple of 8. 0 takes the plan's.",
        )
        for name in ("width", "height")
    ]


def selection_inputs() -> list:
    """Which scenes are rendered."""
    return [
        io.String.Input(
            "only",
            default="",
            optional=True,
            tooltip="Ids of the scenes to render, separated by commas. Empty renders all.",
        ),
        io.String.Input(
            "run_folder",
            default="",
            optional=True,
            tooltip="A folder below ComfyUI's output folder, such as 'runs/story', in which every "
            "finished scene is kept without loss: what is there is not rendered again, whatever "
            "happened in between. Empty keeps nothing.",
        ),
        io.Combo.Input(
            "render",
            options=[MISSING, AGAIN],
            default=MISSING,
            optional=True,
            tooltip="With a run folder: missing renders what is not there or has changed, again "
            "one take more of every scene that is asked for; older takes stay.",
        ),
        io.String.Input(
            "takes",
            default="",
            optional=True,
            tooltip="With a run folder: which take of a scene to use, such as 's1:2, s3:1' for "
            "take 2 of scene s1 and take 1 of scene s3, also where the plan has changed since. A "
            "scene named here is not rendered. 's1:latest' is its newest take that fits the plan. "
            "Empty uses what is chosen in the folder, else the newest that fits.",
        ),
        io.Boolean.Input(
            "keep_latents",
            default=False,
            optional=True,
            tooltip="With a run folder: keep the latents of each newly rendered scene beside its "
            "frames, as Save Latent does, for another VAE, an upscaler or more steps.",
            advanced=True,
        ),
    ]
