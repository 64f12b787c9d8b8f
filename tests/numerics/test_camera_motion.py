"""Camera motion against closed forms: a pan is a roll, a zoom keeps the centre."""

import pytest
import torch
from video_director.sampling.camera_motion import (
    BORDER,
    CUMULATIVE,
    DIRECTIONS,
    MODES,
    NEIGHBOUR,
    OWN,
    REFLECTION,
    blend_with_camera,
    camera_matrices,
    camera_path,
    camera_target,
    path_through,
    warp_frames,
)

FRAMES, SIZE = 5, 12
CELL = 1 / SIZE
# How far frames that are all alike may be from a slope, in cells: linear interpolation keeps it,
# cubic convolution as torch has it misses it between cells.
SLOPES = [(OWN, 1e-4), (CUMULATIVE, 0.05)]


def latents(frames=FRAMES):
    return torch.randn(frames, 4, SIZE, SIZE, generator=torch.Generator().manual_seed(0))


def ramp():
    """Each cell says where it is: two channels, x and y."""
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    return torch.stack([x, y]).float().expand(FRAMES, 2, SIZE, SIZE)


@pytest.mark.parametrize(
    ("direction", "shift", "axis"),
    [("left", 1, -1), ("right", -1, -1), ("up", 1, -2), ("down", -1, -2)],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_pan_of_one_cell_a_frame_is_a_roll(direction, shift, axis, mode):
    clean = latents()
    moved = camera_target(clean, camera_path(direction, CELL, FRAMES), mode)
    for frame in range(FRAMES):
        source, times = {
            NEIGHBOUR: (clean[max(frame - 1, 0)], min(frame, 1)),
            CUMULATIVE: (clean[0], frame),
            OWN: (clean[frame], frame),
        }[mode]
        expected = source.roll(shift * times, axis)
        inside = [slice(None)] * 3
        inside[axis] = slice(FRAMES, -FRAMES)  # away from the border
        got, wanted = moved[frame][tuple(inside)], expected[tuple(inside)]
        torch.testing.assert_close(got, wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", [REFLECTION, BORDER])
def test_a_static_camera_leaves_a_still_clip_alone(mode, padding):
    still = latents()[:1].expand(FRAMES, -1, -1, -1)
    moved = camera_target(still, camera_path("static", 0.04, FRAMES), mode, padding)
    torch.testing.assert_close(moved, still, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("mode", "bound"), SLOPES)
@pytest.mark.parametrize(("direction", "factor"), [("zoom_in", 1.1), ("zoom_out", 0.9)])
def test_a_zoom_keeps_the_centre_and_scales_about_it(direction, factor, mode, bound):
    path = camera_path(direction, 0.1, FRAMES)
    moved = camera_target(ramp(), path, mode)
    centre = (SIZE - 1) / 2
    inside = slice(4, -4)
    for frame in range(FRAMES):
        scale = factor**frame
        x = (torch.arange(SIZE) - centre) / scale + centre
        expected = x[inside].expand(4, 4)
        torch.testing.assert_close(moved[frame, 0, inside, inside], expected, atol=bound, rtol=0)
        torch.testing.assert_close(moved[frame, 1, inside, inside], expected.T, atol=bound, rtol=0)


@pytest.mark.parametrize(("mode", "bound"), SLOPES)
def test_parts_of_a_cell_move_things_too(mode, bound):
    path = camera_path("right", 0.25 * CELL, FRAMES)
    moved = camera_target(ramp(), path, mode)
    steps = 0.25 * torch.arange(FRAMES)[:, None]
    expected = torch.arange(4, SIZE - 4) + steps
    torch.testing.assert_close(moved[:, 0, 5, 4:-4], expected, atol=bound, rtol=0)


@pytest.mark.parametrize("mode", [NEIGHBOUR, OWN])
def test_small_moves_that_follow_one_another_go_no_further_than_told(mode):
    moved, part = ramp(), camera_path("right", 0.05 * CELL, FRAMES)
    for _ in range(4):
        moved = camera_target(moved, part, mode)
    told = 4 * 0.05 * (FRAMES - 1 if mode == OWN else 1)
    assert float(moved[-1, 0, 5, 6]) == pytest.approx(6 + told, abs=1e-4)


def test_what_is_four_cells_wide_keeps_its_contrast_between_cells():
    def wave(shift):
        return torch.cos((torch.arange(SIZE) + shift) * torch.pi / 2)

    still = wave(0).expand(2, 1, SIZE, SIZE)
    moved = camera_target(still, camera_path("right", 0.5 * CELL, 2), CUMULATIVE)
    # Between two cells linear interpolation leaves cos(pi / 4) = 0.71 of it.
    expected = wave(0.5)[2:-2].expand(SIZE, -1)
    torch.testing.assert_close(moved[1, 0, :, 2:-2], expected, atol=0.05, rtol=0)


def test_a_quarter_turn_of_the_camera_turns_the_world_the_other_way():
    path = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 90.0]])
    clean = latents(2)
    moved = camera_target(clean, path, CUMULATIVE)
    turned = torch.rot90(clean[0], 1, (-2, -1))  # counter-clockwise
    torch.testing.assert_close(moved[1], turned, atol=1e-4, rtol=0)


def test_moves_in_steps_are_the_whole_move():
    path = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.1, -0.05, 1.2, 5.0], [0.3, 0.1, 0.9, -20.0]])
    whole = camera_matrices(path, SIZE, SIZE)
    steps = whole[1:] @ torch.linalg.inv(whole[:-1])
    torch.testing.assert_close(steps[1] @ steps[0], whole[2])


def test_a_pan_on_a_wide_frame_is_in_widths_and_heights():
    path = torch.tensor([[0.25, 0.5, 1.0, 0.0]])
    moved = camera_matrices(path, 8, 16)[0] @ torch.tensor([4.0, 4.0, 1.0], dtype=torch.float64)
    assert moved.tolist() == pytest.approx([0.0, 0.0, 1.0])


def test_a_path_is_even_between_its_poses_and_begins_at_rest():
    poses = [(0.5, 0.0, 2.0, 10.0), (0.9, 0.4, 8.0, 50.0)]
    path = path_through([1, 5], poses, 8)
    assert path[0].tolist() == path[1].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert path[3].tolist() == pytest.approx([0.2, 0.2, 2.0, 20.0])
    assert path[5].tolist() == path[7].tolist() == pytest.approx([0.4, 0.4, 4.0, 40.0])


def test_what_comes_in_at_the_border():
    clean = latents(2)
    path = camera_path("right", 3 * CELL, 2)
    for padding, expected in (
        (BORDER, clean[0, ..., -1:].expand(-1, -1, 3)),
        (REFLECTION, clean[0, ..., -4:-1].flip(-1)),
    ):
        moved = camera_target(clean, path, CUMULATIVE, padding)
        torch.testing.assert_close(moved[1, ..., -3:], expected, atol=1e-4, rtol=0)


def test_video_latents_are_moved_frame_by_frame():
    clips = torch.stack([latents(), latents().flip(0)]).transpose(1, 2)
    path = camera_path("zoom_in", 0.04, FRAMES)
    for mode in MODES:
        moved = blend_with_camera(clips, path, mode)
        for clip, own in zip(clips, moved, strict=True):
            alone = blend_with_camera(clip.transpose(0, 1), path, mode)
            torch.testing.assert_close(own.transpose(0, 1), alone)


def test_half_is_the_clip_and_half_the_move():
    clean, path = latents(), camera_path("down", 0.02, FRAMES)
    target = camera_target(clean, path, NEIGHBOUR)
    torch.testing.assert_close(blend_with_camera(clean, path, NEIGHBOUR), (clean + target) / 2)
    torch.testing.assert_close(blend_with_camera(clean, path, NEIGHBOUR, amount=1.0), target)


def test_half_precision_stays_half_precision():
    assert warp_frames(latents().half(), torch.eye(3).expand(FRAMES, 3, 3)).dtype == torch.float16


def test_errors_say_what_can_be_chosen():
    with pytest.raises(ValueError, match="'forwards' is not known; it can be static, left"):
        camera_path("forwards", 0.02, FRAMES)
    with pytest.raises(ValueError, match="outside 0 to 1"):
        camera_path(DIRECTIONS[1], 1.5, FRAMES)
    path = camera_path("left", 0.02, FRAMES)
    with pytest.raises(ValueError, match="'all' is not known"):
        camera_target(latents(), path, "all")
    with pytest.raises(ValueError, match="'zeros' is not known"):
        camera_target(latents(), path, OWN, "zeros")
    with pytest.raises(ValueError, match="5 frames and the latents 3"):
        camera_target(latents(3), path, OWN)
