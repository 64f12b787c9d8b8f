"""Joined scenes: every transition against plain arithmetic, exact lengths, and little memory."""

import subprocess
import sys
import wave
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from video_director.rendering.clip_files import SUFFIXES, open_clip, write_clip
from video_director.rendering.clip_frames import ClipError, clip_in_memory
from video_director.rendering.join_transitions import TRANSITIONS, joined_frames, joined_length
from video_director.rendering.joining import join_clips

FILM = Fraction(24000, 1001)


def pictures_of(lengths, size=(16, 24)):
    generator = np.random.default_rng(0)
    return [generator.integers(0, 256, (n, *size, 3), dtype=np.uint8) for n in lengths]


def clips_of(lengths, fps=8, size=(16, 24)):
    pictures = pictures_of(lengths, size)
    return [clip_in_memory(f"s{n}", images, fps) for n, images in enumerate(pictures)]


def whole_arrays(scenes, transition, length):
    """The joined frames as floats, computed on whole arrays."""
    joined = scenes[0]
    for following in scenes[1:]:
        if transition == "cross_fade":
            weight = (np.arange(1, length + 1) / (length + 1))[:, None, None, None]
            both = joined[-length:] * (1 - weight) + following[:length] * weight
            joined = np.concatenate([joined[:-length], both, following[length:]])
        elif transition == "dip_to_black":
            down = (np.arange(length)[::-1] / length)[:, None, None, None]
            up = (np.arange(length) / length)[:, None, None, None]
            dark = [joined[:-length], joined[-length:] * down]
            joined = np.concatenate([*dark, following[:length] * up, following[length:]])
        elif transition == "hold":
            joined = np.concatenate([joined, *[joined[-1:]] * length, following])
        else:
            joined = np.concatenate([joined, following])
    return joined


@pytest.mark.parametrize("transition", TRANSITIONS)
@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("lengths", [[9], [5, 5], [7, 10, 5], [6, 11, 10, 8]])
def test_transitions_are_what_arithmetic_says(transition, length, lengths):
    scenes = pictures_of(lengths)
    wanted = whole_arrays([scene.astype(np.float64) for scene in scenes], transition, length)
    clips = [clip_in_memory(f"s{n}", scene, 8) for n, scene in enumerate(scenes)]
    joined = np.stack(list(joined_frames(clips, transition, length)))
    assert joined.dtype == np.uint8
    assert len(joined) == joined_length(clips, transition, length)
    assert np.abs(joined - wanted).max() <= 0.5 + 1e-4
    exact = [torch.from_numpy(scene).double() / 255 for scene in scenes]
    clips = [clip_in_memory(f"s{n}", scene, 8) for n, scene in enumerate(exact)]
    joined = torch.stack(list(joined_frames(clips, transition, length)))
    np.testing.assert_allclose(joined.numpy(), wanted / 255, atol=1e-9)


def test_a_dip_reaches_black_on_both_sides_and_a_fade_shows_both():
    white = np.full((6, 2, 2, 3), 200, np.uint8)
    clips = [clip_in_memory("a", white, 8), clip_in_memory("b", white // 2, 8)]
    dipped = [int(frame[0, 0, 0]) for frame in joined_frames(clips, "dip_to_black", 2)]
    assert dipped == [200] * 4 + [100, 0, 0, 50] + [100] * 4
    faded = [int(frame[0, 0, 0]) for frame in joined_frames(clips, "cross_fade", 3)]
    assert faded == [200] * 3 + [175, 150, 125] + [100] * 3
    held = [int(frame[0, 0, 0]) for frame in joined_frames(clips, "hold", 2)]
    assert held == [200] * 8 + [100] * 6


@pytest.mark.parametrize("transition", TRANSITIONS)
def test_no_frames_of_transition_is_a_cut(transition):
    clips = clips_of([3, 4])
    joined = np.stack(list(joined_frames(clips, transition, 0)))
    np.testing.assert_array_equal(joined, np.concatenate(pictures_of([3, 4])))
    assert joined_length(clips, transition, 0) == 7


def test_scenes_too_short_for_a_transition_are_named():
    fits = "make the transition at most 3 frames long"
    with pytest.raises(ClipError, match=f"scene s1 has 7 frames, but cross_fade.*needs 8; {fits}"):
        joined_frames(clips_of([8, 7, 8]), "cross_fade", 4)
    with pytest.raises(ClipError, match="scene s1 has 2 frames.*on one side needs 4.* at most 2"):
        joined_frames(clips_of([8, 2]), "dip_to_black", 4)
    assert len(list(joined_frames(clips_of([3, 6, 3]), "cross_fade", 3))) == 6
    with pytest.raises(ClipError, match="'wipe' is unknown; take one of cut, cross_fade"):
        joined_frames(clips_of([3, 6, 3]), "wipe", 3)
    with pytest.raises(ClipError, match="of -1 frames is impossible"):
        joined_frames(clips_of([3, 6, 3]), "hold", -1)


@pytest.mark.parametrize("kind", list(SUFFIXES))
@pytest.mark.parametrize("transition", TRANSITIONS)
def test_files_of_scenes_become_one_file(tmp_path, kind, transition):
    scenes = pictures_of([7, 10, 5])
    clips = [
        write_clip(tmp_path / name, scene, form, FILM)
        for name, scene, form in zip(
            ("a.mkv", "b", "c.mkv"), scenes, ("ffv1", "png", "ffv1"), strict=True
        )
    ]
    path = tmp_path / ("joined" + SUFFIXES[kind])
    metadata = {"workflow": '{"nodes": []}'}
    joined = join_clips(
        clips, path, kind, transition=transition, transition_frames=3, metadata=metadata
    )
    wanted = whole_arrays([scene.astype(np.float64) for scene in scenes], transition, 3)
    assert (joined.frames, joined.fps, open_clip(path).fps) == (len(wanted), FILM, FILM)
    seen = np.stack(list(open_clip(path)))
    assert seen.shape == wanted.shape
    if kind in ("ffv1", "png"):
        assert np.abs(seen - wanted).max() <= 0.5 + 1e-4
        return
    with av.open(str(path)) as container:
        tags = {name.lower(): text for name, text in container.metadata.items()}
        assert tags["workflow"] == metadata["workflow"]
        assert container.duration / av.time_base == pytest.approx(len(wanted) / FILM, abs=0.001)
        times = [frame.time for frame in container.decode(video=0)]
    gaps = np.array([after - before for before, after in pairwise(times)])
    np.testing.assert_allclose(gaps, float(1 / FILM), atol=0.001)  # webm counts milliseconds


def test_scenes_that_do_not_fit_together_are_named(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(ClipError, match="there are no scenes"):
        join_clips([], path)
    (small,), (large,) = clips_of([2]), clips_of([2], size=(32, 24))
    with pytest.raises(ClipError, match="size .s0 24x16 with 3 channels, s0 24x32 with 3"):
        join_clips([small, large], path)
    (slow,), (fast,) = clips_of([2], FILM), clips_of([2], 30)
    with pytest.raises(ClipError, match=r"frames per second \(s0 23\.976, s0 30\); give the fps"):
        join_clips([slow, fast], path)
    assert list(tmp_path.iterdir()) == []
    assert join_clips([slow, fast], path, fps=12).fps == 12


def test_a_damaged_scene_leaves_no_video_and_keeps_the_old(tmp_path):
    scenes = [write_clip(tmp_path / f"{n}", s, "png", 8) for n, s in enumerate(pictures_of([5, 5]))]
    path = tmp_path / "joined.mp4"
    (tmp_path / "1" / "00003.png").write_bytes(b"")
    for transition in TRANSITIONS:
        with pytest.raises(ClipError, match=r"00003\.png can't be read"):
            join_clips(scenes, path, transition=transition, transition_frames=2)
        assert {entry.name for entry in tmp_path.iterdir()} == {"0", "1"}
    (tmp_path / "1" / "00003.png").unlink()
    (tmp_path / "1" / "00004.png").unlink()
    path.write_bytes(b"old")
    with pytest.raises(ClipError, match="1: reading ended after 3 of 5 frames"):
        join_clips(scenes, path)
    assert path.read_bytes() == b"old"
    assert {entry.name for entry in tmp_path.iterdir()} == {"0", "1", "joined.mp4"}


def tone(seconds, rate, channels=1, hertz=440):
    wave_ = 0.5 * np.sin(np.arange(int(seconds * rate)) / rate * hertz * 2 * np.pi)
    return np.repeat(wave_[None].astype(np.float32), channels, axis=0)


def audio_of(seconds, rate, channels=1):
    waveform = torch.from_numpy(tone(seconds, rate, channels))[None]
    return {"waveform": waveform, "sample_rate": rate}


def heard(path):
    """Samples of the first channel, samples per second, channels."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout=stream.layout.name, rate=stream.rate)
        frames = [part for f in container.decode(audio=0) for part in resampler.resample(f)]
        samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])
        return samples, stream.rate, stream.channels


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (48000, 2), (50000, 1), (48000, 6)])
@pytest.mark.parametrize("seconds", [0.5, 10])
def test_sound_is_fitted_to_the_pictures(tmp_path, kind, rate, channels, seconds):
    path = tmp_path / "joined"
    audio = audio_of(seconds, rate, channels)
    before = audio["waveform"].clone()
    joined = join_clips(clips_of([20, 13], FILM), path, kind, audio=audio)
    assert torch.equal(audio["waveform"], before)
    samples, found_rate, found_channels = heard(path)
    length = float(joined.frames / FILM)
    assert found_channels == channels
    assert 0 <= len(samples) - length * found_rate < 1024  # a frame of aac
    loud = np.nonzero(np.abs(samples) > 0.1)[0] / found_rate
    assert loud[0] < 0.003
    assert loud[-1] == pytest.approx(min(seconds, length), abs=0.003)
    wanted = tone(0.4, found_rate)[0]
    likeness = np.corrcoef(samples[: len(wanted)], wanted)[0, 1]
    assert likeness > 0.99
    with av.open(str(path)) as container:
        assert container.duration / av.time_base == pytest.approx(length, abs=0.01)


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_sound_of_a_file(tmp_path, kind):
    source = tmp_path / "tone.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, 32000, 0, "NONE", ""))
        file.writeframes((tone(0.8, 32000)[0] * 32767).astype(np.int16).tobytes())
    join_clips(clips_of([20], 10), tmp_path / "joined", kind, audio=source)
    samples, rate, _ = heard(tmp_path / "joined")
    assert 0 <= len(samples) - 2 * rate < 1024
    loud = np.nonzero(np.abs(samples) > 0.1)[0] / rate
    assert loud[-1] == pytest.approx(0.8, abs=0.003)
    # The sound of a video file as well.
    join_clips(clips_of([5], 10), tmp_path / "again", kind, audio=tmp_path / "joined")
    samples, rate, _ = heard(tmp_path / "again")
    assert 0 <= len(samples) - 0.5 * rate < 1024
    assert np.corrcoef(samples[: rate // 4], tone(0.25, rate)[0])[0, 1] > 0.95


def test_sound_that_cannot_be_used_is_named(tmp_path):
    clips = clips_of([3])
    write_clip(tmp_path / "mute.mp4", pictures_of([2])[0], "mp4", 8)
    (tmp_path / "text.wav").write_text("no sound")
    cases = {
        "gone.wav can't be read": tmp_path / "gone.wav",
        "text.wav can't be read": tmp_path / "text.wav",
        "mute.mp4 holds no sound": tmp_path / "mute.mp4",
        "shape .1, 4, 24000., but one track": audio_of(0.5, 48000, 4),
        "shape .2, 1, 9., but one track": {"waveform": torch.zeros(2, 1, 9), "sample_rate": 48000},
    }
    for words, audio in cases.items():
        with pytest.raises(ClipError, match=words):
            join_clips(clips, tmp_path / "joined.mp4", audio=audio)
    for kind in ("ffv1", "png"):
        with pytest.raises(ClipError, match="sound; take mp4 or webm"):
            join_clips(clips, tmp_path / "joined", kind, audio=audio_of(0.5, 48000))
    assert {entry.name for entry in tmp_path.iterdir()} == {"mute.mp4", "text.wav"}


LONG_JOIN = """
import os, runpy, sys
from pathlib import Path
runpy.run_path(sys.argv[1])  # makes video_director importable
import numpy as np
import psutil
from video_director.rendering.clip_files import open_clip, write_clip
from video_director.rendering.joining import join_clips

folder, transition = Path(sys.argv[2]), sys.argv[3]
x = np.arange(256)

def frames(first):
    for place in range(first, first + 100):
        yield np.broadcast_to(((x[:, None, None] + x[None, :, None] + place) % 256), (256, 256, 3)
            ).astype(np.uint8)

for scene in range(4):
    write_clip(folder / f"{scene}.mkv", frames(100 * scene), "ffv1", 8)
clips = [open_clip(folder / f"{scene}.mkv") for scene in range(4)]
join_clips([open_clip(folder / "0.mkv")], folder / "first.mkv", "ffv1")  # what codecs allocate once
process = psutil.Process(os.getpid())
before = process.memory_info().rss
most = before

def watched(clip):
    global most
    for frame in clip.read():
        most = max(most, process.memory_info().rss)
        yield frame

from dataclasses import replace
watching = [replace(clip, read=lambda clip=clip: watched(clip)) for clip in clips]
joined = join_clips(watching, folder / "joined.mkv", "ffv1", transition=transition,
    transition_frames=40)
sys.stdout.write(f"{joined.frames} {(most - before) / 2**20:.1f}")
"""


@pytest.mark.parametrize(("transition", "frames"), [("cut", 400), ("cross_fade", 280)])
def test_memory_stays_flat_over_many_frames(tmp_path, transition, frames):
    pytest.importorskip("psutil")
    conftest = Path(__file__).resolve().parents[1] / "conftest.py"
    done = subprocess.run(
        [sys.executable, "-c", LONG_JOIN, conftest, tmp_path, transition],
        capture_output=True,
        text=True,
        check=True,
    )
    found, grown = done.stdout.split()
    assert int(found) == frames
    assert float(grown) < 25  # MiB; all frames of the cross-fade are 52
