"""Camera motion through the host's own samplers, against a DDIM written out by hand."""

import comfy.model_sampling
import comfy.sample
import comfy.samplers
import pytest
import torch
from video_director.sampling.camera_motion import (
    CUMULATIVE,
    EVERY_STEP,
    MODES,
    NEIGHBOUR,
    OWN,
    blend_with_camera,
    camera_path,
)
from video_director.sampling.camera_motion_patch import (
    CameraMotion,
    moved_sampler,
    patch_camera_motion,
)
from video_director.sampling.segmented_sampler import in_segments
from video_director.sampling.shared_noise_patch import patch_shared_noise

from . import tiny_runs
from .tiny_runs import FRAMES, assert_differs, assert_same, use_windows

NODE, STEPS = "Camera Motion", 6


def path(frames):
    return camera_path("right", 0.1, frames)


def motion(**changes):
    once = {"path": path, "mode": NEIGHBOUR, "percent": 0.34, "times": 1}
    return CameraMotion(**{**once, **changes})


class Denoiser:
    """What a sampler function sees of a model: clean latents, predicted from noisy ones."""

    def __init__(self, kind):
        self.inner_model = self
        self.model_sampling = kind()
        self.seen = []

    def __call__(self, x, sigma, **extra_args):
        self.seen.append(extra_args)
        return torch.tanh(x * 0.3 + 0.1) * (1 - 0.5 * torch.tanh(sigma).view(-1, 1, 1, 1))


EPS, FLOW = comfy.model_sampling.EPS, comfy.model_sampling.CONST


def written_out(denoiser, x, sigmas, flow, stop, edit):
    """DDIM, with the edit after one of its steps: clean part and noise apart."""
    for number, (sigma, following) in enumerate(zip(sigmas[:-1], sigmas[1:], strict=True), 1):
        clean = denoiser(x, sigma.expand(len(x)))
        noise = (x - (1 - sigma) * clean) / sigma if flow else (x - clean) / sigma
        if number == stop:
            clean = edit(clean)
        x = ((1 - following) if flow else 1.0) * clean + following * noise
    return x


@pytest.mark.parametrize("stop", [1, 2, 4])
@pytest.mark.parametrize(("kind", "highest"), [(EPS, 14.0), (FLOW, 1.0)])
def test_the_blend_keeps_the_predicted_noise(kind, highest, stop):
    sigmas = torch.linspace(highest, 0, STEPS + 1)
    x = torch.randn(FRAMES, 4, 8, 8, generator=torch.Generator().manual_seed(0)) * highest
    denoiser = Denoiser(kind)

    def edit(clean, times=1):
        assert times == 1
        return blend_with_camera(clean, path(FRAMES), NEIGHBOUR)

    euler = comfy.samplers.ksampler("euler").sampler_function
    got = in_segments(euler, lambda steps: [stop], edit)(denoiser, x, sigmas)
    wanted = written_out(denoiser, x, sigmas, kind is FLOW, stop, edit)
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-4)
    assert_differs(got, euler(denoiser, x, sigmas))


@pytest.mark.parametrize("sampler", ["euler", "ddim", "heun", "dpm_2"])
@pytest.mark.parametrize("stops", [[1], [3], [1, 2, 5]])
def test_an_edit_that_changes_nothing_changes_nothing(sampler, stops):
    sigmas = torch.linspace(10.0, 0, STEPS + 1)
    x = torch.randn(FRAMES, 4, 8, 8, generator=torch.Generator().manual_seed(0)) * 10
    function = comfy.samplers.sampler_object(sampler).sampler_function
    told = [[], []]

    def run(function, states):
        return function(Denoiser(EPS), x, sigmas, extra_args={}, callback=states.append)

    whole = run(function, told[0])
    parted = run(in_segments(function, lambda steps: stops, lambda clean, times: clean), told[1])
    torch.testing.assert_close(parted, whole)
    assert [state["i"] for state in told[1]] == [state["i"] for state in told[0]] == [*range(STEPS)]


def test_frames_that_move_by_their_own_way_go_it_once_however_often_they_are_moved():
    """Told as often as there are parts, the parts make the whole."""
    clean = torch.zeros(FRAMES, 1, 8, 16)
    clean[:, :, 2:6, 4:6] = 1.0
    way = camera_path("left", 1 / 16, FRAMES)
    moving = motion(path=lambda frames: way, mode=OWN, amount=1.0)
    moved = clean
    for _ in range(4):
        moved = moving.blend(moved, NODE, times=4)
    columns = torch.arange(16.0)

    def middle(frames):
        return (frames.sum((1, 2)) * columns).sum(-1) / frames.sum((1, 2, 3))

    torch.testing.assert_close(middle(moved) - middle(clean), torch.arange(float(FRAMES)))


def test_segments_have_seeds_and_arguments_of_their_own():
    denoiser, given = Denoiser(EPS), {"seed": 5, "model_options": {}}
    sigmas = torch.linspace(10.0, 0, STEPS + 1)
    function = comfy.samplers.ksampler("euler").sampler_function
    sample = in_segments(function, lambda steps: [2, 3], lambda clean, times: clean)
    sample(denoiser, torch.zeros(2, 4, 4, 4), sigmas, extra_args=given)
    assert [seen["seed"] for seen in denoiser.seen] == [5, 5, 6, 7, 7, 7]
    assert given == {"seed": 5, "model_options": {}}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sampler", ["euler", "ddim", "euler_ancestral", "dpmpp_2m"])
def test_the_patch_of_a_model_is_the_sampler(tiny_model, sampler, mode):
    before = tiny_runs.sample(tiny_model, sampler=sampler)
    patched = patch_camera_motion(tiny_model, motion(mode=mode), NODE)
    moved = tiny_runs.sample(patched, sampler=sampler)
    assert torch.isfinite(moved).all()
    assert_differs(moved, before)
    wanted = sampled_with(
        tiny_model, moved_sampler(comfy.samplers.sampler_object(sampler), motion(mode=mode), NODE)
    )
    assert_same(moved, wanted)
    assert torch.equal(tiny_runs.sample(tiny_model, sampler=sampler), before)  # the parent


def sampled_with(model, sampler):
    """As tiny_runs.sample, with a SAMPLER."""
    latent = torch.zeros(FRAMES, 4, 8, 8)
    noise = torch.randn(latent.shape, generator=torch.Generator().manual_seed(1))
    sigmas = comfy.samplers.calculate_sigmas(
        model.get_model_object("model_sampling"), "normal", tiny_runs.STEPS
    )
    return comfy.sample.sample_custom(
        model,
        noise,
        4.0,
        sampler,
        sigmas,
        tiny_runs.conditioning(FRAMES, 2),
        tiny_runs.conditioning(1, 3),
        latent,
        disable_pbar=True,
        seed=5,
    )


@pytest.mark.parametrize("sampler", comfy.samplers.KSampler.SAMPLERS)
def test_every_sampler_of_the_host_runs_in_segments(tiny_model, sampler):
    patched = patch_camera_motion(tiny_model, motion(times=2), NODE)
    assert torch.isfinite(tiny_runs.sample(patched, sampler=sampler)).all()


@pytest.mark.parametrize(
    "still",
    [{"path": lambda frames: camera_path("static", 0.04, frames)}, {"amount": 0.0}],
    ids=["static", "no amount"],
)
def test_a_camera_that_rests_leaves_the_sampler_alone(tiny_model, still):
    sampler = comfy.samplers.ksampler("euler")
    assert moved_sampler(sampler, motion(**still), NODE) is sampler
    patched = patch_camera_motion(tiny_model, motion(**still), NODE)
    assert torch.equal(tiny_runs.sample(patched), tiny_runs.sample(tiny_model))


def test_a_later_node_replaces_an_earlier_one(tiny_model):
    later = motion(path=lambda frames: camera_path("zoom_in", 0.1, frames), mode=CUMULATIVE)
    alone = tiny_runs.sample(patch_camera_motion(tiny_model, later, NODE))
    twice = patch_camera_motion(patch_camera_motion(tiny_model, motion(), NODE), later, NODE)
    assert torch.equal(tiny_runs.sample(twice), alone)


def test_noise_is_shared_whichever_node_comes_first(tiny_model):
    def sampled(model):
        return tiny_runs.sample(model, sampler="euler_ancestral", same_noise=True)

    first = sampled(patch_camera_motion(patch_shared_noise(tiny_model), motion(), NODE))
    last = sampled(patch_shared_noise(patch_camera_motion(tiny_model, motion(), NODE)))
    assert_same(first, last)


def test_windows_of_frames_are_moved_as_one_clip(tiny_model):
    patched = patch_camera_motion(tiny_model, motion(), NODE)
    use_windows(patched)
    clip = tiny_runs.sample(patched, frames=7, positive=tiny_runs.conditioning(1, 2))
    assert len(clip) == 7
    assert torch.isfinite(clip).all()


def test_one_step_is_one_step(tiny_model):
    patched = patch_camera_motion(tiny_model, motion(), NODE)
    assert_same(tiny_runs.sample(patched, steps=1), tiny_runs.sample(tiny_model, steps=1))


@pytest.mark.parametrize(
    ("percent", "times", "steps", "stops"),
    [
        (0.1, 1, 50, [5]),
        (0.0, 1, 20, [1]),
        (1.0, 3, 20, []),
        (0.5, 3, 10, [5, 6, 7]),
        (0.9, 5, 10, [9]),
        (0.5, EVERY_STEP, 10, [5, 6, 7, 8, 9]),
        (0.2, EVERY_STEP, 25, list(range(5, 23))),
        (0.2, EVERY_STEP, 2, [1]),
        (0.2, EVERY_STEP, 1, []),
    ],
)
def test_where_in_a_sampling_the_camera_moves(percent, times, steps, stops):
    assert list(motion(percent=percent, times=times).stops(steps)) == stops


def test_samplers_that_cannot_be_split_are_refused_by_name(tiny_model):
    class Other(comfy.samplers.Sampler):
        def sample(self, *args, **kwargs):
            raise AssertionError("not to be run")

    for sampler, name in (
        (Other(), "Other"),
        (comfy.samplers.ksampler("ar_video"), "ar_video"),
    ):
        with pytest.raises(
            ValueError, match=f"Camera Motion: the sampler {name} cannot be stopped"
        ):
            moved_sampler(sampler, motion(), NODE)
        with pytest.raises(ValueError, match=f"the sampler {name} cannot"):
            sampled_with(patch_camera_motion(tiny_model, motion(), NODE), sampler)


def test_a_sampler_is_left_as_it_was_when_sampling_fails(tiny_model):
    sampler = comfy.samplers.ksampler("euler")
    before = sampler.sampler_function
    broken = motion(path=lambda frames: torch.rand(frames + 1, 4))
    with pytest.raises(ValueError, match="Camera Motion: the camera's path has 5 frames"):
        sampled_with(patch_camera_motion(tiny_model, broken, NODE), sampler)
    assert sampler.sampler_function is before
