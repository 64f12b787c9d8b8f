"""Clips as files: what is read is what was written, and nothing is ever half there."""

import os
import subprocess
import sys
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image
from video_director.rendering.clip_encoding import CODINGS
from video_director.rendering.clip_files import SUFFIXES, open_clip, write_clip
from video_director.rendering.clip_frames import ClipError, clip_in_memory, exact_rate
from video_director.rendering.clip_latents import read_latents, write_latents

FILM = Fraction(24000, 1001)
METADATA = {"workflow": '{"nodes": ["{ü}"]}', "prompt": '{"1": {"class_type": "A"}}'}


def noise(frames, height, width, seed=0):
    shape = (frames, height, width, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def moving_bars(frames, height, width):
    """Soft pictures that change, which a lossy codec keeps nearly as they are."""
    x = np.arange(width)[None, None, :, None]
    y = np.arange(height)[None, :, None, None]
    f = np.arange(frames)[:, None, None, None]
    phase = x * 0.04 + y * 0.03 + f * 0.2 + np.arange(3) * 2
    return np.rint(127.5 + 100 * np.sin(phase)).astype(np.uint8)


def path_for(folder, kind, name="clip"):
    return folder / (name + SUFFIXES[kind])


@pytest.mark.parametrize("kind", ["ffv1", "png"])
@pytest.mark.parametrize(("frames", "height", "width"), [(33, 17, 33), (1, 5, 7), (2, 64, 48)])
def test_lossless_files_give_every_pixel_back(tmp_path, kind, frames, height, width):
    pictures = noise(frames, height, width)
    written = write_clip(path_for(tmp_path, kind), pictures, kind, FILM)
    found = open_clip(path_for(tmp_path, kind), "a")
    for clip in (written, found):
        assert (clip.frames, clip.fps, clip.width, clip.height) == (frames, FILM, width, height)
        np.testing.assert_array_equal(np.stack(list(clip)), pictures)
    assert (written.name, found.name) == ("clip", "a")


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize("fps", [8, 23.976, FILM, Fraction(60000, 1001), Fraction(25, 2)])
@pytest.mark.parametrize("frames", [1, 33])
def test_lossy_files_keep_count_rate_size_and_look(tmp_path, kind, fps, frames):
    pictures = moving_bars(frames, 48, 64)
    write_clip(path_for(tmp_path, kind), pictures, kind, fps)
    clip = open_clip(path_for(tmp_path, kind))
    assert (clip.frames, clip.fps, clip.width, clip.height) == (frames, exact_rate(fps), 64, 48)
    assert exact_rate(23.976) == Fraction(2997, 125)
    seen = np.stack(list(clip)).astype(int)
    assert seen.shape == pictures.shape
    assert np.abs(seen - pictures).mean() < 4
    assert abs((seen - pictures).mean()) < 1.5


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_colours_survive_players_that_heed_the_files_matrix(tmp_path, kind):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (12, 200, 90), (255, 255, 255), (0, 0, 0)]
    picture = np.repeat(np.repeat(np.array([colours], np.uint8), 32, axis=0), 32, axis=1)
    write_clip(path_for(tmp_path, kind), [picture] * 3, kind, 8)
    with av.open(str(path_for(tmp_path, kind))) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.colorspace, codec.color_primaries, codec.color_trc) == (1, 1, 1)
    for frame in open_clip(path_for(tmp_path, kind)):
        assert np.abs(frame[16, 16::32].astype(int) - colours).max() <= 3


@pytest.mark.parametrize("kind", list(SUFFIXES))
def test_floats_of_either_library_are_rounded_alike(tmp_path, kind):
    pictures = noise(3, 16, 16)
    floats = pictures.astype(np.float32) / 255
    kinds = [pictures, floats, torch.from_numpy(floats), torch.from_numpy(pictures)]
    read = []
    for place, given in enumerate(kinds):
        clip = write_clip(path_for(tmp_path, kind, f"clip{place}"), given, kind, 8)
        read.append(np.stack(list(clip)))
    for other in read[1:]:
        np.testing.assert_array_equal(read[0], other)


def test_values_are_rounded_to_the_nearest_and_cut_to_the_range(tmp_path):
    values = torch.tensor([-0.5, 0.4 / 255, 0.6 / 255, 127.49 / 255, 127.51 / 255, 1.5])
    picture = values[None, :, None].expand(1, 6, 3)
    (frame,) = write_clip(tmp_path / "a", [picture], "png", 8)
    assert frame[0, :, 0].tolist() == [0, 0, 1, 127, 128, 255]
    short = picture.to(torch.bfloat16)  # which numpy does not know
    (frame,) = write_clip(tmp_path / "b", [short], "png", 8)
    np.testing.assert_array_equal(frame, (short.float().clamp(0, 1) * 255).round().numpy())


@pytest.mark.parametrize("kind", list(CODINGS))
def test_metadata_of_video_files(tmp_path, kind):
    path = path_for(tmp_path, kind)
    write_clip(path, noise(2, 16, 16), kind, 8, METADATA)
    with av.open(str(path)) as container:
        found = {name.lower(): text for name, text in container.metadata.items()}
    assert {name: found[name] for name in METADATA} == METADATA
    # The host's frontend reads the first 2 MB of a webm, and the first 64 MB of an mp4.
    assert path.read_bytes().find(b'{"nodes"') < 4096


def test_metadata_of_pictures(tmp_path):
    write_clip(tmp_path / "clip", noise(2, 16, 16), "png", FILM, METADATA)
    for path in sorted((tmp_path / "clip").iterdir()):
        with Image.open(path) as picture:
            assert METADATA.items() <= picture.info.items()


EQUAL_FILES = """
import runpy, sys
from pathlib import Path
runpy.run_path(sys.argv[1])  # makes video_director importable
import numpy as np
from video_director.rendering.clip_files import write_clip

frames = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
write_clip(Path(sys.argv[2]), frames, sys.argv[3], 8)
"""


@pytest.mark.parametrize("kind", list(CODINGS))
def test_equal_frames_give_equal_files(tmp_path, kind):
    """Also where memory holds other leftovers, as in another process (glibc fills it so)."""
    conftest = Path(__file__).resolve().parents[1] / "conftest.py"
    for leftovers in ("1", "85", "170"):
        path = path_for(tmp_path, kind, leftovers)
        subprocess.run(
            [sys.executable, "-c", EQUAL_FILES, conftest, path, kind],
            env={**os.environ, "MALLOC_PERTURB_": leftovers},
            check=True,
        )
    assert len({entry.read_bytes() for entry in tmp_path.iterdir()}) == 1


def test_frames_are_taken_and_given_one_at_a_time(tmp_path):
    alive, most = 0, 0

    class Counted(np.ndarray):
        def __del__(self):
            nonlocal alive
            alive -= 1

    def frames():
        nonlocal alive, most
        for picture in noise(30, 16, 16):
            alive += 1
            most = max(most, alive)
            yield picture.copy().view(Counted)

    write_clip(tmp_path / "clip.mkv", frames(), "ffv1", 8)
    assert most <= 2
    first = next(iter(open_clip(tmp_path / "clip.mkv")))
    np.testing.assert_array_equal(first, noise(30, 16, 16)[0])


@pytest.mark.parametrize("kind", list(SUFFIXES))
@pytest.mark.parametrize("when", [0, 1, 5])
def test_a_failure_while_writing_leaves_nothing(tmp_path, kind, when):
    def frames():
        yield from noise(when, 16, 16)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_clip(path_for(tmp_path, kind), frames(), kind, 8)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", list(CODINGS))
def test_a_failure_keeps_the_file_that_was_there(tmp_path, kind):
    path = path_for(tmp_path, kind)
    write_clip(path, noise(2, 16, 16), kind, 8)
    before = path.read_bytes()
    with pytest.raises(ClipError, match="frame 1 is 8x16, but the first is 16x16"):
        write_clip(path, [noise(1, 16, 16)[0], noise(1, 16, 8)[0]], kind, 8)
    assert path.read_bytes() == before
    write_clip(path, noise(3, 16, 16), kind, 8)
    assert open_clip(path).frames == 3
    assert list(tmp_path.iterdir()) == [path]


FULL_DISK = """
import resource, runpy, sys
from pathlib import Path
runpy.run_path(sys.argv[1])  # makes video_director importable
import numpy as np
from video_director.rendering.clip_files import SUFFIXES, write_clip

folder = Path(sys.argv[2])
frames = np.random.default_rng(0).integers(0, 256, (10, 64, 64, 3), dtype=np.uint8)
for kind, suffix in SUFFIXES.items():
    whole = folder / ("whole" + suffix)
    write_clip(whole, frames, kind, 8)
    size = (whole / "00009.png" if kind == "png" else whole).stat().st_size
    for limit in (1, size // 2, size - 1):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            write_clip(folder / ("cut" + suffix), frames, kind, 8)
        except OSError as error:
            sys.stdout.write(f"{kind} {error}\\n")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes can't be limited there")
def test_a_disk_that_fills_up_leaves_nothing_and_says_so(tmp_path):
    conftest = Path(__file__).resolve().parents[1] / "conftest.py"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, conftest, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    assert [line.split()[0] for line in said] == [kind for kind in SUFFIXES for _ in range(3)]
    assert all("File too large" in line for line in said)
    assert str(tmp_path) not in done.stdout
    wholes = {f"whole{suffix}" for suffix in SUFFIXES.values()}
    assert {entry.name for entry in tmp_path.iterdir()} == wholes


def test_a_folder_of_pictures_is_never_replaced(tmp_path):
    write_clip(tmp_path / "clip", noise(3, 16, 16), "png", 8)
    with pytest.raises(ClipError, match="the folder clip is there already"):
        write_clip(tmp_path / "clip", noise(2, 16, 16), "png", 8)
    assert open_clip(tmp_path / "clip").frames == 3


@pytest.mark.parametrize("kind", list(CODINGS))
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_cut_off_file_is_found_out(tmp_path, kind, share):
    path = path_for(tmp_path, kind)
    write_clip(path, noise(10, 64, 64), kind, 8)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    seen = 0
    damage = pytest.raises(ClipError, match="damaged")
    # Where a Matroska file ends between two frames, the count is all there is to tell.
    with damage if kind == "mp4" or share < 0.1 else nullcontext():
        clip = open_clip(path)
        seen = sum(1 for _ in clip)
        assert seen == clip.frames
    assert seen < 10


def test_missing_and_strange_files_are_named(tmp_path):
    with pytest.raises(ClipError, match=r"gone\.mkv can't be read \(No such file"):
        open_clip(tmp_path / "gone.mkv")
    (tmp_path / "text.mkv").write_text("no video")
    with pytest.raises(ClipError, match=r"text\.mkv can't be read"):
        open_clip(tmp_path / "text.mkv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ClipError, match="the folder empty holds no pictures"):
        open_clip(tmp_path / "empty")


def test_missing_and_damaged_pictures_are_named(tmp_path):
    folder = tmp_path / "clip"
    clip = write_clip(folder, noise(3, 16, 16), "png", 8)
    picture = (folder / "00002.png").read_bytes()
    (folder / "00002.png").write_bytes(picture[:100])
    with pytest.raises(ClipError, match=r"00002\.png can't be read"):
        list(clip)
    (folder / "00002.png").unlink()
    with pytest.raises(ClipError, match="clip: reading ended after 2 of 3 frames"):
        list(clip)
    (folder / "00002.png").write_bytes(picture)
    (folder / "00001.png").unlink()
    with pytest.raises(ClipError, match=r"has 2 pictures, but 00001\.png is not among them"):
        open_clip(folder)
    Image.new("RGB", (8, 8)).save(folder / "00000.png")
    (folder / "00002.png").unlink()
    with pytest.raises(ClipError, match="do not say their frames per second"):
        open_clip(folder)


def test_files_from_elsewhere_can_be_read(tmp_path):
    path = tmp_path / "other.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["fps"] = "fast"
        stream = container.add_stream("libx264", rate=12)
        stream.width = stream.height = 32
        for pixels in moving_bars(5, 32, 32):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    clip = open_clip(path)
    assert (clip.frames, clip.fps, len(list(clip))) == (5, 12, 5)


BAD_FRAMES = {
    "4 channels": (np.zeros((1, 8, 8, 4)), r"shape \(8, 8, 4\).*RGB"),
    "one picture": (np.zeros((8, 8, 3)), r"shape \(8, 3\)"),
    "NaN": (np.full((1, 8, 8, 3), np.nan), "frame 0 holds NaN"),
    "numbers": (np.zeros((1, 8, 8, 3), np.int64), "frame 0 holds int64"),
    "none": (np.zeros((0, 8, 8, 3)), "there are no frames"),
}


@pytest.mark.parametrize("kind", list(SUFFIXES))
@pytest.mark.parametrize("case", list(BAD_FRAMES))
def test_frames_that_are_no_pictures_are_refused(tmp_path, kind, case):
    frames, words = BAD_FRAMES[case]
    with pytest.raises(ClipError, match=words):
        write_clip(path_for(tmp_path, kind), frames, kind, 8)
    assert list(tmp_path.iterdir()) == []


def test_what_a_format_cannot_hold_is_said(tmp_path):
    with pytest.raises(ClipError, match="33x17, but mp4 needs an even"):
        write_clip(tmp_path / "a.mp4", noise(1, 17, 33), "mp4", 8)
    odd = write_clip(tmp_path / "a.webm", noise(1, 17, 33), "webm", 8)
    assert next(iter(odd)).shape == (17, 33, 3)
    with pytest.raises(ClipError, match="'gif' is unknown; take one of ffv1, png, mp4, webm"):
        write_clip(tmp_path / "a.gif", noise(1, 16, 16), "gif", 8)
    for fps in (0, -1, float("nan"), float("inf"), 1e-9):
        with pytest.raises(ClipError, match="frame rate of .* is impossible"):
            write_clip(tmp_path / "a.mkv", noise(1, 16, 16), "ffv1", fps)
    with pytest.raises(ClipError, match=r"images of shape \(8, 8, 3\)"):
        clip_in_memory("a", np.zeros((8, 8, 3)), 8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_latents_are_kept_bit_by_bit(tmp_path, dtype):
    latents = torch.randn(1, 16, 5, 8, 8, generator=torch.Generator().manual_seed(0)).to(dtype)
    turned = latents.transpose(3, 4)  # not contiguous
    write_latents(tmp_path / "a.latent", turned, METADATA)
    found, metadata = read_latents(tmp_path / "a.latent")
    assert (found.dtype, metadata) == (dtype, METADATA)
    assert torch.equal(found, turned)
    assert os.listdir(tmp_path) == ["a.latent"]
    write_latents(tmp_path / "a.latent", latents)
    assert torch.equal(read_latents(tmp_path / "a.latent")[0], latents)


def test_latents_that_cannot_be_read_are_named(tmp_path):
    write_latents(tmp_path / "a.latent", torch.zeros(1, 4, 8, 8))
    whole = (tmp_path / "a.latent").read_bytes()
    (tmp_path / "a.latent").write_bytes(whole[:-8])
    with pytest.raises(ClipError, match=r"a\.latent can't be read; .* damaged"):
        read_latents(tmp_path / "a.latent")
    with pytest.raises(ClipError, match=r"gone\.latent can't be read"):
        read_latents(tmp_path / "gone.latent")
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(2)}, tmp_path / "b.latent")
    with pytest.raises(ClipError, match="holds no latent_tensor, but weight"):
        read_latents(tmp_path / "b.latent")


@pytest.mark.parametrize("kind", list(SUFFIXES))
def test_single_frames_are_those_of_the_whole(kind, tmp_path):
    written = write_clip(tmp_path / f"clip{SUFFIXES[kind]}", noise(5, 16, 24), kind, 8)
    for clip in (written, open_clip(tmp_path / f"clip{SUFFIXES[kind]}")):
        for place, frame in enumerate(clip):
            assert np.array_equal(clip.frame(place), frame)
        with pytest.raises(IndexError, match="there is no frame 5; it has 5"):
            clip.frame(5)


@pytest.mark.parametrize("fps", [8, FILM, Fraction(60000, 1001)])
@pytest.mark.parametrize("kind", ["ffv1", "mp4", "webm"])
def test_the_last_frame_of_a_long_clip_is_found_without_the_others(kind, fps, tmp_path):
    pictures = moving_bars(300, 16, 16)
    write_clip(path_for(tmp_path, kind), pictures, kind, fps)
    clip = open_clip(path_for(tmp_path, kind))
    for place in (0, 149, 299):
        assert np.abs(clip.frame(place).astype(int) - pictures[place]).mean() < 12


def test_frames_that_are_not_evenly_spaced_are_counted(tmp_path):
    path = tmp_path / "uneven.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "bgr0"
        for place, level in ((0, 0), (1, 80), (7, 160), (20, 240)):
            pixels = np.full((16, 16, 3), level, np.uint8)
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="bgr0")
            picture.pts, picture.time_base = place, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    clip = open_clip(path)
    assert clip.read_one is None
    assert [int(clip.frame(place)[0, 0, 0]) for place in range(4)] == [0, 80, 160, 240]
