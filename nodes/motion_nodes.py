"""Nodes that give the frames of a clip a common start that moves on from frame to frame."""

import comfy.sample
import comfy.samplers
import comfy.utils
import latent_preview
import torch
import torch.nn.functional as F
from comfy_api.latest import io

from ..sampling.motion_dynamics import (
    FORMS,
    SMOOTH,
    frame_noise,
    move_frames,
    noise_again,
    shared_steps,
    smooth_background,
)
from . import sockets
from .sampling_inputs import cfg_input, seed_input

CATEGORY = f"{sockets.CATEGORY}/sampling"


def motion_inputs() -> list:
    """How far frames move, for the nodes that move them."""
    return [
        *(
            io.Float.Input(
                f"strength_{axis}",
                default=12.0,
                min=-512.0,
                max=512.0,
                step=0.5,
                tooltip=f"How far the content moves from one frame to the next, in 1/512 of the "
                f"frame. Positive moves it {way}.",
            )
            for axis, way in (("x", "left, as if the camera went right"), ("y", "up"))
        ),
        io.Combo.Input(
            "form",
            options=list(FORMS),
            default=SMOOTH,
            tooltip="smooth moves by parts of a latent cell as well. as_published takes the "
            "nearest cell and mirrors the frame at its border, as the authors' code does.",
            advanced=True,
        ),
    ]


class MotionDynamics(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorMotionDynamics",
            display_name="Motion Dynamics",
            category=CATEGORY,
            description="Samples one frame for a while, moves it on for each further frame, and "
            "noises these again: all frames start from one layout that travels. Sample the rest "
            "with SamplerCustom, add_noise off, and the sigmas given here.",
            search_aliases=["Text2Video-Zero", "camera pan", "shared latents", "DirecT2V", "warp"],
            inputs=[
                io.Model.Input("model", tooltip="The model that will draw the frames."),
                io.Conditioning.Input(
                    "positive", tooltip="Prompts; the shared part is drawn with the first frame's."
                ),
                io.Conditioning.Input("negative", tooltip="What no frame should show."),
                io.Sampler.Input("sampler", tooltip="The sampler of the whole clip."),
                io.Sigmas.Input("sigmas", tooltip="The whole schedule, from pure noise on."),
                io.Latent.Input("latent_image", tooltip="An empty latent of as many frames."),
                seed_input(
                    "noise_seed",
                    "Of the first noise and of what is added again.",
                ),
                cfg_input("How strictly the shared part follows the prompt."),
                *motion_inputs(),
                io.Float.Input(
                    "move_percent",
                    default=0.12,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="How far one frame is sampled before it is moved. Later keeps more of "
                    "its layout.",
                ),
                io.Float.Input(
                    "start_percent",
                    default=0.06,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    tooltip="Where all frames go on together, after noise was added back up to "
                    "there. The further before move_percent, the more frames may differ.",
                ),
                io.Float.Input(
                    "noise_correlation",
                    default=0.0,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    tooltip="How alike the noise added to neighbouring frames is: 0 = each its "
                    "own (as published), 1 = one for all.",
                ),
            ],
            outputs=[
                io.Latent.Output(
                    "latent", display_name="latent", tooltip="The frames, still noisy."
                ),
                io.Sigmas.Output(
                    "sigmas",
                    display_name="sigmas",
                    tooltip="The part of the schedule that is left.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        model,
        positive,
        negative,
        sampler,
        sigmas,
        latent_image,
        noise_seed,
        cfg,
        strength_x,
        strength_y,
        form,
        move_percent,
        start_percent,
        noise_correlation,
    ) -> io.NodeOutput:
        empty = comfy.sample.fix_empty_latent_channels(model, latent_image["samples"])
        _check_frames(empty)
        start, move = _steps(model, sigmas, start_percent, move_percent)

        def sample(latent, noise, part, seed):
            callback = latent_preview.prepare_callback(model, len(part) - 1)
            return comfy.sample.sample_custom(
                model,
                noise,
                cfg,
                sampler,
                part,
                positive,
                negative,
                latent,
                callback=callback,
                disable_pbar=not comfy.utils.PROGRESS_BAR_ENABLED,
                seed=seed,
            )

        noise = comfy.sample.prepare_noise(empty[:1], noise_seed)
        first = sample(empty[:1], noise, sigmas[: start + 1], noise_seed)
        further = sample(first, torch.zeros_like(noise), sigmas[start : move + 1], noise_seed + 1)
        levels = [_noise_level(model, sigmas[step]) for step in (move, start)]
        into, out = model.model.process_latent_in, model.model.process_latent_out
        moved = move_frames(into(further).expand(empty.shape), strength_x, strength_y, form)
        added = frame_noise(
            moved.shape, noise_correlation, torch.Generator().manual_seed(noise_seed)
        )
        frames = noise_again(moved, added.to(moved), *levels)
        frames[0] = into(first)[0]
        return io.NodeOutput({**latent_image, "samples": out(frames)}, sigmas[start:])


def _check_frames(latents) -> None:
    if latents.ndim != 4:
        raise ValueError(
            f"Motion Dynamics: the latent is {tuple(latents.shape)}, but frames must be a batch of "
            "pictures, [frames, channels, height, width]; video models move by themselves."
        )


def _steps(model, sigmas, start_percent: float, move_percent: float) -> tuple[int, int]:
    """Steps of the schedule nearest to the two percents; the second is the later one."""
    if start_percent > move_percent:
        raise ValueError(
            f"Motion Dynamics: start_percent {start_percent} lies behind move_percent "
            f"{move_percent}; noise is added back from the latter to the former, so it must not."
        )
    sampling = model.get_model_object("model_sampling")
    wanted = (float(sampling.percent_to_sigma(share)) for share in (start_percent, move_percent))
    return shared_steps(sigmas, *wanted)


def _noise_level(model, sigma) -> float:
    """Noise in latents at ``sigma``, as a multiple of the signal in them."""
    sampling = model.get_model_object("model_sampling")
    one, none = torch.ones(1, 1, 1, 1), torch.zeros(1, 1, 1, 1)
    sigma = sigma.reshape(1).cpu()
    return float(
        sampling.noise_scaling(sigma, one, none) / sampling.noise_scaling(sigma, none, one)
    )


class SmoothBackground(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="VideoDirectorSmoothBackground",
            display_name="Smooth Background",
            category=CATEGORY,
            description="Gives the frames of Motion Dynamics one background: where no frame shows "
            "its foreground, the latents follow the first frame's, moved along.",
            search_aliases=["Text2Video-Zero", "salient", "background smoothing", "flicker"],
            inputs=[
                io.Latent.Input("latent", tooltip="What Motion Dynamics gave."),
                io.Mask.Input(
                    "masks", tooltip="1 on the foreground; one for every frame, or one for all."
                ),
                *motion_inputs(),
                io.Float.Input(
                    "alpha",
                    default=0.4,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    tooltip="How much of its own background each frame keeps.",
                ),
            ],
            outputs=[
                io.Latent.Output(
                    "latent", display_name="latent", tooltip="The frames, still noisy."
                )
            ],
        )

    @classmethod
    def execute(cls, latent, masks, strength_x, strength_y, form, alpha) -> io.NodeOutput:
        frames = latent["samples"]
        masks = masks.reshape(-1, *masks.shape[-2:]).to(frames)
        if len(masks) not in (1, len(frames)):
            raise ValueError(
                f"Smooth Background: {len(masks)} masks came for {len(frames)} frames; give one "
                "for each, or a single one for all."
            )
        masks = F.interpolate(masks[:, None], frames.shape[-2:], mode="area")[:, 0]
        smooth = smooth_background(
            frames,
            frames[0],
            masks.expand(len(frames), *frames.shape[-2:]),
            strength_x,
            strength_y,
            alpha=alpha,
            form=form,
        )
        return io.NodeOutput({**latent, "samples": smooth})
