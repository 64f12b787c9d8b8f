"""Motion dynamics through the host's samplers, for models that predict noise, velocity and flow."""

import comfy.sample
import comfy.samplers
import pytest
import torch
from comfy_extras.nodes_model_advanced import ModelSamplingDiscrete, ModelSamplingSD3
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
from video_director.nodes.motion_nodes import MotionDynamics, SmoothBackground

from .tiny_runs import assert_same, conditioning

FRAMES, STEPS, SEED = 4, 12, 7
KINDS = {
    "noise": lambda model: model,
    "velocity": lambda model: ModelSamplingDiscrete().patch(model, "v_prediction", False)[0],
    "flow": lambda model: ModelSamplingSD3().patch(model, 3.0)[0],
}
every_kind = pytest.mark.parametrize("kind", list(KINDS))


def schedule(model):
    sampling = model.get_model_object("model_sampling")
    return comfy.samplers.calculate_sigmas(sampling, "simple", STEPS)


def start(model, *, frames=FRAMES, sampler="euler", **changes):
    settings = {
        "cfg": 3.0,
        "strength_x": 0.0,
        "strength_y": 0.0,
        "form": "smooth",
        "move_percent": 0.5,
        "start_percent": 0.25,
        "noise_correlation": 0.0,
    } | changes
    latent = {"samples": torch.zeros(frames, 4, 16, 16), "batch_index": [0] * frames}
    output = MotionDynamics.execute(
        model,
        conditioning(frames, 2),
        conditioning(1, 3),
        comfy.samplers.sampler_object(sampler),
        settings.pop("sigmas", schedule(model)),
        settings.pop("latent", latent),
        SEED,
        **settings,
    )
    return output.args


def finish(model, latents, sigmas, prompt_rows=FRAMES):
    return comfy.sample.sample_custom(
        model,
        torch.zeros_like(latents),
        3.0,
        comfy.samplers.sampler_object("euler"),
        sigmas,
        conditioning(prompt_rows, 2),
        conditioning(1, 3),
        latents,
        disable_pbar=True,
        seed=SEED,
    )


@every_kind
def test_the_first_frame_is_what_sampling_it_alone_gives(tiny_model, kind):
    model = KINDS[kind](tiny_model)
    latent, left = start(model)
    assert latent["batch_index"] == [0] * FRAMES
    noise = comfy.sample.prepare_noise(torch.zeros(1, 4, 16, 16), SEED)
    alone = comfy.sample.sample_custom(
        model,
        noise,
        3.0,
        comfy.samplers.sampler_object("euler"),
        schedule(model),
        conditioning(FRAMES, 2),
        conditioning(1, 3),
        torch.zeros_like(noise),
        disable_pbar=True,
        seed=SEED,
    )
    assert_same(finish(model, latent["samples"], left)[:1], alone)


@every_kind
def test_noise_is_added_back_up_to_the_level_of_the_schedule(tiny_model, kind):
    """Two frames that share their layout differ by their added noise and nothing else."""
    model = KINDS[kind](tiny_model)
    latent, left = start(model)
    sigmas = schedule(model)
    moved_at = sigmas[(sigmas - percent(model, 0.5)).abs().argmin()]
    levels = [float(s / (1 - s)) if kind == "flow" else float(s) for s in (left[0], moved_at)]
    inside = model.model.process_latent_in(latent["samples"])
    added = (levels[0] ** 2 - levels[1] ** 2) ** 0.5
    assert float((inside[1] - inside[2]).std()) == pytest.approx(2**0.5 * added, rel=0.1)


def percent(model, share):
    return model.get_model_object("model_sampling").percent_to_sigma(share)


def test_one_noise_for_all_and_no_motion_makes_equal_frames(tiny_model):
    latent, _ = start(tiny_model, noise_correlation=1.0)
    frames = latent["samples"]
    torch.testing.assert_close(frames[1:], frames[1:2].expand(FRAMES - 1, -1, -1, -1))
    assert not torch.allclose(frames[0], frames[1])


def test_frames_move_on_by_the_asked_strength(tiny_model):
    still, _ = start(tiny_model, noise_correlation=1.0)
    latent, _ = start(tiny_model, noise_correlation=1.0, strength_x=512 / 16)  # a cell a frame
    same = start(tiny_model, noise_correlation=1.0, strength_x=512 / 16)[0]["samples"]
    assert torch.equal(latent["samples"], same)
    change = latent["samples"] - still["samples"]
    assert float(change[0].abs().max()) == 0
    # What is shared is moved, what was added is not: the second frame's change is the first's
    # of a layout that lies one cell further on.
    layout = start(tiny_model, noise_correlation=1.0, frames=1)[0]["samples"]
    assert layout.shape[0] == 1
    assert float(change[3].std()) > 0.1 * float(still["samples"][3].std())


@pytest.mark.parametrize("sampler", ["dpmpp_2m", "heun", "euler_ancestral", "ipndm"])
def test_other_samplers_and_value_mapping(tiny_model, sampler):
    model = patch_value_mapping(tiny_model, ValueMapping())
    latent, left = start(model, sampler=sampler)
    assert torch.isfinite(finish(model, latent["samples"], left)).all()


def test_the_latents_and_the_schedule_given_are_left_alone(tiny_model):
    latent, sigmas = {"samples": torch.zeros(FRAMES, 4, 16, 16)}, schedule(tiny_model)
    kept = sigmas.clone()
    start(tiny_model, latent=latent, sigmas=sigmas, strength_x=9.0)
    assert not latent["samples"].any()
    assert torch.equal(sigmas, kept)


def test_background_takes_masks_of_any_size(tiny_model):
    latent, _ = start(tiny_model)
    masks = torch.zeros(1, 128, 128)
    masks[:, 48:80, 48:80] = 1
    (smooth,) = SmoothBackground.execute(latent, masks, 12.0, 0.0, "smooth", 0.4).args
    inside, changed = (slice(None), slice(None), slice(7, 9), slice(7, 9)), smooth["samples"]
    assert torch.equal(changed[inside], latent["samples"][inside])
    assert not torch.allclose(changed[1:, :, :3], latent["samples"][1:, :, :3])
    with pytest.raises(ValueError, match="3 masks came for 4 frames"):
        SmoothBackground.execute(latent, torch.zeros(3, 16, 16), 0.0, 0.0, "smooth", 0.4)


def test_errors_say_what_to_change(tiny_model):
    with pytest.raises(ValueError, match=r"start_percent 0\.6 lies behind move_percent 0\.5"):
        start(tiny_model, start_percent=0.6)
    with pytest.raises(ValueError, match="the schedule has 2 steps; it needs at least 3"):
        start(tiny_model, sigmas=torch.tensor([9.0, 4.0, 0.0]))
    with pytest.raises(ValueError, match="must be a batch of pictures"):
        start(tiny_model, latent={"samples": torch.zeros(1, 4, 5, 8, 8)})
