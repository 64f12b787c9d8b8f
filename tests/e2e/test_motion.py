"""Camera and the video model through the server."""

import io
import json
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from video_director.host.errors import JobError
from video_director.miniature.autoencoder import LATENT_CHANNELS
from video_director.miniature.vision import CONFIG as VISION
from video_director.video_models.videostudio_config import VideoStudioConfig
from video_director.video_models.videostudio_unet import VideoStudioUNet

from .plan_jobs import LOADER, plan_text, render_job, rendered_steps
from .test_caching import pixels

API = Path(__file__).resolve().parents[2] / "workflows" / "api"
FRAMES = 4
FILE = "tiny_videostudio.safetensors"


def encoded(text):
    return {"class_type": "CLIPTextEncode", "inputs": {"clip": ["load", 1], "text": text}}


def shown(latent):
    return {
        "decoded": {
            "class_type": "VAEDecode",
            "inputs": {"samples": [latent, 0], "vae": ["load", 2]},
        },
        "frames": {
            "class_type": "SaveImage",
            "inputs": {"images": ["decoded", 0], "filename_prefix": "motion"},
        },
    }


def clip_job(model="load", *, sampler="euler"):
    """Frames of one prompt, sampled in a batch by KSampler."""
    return {
        "load": {"class_type": LOADER, "inputs": {}},
        "positive": encoded("a red ball in a meadow"),
        "negative": encoded(""),
        "latent": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": 128, "height": 128, "batch_size": FRAMES},
        },
        "camera": {
            "class_type": "VideoDirectorCamera",
            "inputs": {"direction": "right", "speed": "fast", "strength": 2.0, "path": ""},
        },
        "moved": {
            "class_type": "VideoDirectorCameraMotion",
            "inputs": {"model": ["load", 0], "camera": ["camera", 0], **motion()},
        },
        "sampled": {
            "class_type": "KSampler",
            "inputs": {
                "model": [model, 0],
                "positive": ["positive", 0],
                "negative": ["negative", 0],
                "latent_image": ["latent", 0],
                "seed": 4,
                "steps": 6,
                "cfg": 3.0,
                "sampler_name": sampler,
                "scheduler": "normal",
                "denoise": 1.0,
            },
        },
        **shown("sampled"),
    }


def motion():
    return {
        "mode": "own",
        "percent": 0.34,
        "times": 1,
        "amount": 0.5,
        "padding": "reflection",
    }


async def frames_of(client, job):
    return await pictures_of(client, await client.run(job))


async def pictures_of(client, result):
    return pixels([await client.fetch(file) for file in result.files("frames")])


async def test_a_camera_moves_in_a_batch_of_frames(client):
    still = await frames_of(client, clip_job())
    moved = await frames_of(client, clip_job("moved"))
    assert len(moved) == FRAMES
    first = (np.frombuffer(frames[0], np.uint8).astype(int) for frames in (moved, still))
    assert np.abs(next(first) - next(first)).max() <= 1  # where the camera begins
    assert all(a != b for a, b in zip(moved[1:], still[1:], strict=True))


async def test_the_sampler_does_what_the_model_does(client):
    moved = await frames_of(client, clip_job("moved"))
    job = clip_job()
    job["euler"] = {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}}
    job["moving"] = {
        "class_type": "VideoDirectorCameraMotionSampler",
        "inputs": {"sampler": ["euler", 0], "camera": ["camera", 0], **motion()},
    }
    job["sigmas"] = {
        "class_type": "BasicScheduler",
        "inputs": {"model": ["load", 0], "scheduler": "normal", "steps": 6, "denoise": 1.0},
    }
    job["sampled"] = {
        "class_type": "SamplerCustom",
        "inputs": {
            "model": ["load", 0],
            "add_noise": True,
            "noise_seed": 4,
            "cfg": 3.0,
            "positive": ["positive", 0],
            "negative": ["negative", 0],
            "sampler": ["moving", 0],
            "sigmas": ["sigmas", 0],
            "latent_image": ["latent", 0],
        },
    }
    assert await frames_of(client, job) == moved


async def test_a_path_that_cannot_be_read_is_an_error_of_its_node(client):
    job = clip_job("moved")
    job["camera"]["inputs"]["path"] = "3: pan 0.5"
    with pytest.raises(JobError, match=r"Camera: path: line 1: 'pan 0.5' is not one of pan_x"):
        await client.run(job)


@pytest.fixture(scope="module")
def video_file(server):
    """A tiny VideoStudio-Vid with random weights, for the miniature's encoders."""
    width = VISION["hidden_size"]
    unet = VideoStudioUNet(
        VideoStudioConfig(
            in_channels=LATENT_CHANNELS,
            out_channels=LATENT_CHANNELS,
            channels=(64, 64),
            layers=1,
            depths=(0, 1),
            context_width=width,
            entry_width=64,
            added_width=128 + 6 * 8,
            score_width=8,
            image_width=width,
        )
    )
    folder = server.base / "models" / "video_models"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(unet.state_dict(), folder / FILE)
    return FILE


def video_job(file, text="A ball bounces on a trampoline"):
    return {
        "load": {"class_type": LOADER, "inputs": {}},
        "words": encoded(text),
        "action": {
            "class_type": "VideoDirectorActionFromText",
            "inputs": {"text": text, "threshold": 0.0},
        },
        "picture": {
            "class_type": "EmptyImage",
            "inputs": {"width": 128, "height": 128, "batch_size": 1, "color": 0xD62026},
        },
        "video": {
            "class_type": "VideoDirectorLoadVideoModel",
            "inputs": {"file": file, "reference_position": "first", "weight_dtype": "default"},
        },
        "told": {
            "class_type": "VideoDirectorVideoConditioning",
            "inputs": {
                "text": ["words", 0],
                "vae": ["load", 2],
                "clip_vision": ["load", 3],
                "image": ["picture", 0],
                "width": 128,
                "height": 128,
                "frames": FRAMES,
                "aesthetic": 6.0,
                "action": ["action", 0],
            },
        },
        "sampled": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["video", 0],
                "positive": ["told", 0],
                "negative": ["told", 1],
                "latent_image": ["told", 2],
                "seed": 4,
                "steps": 3,
                "cfg": 3.0,
                "sampler_name": "ddim",
                "scheduler": "normal",
                "denoise": 1.0,
            },
        },
        "cut": {
            "class_type": "LatentCutToBatch",
            "inputs": {"samples": ["sampled", 0], "dim": "t", "slice_size": 1},
        },
        "found": {"class_type": "PreviewAny", "inputs": {"source": ["action", 1]}},
        **shown("cut"),
    }


async def test_a_video_model_makes_a_clip_of_a_picture(client, video_file):
    result = await client.run(video_job(video_file))
    assert len(result.files("frames")) == FRAMES


async def test_what_is_no_video_model_is_refused(client, server, video_file):
    other = "no_video.safetensors"
    save_file({"conv_in.weight": torch.zeros(1)}, server.base / "models" / "video_models" / other)
    with pytest.raises(JobError, match="Load Video Model: no_video.safetensors is no VideoStudio"):
        await client.run(video_job(other))


def video_plan(**last):
    """Two scenes; ``last`` changes the second."""
    plan = json.loads(plan_text(["a red ball", "a blue star"], frames=FRAMES))
    plan["scenes"][1] |= last
    return json.dumps(plan)


def rendered(text, **changes):
    job = render_job(text, **changes)
    job["render"]["inputs"]["clip_vision"] = ["load", 3]
    return job


async def test_render_plan_makes_clips_of_pictures(client, video_file):
    """A scene's action and camera change its clip; the picture it is made of stays."""

    def job(**last):
        filled = rendered(video_plan(**last), seed=31, video_steps=3, video_cfg=2.0)
        filled["video_model"] = video_job(video_file)["video"]
        filled["render"]["inputs"]["video_model"] = ["video_model", 0]
        return filled

    first = await client.run(job())
    assert len(first.files("frames")) == 2 * FRAMES
    steps = rendered_steps(first)
    assert {"opening", "picture_sample", "video", "sample", "clip"} <= steps["s1"]
    again = await client.run(job(action={"juggling balls": 0.5}, camera={"direction": "left"}))
    assert rendered_steps(again) == {"s1": {"scene", "video", "camera", "sample", "frames", "clip"}}
    before, after = [await pictures_of(client, one) for one in (first, again)]
    assert before[:FRAMES] == after[:FRAMES]
    assert before[FRAMES:] != after[FRAMES:]


async def test_render_plan_moves_the_camera_of_a_scene(client):
    text = video_plan(camera={"direction": "right", "speed": "fast"})
    moved = await client.run(rendered(text, seed=32))
    assert "camera" in rendered_steps(moved)["s1"]
    still = await client.run(rendered(text, seed=32, camera_motion=False))
    with_camera, without = [await pictures_of(client, one) for one in (moved, still)]
    assert with_camera[:FRAMES] == without[:FRAMES]
    assert with_camera[FRAMES:] != without[FRAMES:]


def made_small(name, file):
    """A template for real models, told to take small ones of the same kinds, and few steps."""
    job = json.loads((API / f"{name}.json").read_text(encoding="utf-8"))
    vision = {key for key, node in job.items() if node["class_type"] == "CLIPVisionLoader"}
    for node in job.values():
        inputs = node["inputs"]
        for key, value in inputs.items():
            if isinstance(value, list) and value[0] in vision:
                inputs[key] = [value[0], 3]
        for key, least in {"steps": 2, "video_steps": 2, "frames": FRAMES, "size": 128}.items():
            if key in inputs:
                inputs[key] = least
        if "width" in inputs and not isinstance(inputs["width"], list):
            inputs["width"] = inputs["height"] = min(128, inputs["width"])
        if node["class_type"] in ("CheckpointLoaderSimple", "CLIPVisionLoader"):
            node |= {"class_type": LOADER, "inputs": {}}
        elif "file" in inputs:
            video = node["class_type"] == "VideoDirectorLoadVideoModel"
            inputs["file"] = file if video else "miniature"
    return job


@pytest.mark.parametrize(("name", "frames"), [("videostudio", 4), ("videostudio_story", 8)])
async def test_templates_for_videostudio_run(name, frames, client, video_file):
    """Real checkpoints are not here; the nodes and what joins them are."""
    job = made_small(name, video_file)
    result = await client.run(job)
    (saved,) = (key for key, node in job.items() if node["class_type"] == "SaveVideo")
    (file,) = result.files(saved)
    with av.open(io.BytesIO(await client.fetch(file))) as video:
        assert sum(1 for _ in video.decode(video=0)) == frames
