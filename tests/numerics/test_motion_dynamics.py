"""Motion dynamics against diffusers' Text2Video-Zero and closed forms."""

import importlib

import pytest
import torch
from video_director.sampling.motion_dynamics import (
    AS_PUBLISHED,
    frame_noise,
    move_frames,
    noise_again,
    smooth_background,
)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def diffusers_warp():
    folder = "diffusers.pipelines.deprecated.text_to_video_synthesis"
    module = importlib.import_module(f"{folder}.pipeline_text_to_video_zero")
    return module.create_motion_field_and_warp_latents


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("size", [(64, 64), (16, 32)])
@pytest.mark.parametrize("strength", [(12.0, 12.0), (-20.0, 7.0), (0.0, 3.0), (33.0, -61.0)])
def test_the_published_form_is_diffusers(diffusers_warp, strength, size):
    latents = random(5, 4, *size)
    wanted = diffusers_warp(*strength, list(range(5)), latents)
    torch.testing.assert_close(move_frames(latents, *strength, AS_PUBLISHED), wanted)


@pytest.mark.parametrize("cells", [1, 3])
def test_whole_cells_move_exactly(cells):
    latents = random(1, 4, 16, 16).expand(3, -1, -1, -1)
    moved = move_frames(latents, 512 / 16 * cells, 0.0)
    torch.testing.assert_close(moved[0], latents[0])
    for k in (1, 2):
        torch.testing.assert_close(moved[k, :, :, : -k * cells], latents[0, :, :, k * cells :])
        border = latents[0, :, :, -1:].expand(-1, -1, k * cells)
        torch.testing.assert_close(moved[k, :, :, -k * cells :], border, rtol=1e-4, atol=1e-4)


def test_less_than_a_cell_moves_things_in_the_smooth_form_only():
    ramp = torch.arange(16.0).expand(2, 1, 16, 16)
    moved = move_frames(ramp, 512 / 16 / 4, 0.0)
    torch.testing.assert_close(moved[1, 0, :, :-1], ramp[1, 0, :, :-1] + 0.25)
    assert torch.equal(move_frames(ramp, 512 / 16 / 4, 0.0, AS_PUBLISHED), ramp)


def test_half_precision_and_the_argument_is_left_alone():
    latents = random(3, 4, 8, 8).half()
    kept = latents.clone()
    moved = move_frames(latents, 12.0, 12.0)
    assert moved.dtype == torch.float16
    assert torch.equal(latents, kept)
    torch.testing.assert_close(
        moved.float(), move_frames(latents.float(), 12.0, 12.0), rtol=1e-2, atol=1e-2
    )


@pytest.mark.parametrize("correlation", [0.0, 0.6, 1.0])
def test_frame_noise_has_unit_variance_and_the_asked_correlation(correlation):
    noise = frame_noise((4, 8, 128, 128), correlation, torch.Generator().manual_seed(0)).flatten(1)
    assert noise.std(1).sub(1).abs().max() < 0.01
    for apart in (1, 2, 3):
        found = float((noise[0] * noise[apart]).mean())
        assert found == pytest.approx(correlation**apart, abs=0.02)
    again = frame_noise((4, 8, 128, 128), correlation, torch.Generator().manual_seed(0))
    assert torch.equal(again.flatten(1), noise)


def test_noise_is_raised_to_the_asked_level():
    first, second = (random(1, 8, 256, 256, seed=seed) for seed in (0, 1))
    raised = noise_again(2.0 * first, second, 2.0, 5.0)
    assert float(raised.std()) == pytest.approx(5.0, rel=0.01)
    same = noise_again(first, second, 3.0, 3.0)
    assert torch.equal(same, first)
    with pytest.raises(ValueError, match=r"level 1\.0 is below 2\.0"):
        noise_again(first, second, 2.0, 1.0)


def test_noising_again_is_ddpms_forward_step():
    """In the scaling of eq. 5: sqrt(a)·x + sqrt(1 − a)·ε with a = ᾱ_t1/ᾱ_t0."""
    shares = torch.linspace(0.9, 0.1, 50)
    early, late = shares[30], shares[20]  # t1 is noisier than t0
    x = random(1, 4, 8, 8)
    noise = random(1, 4, 8, 8, seed=1)
    a = early / late
    wanted = a.sqrt() * x + (1 - a).sqrt() * noise
    levels = [float(((1 - share) / share).sqrt()) for share in (late, early)]
    got = noise_again(x / late.sqrt(), noise, *levels) * early.sqrt()
    torch.testing.assert_close(got, wanted)


def test_background_follows_the_first_frame_and_the_foreground_stays():
    latents, first = random(3, 4, 16, 16), random(4, 16, 16, seed=1)
    masks = torch.zeros(3, 16, 16)
    masks[:, 6:9, 6:9] = 1
    got = smooth_background(latents, first, masks, 0.0, 0.0, alpha=0.4)
    assert torch.equal(got[:, :, 6:9, 6:9], latents[:, :, 6:9, 6:9])
    far = 0.4 * latents[:, :, 0, 0] + 0.6 * first[:, 0, 0]
    torch.testing.assert_close(got[:, :, 0, 0], far)
    assert torch.equal(smooth_background(latents, first, torch.ones(3, 16, 16), 9.0, 0.0), latents)


def test_background_is_moved_like_the_frames():
    first = torch.zeros(1, 16, 16)
    first[:, :, 8] = 1.0
    got = smooth_background(
        torch.zeros(3, 1, 16, 16), first, torch.zeros(3, 16, 16), 32.0, 0.0, alpha=0.0
    )
    assert got[:, 0, 5].argmax(-1).tolist() == [8, 7, 6]


def test_errors_say_what_to_change():
    with pytest.raises(ValueError, match="form 'blurred' is not known"):
        move_frames(random(1, 4, 8, 8), 1.0, 1.0, "blurred")
    with pytest.raises(ValueError, match="correlation 1.5 is outside 0 to 1"):
        frame_noise((1, 4, 8, 8), 1.5, torch.Generator())
    with pytest.raises(
        ValueError, match=r"masks are \(2, 4, 4\), but the latents need \(3, 8, 8\)"
    ):
        smooth_background(random(3, 4, 8, 8), random(4, 8, 8), torch.zeros(2, 4, 4), 1.0, 1.0)
