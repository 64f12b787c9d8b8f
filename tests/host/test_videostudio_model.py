"""VideoStudio-Vid through the host's own samplers, at a tiny size."""

import comfy.sample
import comfy.samplers
import pytest
import torch
from video_director.sampling.camera_motion import camera_path
from video_director.sampling.camera_motion_patch import CameraMotion, patch_camera_motion
from video_director.video_models.videostudio_config import VideoStudioConfig
from video_director.video_models.videostudio_model import TOLD, VideoTold, load_videostudio
from video_director.video_models.videostudio_unet import VideoStudioUNet

from .conftest import randomise
from .tiny_runs import assert_differs, assert_same

CONFIG = VideoStudioConfig(
    channels=(32, 64, 64),
    layers=1,
    depths=(0, 1, 1),
    context_width=32,
    entry_width=64,
    added_width=16 + 6 * 8,
    score_width=8,
    image_width=32,
)
FRAMES, STEPS = 4, 4


@pytest.fixture(scope="module")
def state():
    unet = VideoStudioUNet(CONFIG)
    randomise(unet)
    return unet.state_dict()


@pytest.fixture
def model(state):
    return load_videostudio(state, "tiny.safetensors", "first")


def random(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def told(*, action=0.0, reference=1):
    vector = torch.zeros(1, 400)
    vector[0, 7] = action
    return VideoTold(random(1, 4, 8, 8, seed=reference), random(1, 32, seed=2), vector, 6.0)


def conditioning(seed=3, **changes):
    more = {"pooled_output": random(1, 16, seed=seed + 1), TOLD: told(**changes)}
    return [[random(1, 5, 32, seed=seed), {**more, "width": 64, "height": 64}]]


def sample(model, positive=None, *, sampler="euler", cfg=3.0, batch=1, seed=1):
    latent = torch.zeros(batch, 4, FRAMES, 8, 8)
    return comfy.sample.sample(
        model,
        random(*latent.shape, seed=seed),
        STEPS,
        cfg,
        sampler,
        "normal",
        positive or conditioning(action=20.0),
        conditioning(seed=9),
        latent,
        disable_pbar=True,
        seed=5,
    )


@pytest.mark.parametrize("sampler", ["euler", "ddim", "dpmpp_2m"])
def test_stock_samplers_make_a_clip(model, sampler):
    clip = sample(model, sampler=sampler)
    assert clip.shape == (1, 4, FRAMES, 8, 8)
    assert torch.isfinite(clip).all()


@pytest.mark.parametrize(
    "other",
    [
        conditioning(action=0.0),
        conditioning(action=20.0, reference=8),
        conditioning(seed=20, action=20.0),
    ],
    ids=["action", "scene picture", "picture tokens and words"],
)
def test_what_it_is_told_matters(model, other):
    assert_differs(sample(model, other), sample(model))


def test_conditions_batched_or_apart(model, monkeypatch):
    together = sample(model)
    monkeypatch.setattr(type(model.model), "memory_required", lambda *a, **k: 1e30)
    assert_same(sample(model), together)


def test_clips_of_a_batch_are_sampled_apart(model):
    assert sample(model, batch=2).shape[0] == 2


def test_guidance_of_one_needs_no_negative(model):
    assert torch.isfinite(sample(model, cfg=1.0)).all()


@pytest.mark.parametrize("mode", ["neighbour", "cumulative", "own"])
def test_a_camera_moves_in_a_video_too(model, mode):
    motion = CameraMotion(lambda frames: camera_path("left", 0.1, frames), mode, percent=0.5)
    moved = sample(patch_camera_motion(model, motion, "Camera Motion"))
    assert moved.shape == (1, 4, FRAMES, 8, 8)
    assert_differs(moved, sample(model))


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.bfloat16])
def test_weights_kept_small_are_cast_for_each_layer(state, model, dtype):
    small = load_videostudio(state, "tiny.safetensors", "first", dtype)
    assert small.model.diffusion_model.conv_in.weight.dtype == dtype
    clip = sample(small)
    assert torch.isfinite(clip).all()
    whole = sample(model)
    share = (clip - whole).norm() / whole.norm()
    assert float(share) < (0.6 if dtype == torch.float8_e4m3fn else 0.2)


def test_incomplete_weights_are_refused(state):
    less = {key: value for key, value in state.items() if "up_blocks.1.resnets.0.conv1" not in key}
    with pytest.raises(ValueError, match="2 weights are missing and 0 are not known"):
        load_videostudio(less, "cut.safetensors", "first")
    with pytest.raises(ValueError, match=r"sd15.safetensors is no VideoStudio-Vid denoiser"):
        load_videostudio({"conv_in.weight": torch.zeros(1)}, "sd15.safetensors", "first")
