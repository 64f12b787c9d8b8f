"""Shared noise through the host's own samplers on a real ModelPatcher."""

import comfy.sample
import comfy.samplers
import pytest
import torch
from video_director.attention_patches.value_mapping_patch import ValueMapping, patch_value_mapping
from video_director.sampling.shared_noise_patch import patch_shared_noise, step_noise

from . import tiny_runs

FRAMES, STEPS = 3, 5
STOCHASTIC = (
    "euler_ancestral",
    "dpm_2_ancestral",
    "dpmpp_2s_ancestral",
    "dpmpp_sde",
    "dpmpp_2m_sde",
    "dpmpp_3m_sde",
    "ddpm",
    "lcm",
    "er_sde",
    "seeds_2",
    "sa_solver",
    "res_multistep_ancestral",
    "euler_ancestral_cfg_pp",
)
DETERMINISTIC = ("euler", "heun", "dpmpp_2m", "ddim", "uni_pc", "dpm_fast", "dpm_adaptive")


def sample(model, sampler, *, frames=FRAMES, steps=STEPS, **more):
    """Frames of one prompt that start from one noise."""
    return tiny_runs.sample(
        model,
        sampler=sampler,
        frames=frames,
        steps=steps,
        positive=tiny_runs.conditioning(1, 2),
        same_noise=True,
        **more,
    )


def spread(frames):
    """Largest difference to the first frame, as a share of the values."""
    return float((frames - frames[:1]).abs().max() / frames.abs().max())


@pytest.mark.parametrize("sampler", STOCHASTIC)
def test_frames_that_differ_in_nothing_stay_alike(tiny_model, sampler):
    assert spread(sample(tiny_model, sampler)) > 0.05
    shared = sample(patch_shared_noise(tiny_model), sampler)
    assert torch.isfinite(shared).all()
    assert spread(shared) < 1e-4


@pytest.mark.parametrize("sampler", DETERMINISTIC)
def test_samplers_without_noise_give_what_they_gave(tiny_model, sampler):
    wanted = sample(tiny_model, sampler)
    assert torch.equal(sample(patch_shared_noise(tiny_model), sampler), wanted)


def test_noise_is_still_added_and_comes_from_the_seed(tiny_model):
    patched = patch_shared_noise(tiny_model)
    first, again, other = (sample(patched, "euler_ancestral", seed=seed) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)
    assert not torch.allclose(first, sample(tiny_model, "euler"))


def test_the_parent_and_a_shared_sampler_are_unchanged(tiny_model):
    before = sample(tiny_model, "euler_ancestral")
    sampler = comfy.samplers.ksampler("euler_ancestral", {"eta": 0.5})
    patched = patch_shared_noise(tiny_model)
    noise = torch.randn(FRAMES, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    sigmas = comfy.samplers.calculate_sigmas(
        patched.get_model_object("model_sampling"), "normal", STEPS
    )
    comfy.sample.sample_custom(
        patched,
        noise,
        3.0,
        sampler,
        sigmas,
        tiny_runs.conditioning(1, 2),
        tiny_runs.conditioning(1, 3),
        torch.zeros_like(noise),
        disable_pbar=True,
        seed=5,
    )
    assert sampler.extra_options == {"eta": 0.5}
    assert not any(tiny_model.wrappers.values())
    assert torch.equal(sample(tiny_model, "euler_ancestral"), before)


@pytest.mark.parametrize(("frames", "steps"), [(1, STEPS), (FRAMES, 1)])
def test_one_frame_and_one_step_are_left_alone(tiny_model, frames, steps):
    wanted = sample(tiny_model, "euler_ancestral", frames=frames, steps=steps)
    got = sample(patch_shared_noise(tiny_model), "euler_ancestral", frames=frames, steps=steps)
    assert torch.equal(got, wanted)


def test_it_goes_with_value_mapping_and_clones_and_without_guidance(tiny_model):
    both = patch_shared_noise(patch_value_mapping(tiny_model, ValueMapping(order="first")))
    assert spread(sample(both.clone(), "euler_ancestral", cfg=1.0)) < 1e-4
    twice = sample(patch_shared_noise(both), "euler_ancestral")
    assert torch.equal(twice, sample(both, "euler_ancestral"))


def test_an_error_in_the_model_leaves_the_sampler_as_it_was(tiny_model):
    def fails(*_):
        raise RuntimeError("interrupted")

    broken = patch_shared_noise(tiny_model)
    broken.set_model_unet_function_wrapper(fails)
    with pytest.raises(RuntimeError, match="interrupted"):
        sample(broken, "euler_ancestral")


def test_step_noise_is_standard_and_belongs_together():
    sigmas = torch.tensor([10.0, 6.0, 3.0, 1.0, 0.0])
    x = torch.zeros(2, 4, 64, 64)
    noise = step_noise(x, sigmas, [7, 8])
    whole, early = noise(sigmas[0], sigmas[2]), noise(sigmas[0], sigmas[1])
    late = noise(sigmas[1], sigmas[2])
    assert whole.shape == x.shape
    assert abs(float(whole.std()) - 1) < 0.02
    assert abs(float((early * late).mean())) < 0.02  # steps apart have noise of their own
    torch.testing.assert_close(whole * 7**0.5, early * 2.0 + late * 3**0.5, atol=1e-4, rtol=1e-4)
    alone = step_noise(x[1:], sigmas, [8])(sigmas[0], sigmas[1])
    torch.testing.assert_close(alone, early[1:])
    assert not torch.allclose(early[0], early[1])


def test_seeds_must_be_as_many_as_latents():
    with pytest.raises(ValueError, match="3 seeds came for 2 latents"):
        step_noise(torch.zeros(2, 4, 8, 8), torch.tensor([2.0, 1.0, 0.0]), [1, 2, 3])
