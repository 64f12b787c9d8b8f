"""Join Scenes' transitions and sound, and the files of Save Scenes, as the host sees them."""

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import folder_paths
import numpy as np
import pytest
import torch
from comfy.cli_args import args
from comfy.model_management import InterruptProcessingException, interrupt_current_processing
from comfy_api.latest import InputImpl, Types, io
from PIL import Image
from video_director.host.job import JobResult
from video_director.nodes.join_nodes import JoinScenes
from video_director.nodes.save_scene_nodes import SaveScenes
from video_director.nodes.sockets import SceneClip
from video_director.rendering.clip_files import SUFFIXES, open_clip

PROMPT = {"1": {"class_type": "VideoDirectorSaveScenes", "inputs": {}}}
WORKFLOW = {"nodes": [], "extra": "ü {"}


def clip_of(name, frames, size=(16, 24), fps=6):
    values = torch.randint(0, 256, (frames, *size, 3), generator=torch.Generator().manual_seed(0))
    return SceneClip(name, values / 255, fps)


def grey(name, level, frames=6, fps=6):
    return SceneClip(name, torch.full((frames, 8, 8, 3), level), fps)


def levels(images):
    return [round(float(frame[0, 0, 0]), 6) for frame in images]


def test_scenes_are_cut_unless_asked_otherwise():
    clips = [clip_of("a", 3), clip_of("b", 12)]
    images, _ = JoinScenes.execute(clips, 0.0).args
    assert torch.equal(images, torch.cat([clip.images for clip in clips]))


def test_transitions_of_join_scenes():
    clips = [grey("a", 0.8), grey("b", 0.4)]
    faded, video = JoinScenes.execute(clips, 0.0, "cross_fade", 3).args
    assert levels(faded) == [0.8, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4, 0.4, 0.4]
    assert video.get_components().images.shape == (9, 8, 8, 3)
    dipped, _ = JoinScenes.execute(clips, 0.0, "dip_to_black", 2).args
    assert levels(dipped) == [0.8] * 4 + [0.4, 0.0, 0.0, 0.2] + [0.4] * 4
    held, _ = JoinScenes.execute(clips, 0.0, "hold", 2).args
    assert levels(held) == [0.8] * 8 + [0.4] * 6
    assert levels(clips[0].images) == [0.8] * 6
    with pytest.raises(ValueError, match="Join Scenes: scene a has 6 frames, but cross_fade of 8"):
        JoinScenes.execute(clips, 0.0, "cross_fade")


def test_rates_that_differ_are_named_unless_one_is_given():
    clips = [grey("a", 0.8, fps=6), grey("b", 0.4, fps=8)]
    with pytest.raises(ValueError, match=r"Join Scenes: .*\(a 6, b 8\); give the fps"):
        JoinScenes.execute(clips, 0.0)
    _, video = JoinScenes.execute(clips, 23.976).args
    assert video.get_components().frame_rate == Fraction(2997, 125)


@pytest.mark.parametrize("seconds", [0.5, 2.0, 5.0])
def test_sound_is_cut_or_filled_to_the_videos_length(tmp_path, seconds):
    rate = 8000
    waveform = torch.full((1, 2, int(seconds * rate)), 0.25)
    audio = {"waveform": waveform, "sample_rate": rate}
    _, video = JoinScenes.execute([clip_of("a", 6), clip_of("b", 6)], 0.0, audio=audio).args
    found = video.get_components().audio
    assert found["sample_rate"] == rate
    assert found["waveform"].shape == (1, 2, 2 * rate)
    heard = min(seconds, 2.0)
    assert float(found["waveform"].sum()) == 0.25 * 2 * heard * rate
    assert waveform.shape[-1] == seconds * rate
    video.save_to(str(tmp_path / "a.mp4"))
    again = InputImpl.VideoFromFile(str(tmp_path / "a.mp4")).get_components()
    assert len(again.images) == 12
    assert 0 <= again.audio["waveform"].shape[-1] - 2 * rate < 1024


@pytest.fixture
def output(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_paths, "output_directory", str(tmp_path))
    hidden = SimpleNamespace(prompt=PROMPT, extra_pnginfo={"workflow": WORKFLOW})
    monkeypatch.setattr(SaveScenes, "hidden", hidden)
    return tmp_path


def save(clips, prefix="VideoDirector/scenes", form="ffv1"):
    return SaveScenes.execute(clips, prefix, form).ui["scenes"]


def path_of(folder, entry):
    return Path(folder, entry["subfolder"], entry["filename"])


def files_below(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("form", ["ffv1", "mp4", "webm"])
def test_every_scene_becomes_a_file_that_the_host_can_read(output, form):
    clips = [clip_of("a", 5), clip_of("b-2", 1)]
    saved = save(clips, form=form)
    suffix = SUFFIXES[form]
    assert saved == [
        {
            "filename": f"scenes_{clip.scene_id}_00001{suffix}",
            "subfolder": "VideoDirector",
            "scene": clip.scene_id,
            "type": "output",
            "frames": len(clip.images),
            "fps": 6,
            "format": form,
        }
        for clip in clips
    ]
    for clip, entry in zip(clips, saved, strict=True):
        path = path_of(output, entry)
        components = InputImpl.VideoFromFile(str(path)).get_components()
        assert components.frame_rate == 6
        assert components.images.shape == clip.images.shape
        with av.open(str(path)) as container:
            tags = {
                name.lower(): json.loads(text)
                for name, text in container.metadata.items()
                if name.lower() in ("workflow", "prompt")
            }
        assert tags == {"workflow": WORKFLOW, "prompt": PROMPT}
        if form == "ffv1":
            np.testing.assert_array_equal(
                np.stack(list(open_clip(path))), (clip.images * 255).round().byte().numpy()
            )


def test_workflows_are_found_where_the_host_puts_its_own(output, tmp_path):
    (entry,) = save([clip_of("a", 2)], form="mp4")
    components = Types.VideoComponents(images=clip_of("a", 2).images, frame_rate=Fraction(6))
    theirs = tmp_path / "theirs.mp4"
    metadata = {"workflow": WORKFLOW, "prompt": PROMPT}
    InputImpl.VideoFromComponents(components).save_to(str(theirs), metadata=metadata)
    found = []
    for path in (path_of(output, entry), theirs):
        with av.open(str(path)) as container:
            found.append({name: container.metadata[name] for name in metadata})
        content = path.read_bytes()
        places = [content.find(box) for box in (b"moov", b"udta", b"keys", b"ilst", b"mdat")]
        assert places == sorted(places)
        assert places[0] > 0
    assert found[0] == found[1]


def test_pictures_are_listed_one_by_one(output):
    clips = [clip_of("a", 3), clip_of("b", 2)]
    saved = save(clips, form="png")
    assert [(e["scene"], e["subfolder"], e["filename"], e["frames"]) for e in saved] == [
        ("a", "VideoDirector/scenes_a_00001", "00000.png", 3),
        ("a", "VideoDirector/scenes_a_00001", "00001.png", 3),
        ("a", "VideoDirector/scenes_a_00001", "00002.png", 3),
        ("b", "VideoDirector/scenes_b_00001", "00000.png", 2),
        ("b", "VideoDirector/scenes_b_00001", "00001.png", 2),
    ]
    frames = torch.cat([clip.images for clip in clips])
    for entry, frame in zip(saved, frames, strict=True):
        with Image.open(path_of(output, entry)) as picture:
            np.testing.assert_array_equal(picture, (frame * 255).round().byte().numpy())
            assert json.loads(picture.info["workflow"]) == WORKFLOW
            assert json.loads(picture.info["prompt"]) == PROMPT


def test_the_client_finds_the_files(output):
    saved = save([clip_of("a", 3)], prefix="run", form="png")
    files = JobResult("1", {"7": {"scenes": saved}}, set()).files("7")
    assert [(f.filename, f.subfolder, f.type) for f in files] == [
        (f"0000{place}.png", "run_a_00001", "output") for place in range(3)
    ]


@pytest.mark.parametrize("form", list(SUFFIXES))
def test_nothing_is_overwritten(output, form):
    first = save([clip_of("a", 2), clip_of("a", 3)], form=form)
    second = save([clip_of("a", 4)], form=form)
    names = sorted({e["filename"] if form != "png" else e["subfolder"] for e in first + second})
    assert len(names) == 3
    assert [open_clip(path).frames for path in sorted((output / "VideoDirector").iterdir())] == [
        2, 3, 4,
    ]  # fmt: skip


def test_metadata_can_be_switched_off_in_the_host(output, monkeypatch):
    monkeypatch.setattr(args, "disable_metadata", True)
    (entry,) = save([clip_of("a", 2)], form="mp4")
    assert b"VideoDirectorSaveScenes" not in path_of(output, entry).read_bytes()


@pytest.mark.parametrize(
    "prefix", ["../scenes", "/tmp/scenes", "a/../../b", "C:\\scenes", "..\\scenes", "a\0b"]
)
def test_prefixes_that_leave_the_output_folder_are_refused(output, prefix):
    with pytest.raises(ValueError, match="Save Scenes: "):
        save([clip_of("a", 2)], prefix)
    with pytest.raises(ValueError, match="Save Scenes: "):
        save([clip_of("b", 2), clip_of("x/../../a", 2)])
    assert list(output.iterdir()) == []


def test_links_that_leave_the_output_folder_are_refused(output, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (output / "link").symlink_to(outside)
    with pytest.raises(ValueError, match="Save Scenes: .*leads out of the output folder") as caught:
        save([clip_of("a", 2)], "link/scenes")
    assert str(outside) not in str(caught.value)
    assert list(outside.iterdir()) == []


def test_scenes_that_cannot_be_written_are_named(output):
    with pytest.raises(ValueError, match="Save Scenes: there are no scenes"):
        save([])
    broken = SceneClip("b", torch.full((2, 16, 24, 3), float("nan")), 6)
    with pytest.raises(ValueError, match="Save Scenes: scene b: frame 0 holds NaN"):
        save([clip_of("a", 2), broken])
    assert files_below(output) == {"VideoDirector/scenes_a_00001.mkv"}
    with pytest.raises(ValueError, match="Save Scenes: scene c: .*25x16, but mp4 needs an even"):
        save([clip_of("c", 2, size=(16, 25))], form="mp4")
    (output / "file").write_text("in the way")
    with pytest.raises(ValueError, match="Save Scenes: ") as caught:
        save([clip_of("a", 2)], "file/scenes")
    assert str(output) not in str(caught.value)


def test_the_user_can_interrupt_it(output):
    interrupt_current_processing(True)
    try:
        with pytest.raises(InterruptProcessingException):
            save([clip_of("a", 3)])
    finally:
        interrupt_current_processing(False)
    assert files_below(output) == set()


def test_the_schema_of_save_scenes():
    schema = SaveScenes.GET_SCHEMA()
    assert schema.is_output_node
    assert [entry.id for entry in schema.inputs] == ["clips", "filename_prefix", "format"]
    assert {io.Hidden.prompt, io.Hidden.extra_pnginfo} <= set(schema.hidden)
