"""What ties frames together, through the server."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from video_director.host.errors import JobError

from .plan_jobs import LOADER, plan_text, render_job


async def pictures(client, files):
    """Frames as float arrays in 0–1."""
    return [
        np.asarray(Image.open(BytesIO(await client.fetch(file))), np.float32) / 255
        for file in files
    ]


async def test_frames_of_one_prompt_are_one_picture_however_they_are_drawn(client):
    """Noise of a stochastic sampler is shared, slices and filtering change nothing here."""
    text = plan_text(["a red ball in a meadow"], frames=4)
    job = render_job(
        text,
        sampler_name="euler_ancestral",
        mapping_filter_share=0.4,
        frames_per_pass=3,
    )
    job["plan_twice"] = {
        "class_type": "VideoDirectorDoubleFrameRate",
        "inputs": {"plan": ["plan", 0], "times": 1},
    }
    job["render"]["inputs"]["plan"] = ["plan_twice", 0]
    result = await client.run(job)
    assert {"shared_noise", "frames_per_pass"} <= {key.split(".")[-1] for key in result.executed}
    frames = await pictures(client, result.files("frames"))
    assert len(frames) == 8
    assert max(float(np.abs(frame - frames[0]).max()) for frame in frames) < 0.05
    own = await client.run(render_job(text, noise="per_frame"))
    apart = await pictures(client, own.files("frames"))
    assert float(np.abs(apart[1] - apart[0]).max()) > 0.1


async def test_descriptions_of_new_frames_come_from_any_text_node(client):
    job = render_job(plan_text(["a red ball in a meadow"], frames=2))
    prompts = ["a red ball in a meadow", "a blue ball in a meadow"]
    plan = json.loads(job["plan"]["inputs"]["text"])
    plan["scenes"][0]["frame_prompts"] = prompts
    job["plan"]["inputs"]["text"] = json.dumps(plan)
    answer = "1. a purple ball in a meadow\n2. a blue star in a meadow"
    job["answer"] = {"class_type": "PrimitiveString", "inputs": {"value": answer}}
    job["twice"] = {
        "class_type": "VideoDirectorDoubleFrameRate",
        "inputs": {"plan": ["plan", 0], "times": 1, "descriptions": ["answer", 0]},
    }
    job["kept"] = {
        "class_type": "VideoDirectorSavePlan",
        "inputs": {"plan": ["twice", 0], "filename_prefix": "plans/twice"},
    }
    job["render"]["inputs"]["plan"] = ["twice", 0]
    result = await client.run(job)
    assert len(result.files("frames")) == 4
    job["answer"]["inputs"]["value"] = "1. a purple ball"
    with pytest.raises(JobError, match="Double Frame Rate: descriptions: 2 new frames need one"):
        await client.run(job)


def motion_job(**changes):
    encode = "CLIPTextEncode"
    motion = {
        "cfg": 3.0,
        "strength_x": 24.0,
        "strength_y": 0.0,
        "form": "smooth",
        "move_percent": 0.3,
        "start_percent": 0.15,
        "noise_correlation": 1.0,
    }
    chain = {
        "model": ["mapped", 0],
        "positive": ["positive", 0],
        "negative": ["negative", 0],
        "sampler": ["sampler", 0],
        "cfg": 3.0,
        "noise_seed": 4,
    }
    return {
        "load": {"class_type": LOADER, "inputs": {}},
        "mapped": {
            "class_type": "VideoDirectorValueMapping",
            "inputs": {
                "model": ["load", 0],
                "order": "first",
                "period": 0,
                "start_percent": 0.0,
                "end_percent": 1.0,
                "layers": "all",
                "seed": 0,
            },
        },
        "positive": {
            "class_type": encode,
            "inputs": {"clip": ["load", 1], "text": "a large red ball in a meadow"},
        },
        "negative": {"class_type": encode, "inputs": {"clip": ["load", 1], "text": ""}},
        "sampler": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
        "sigmas": {
            "class_type": "BasicScheduler",
            "inputs": {"model": ["load", 0], "scheduler": "normal", "steps": 10, "denoise": 1.0},
        },
        "empty": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": 128, "height": 128, "batch_size": 4},
        },
        "start": {
            "class_type": "VideoDirectorMotionDynamics",
            "inputs": {
                **chain,
                "sigmas": ["sigmas", 0],
                "latent_image": ["empty", 0],
                **motion,
                **changes,
            },
        },
        "smooth": {
            "class_type": "VideoDirectorSmoothBackground",
            "inputs": {
                "latent": ["start", 0],
                "masks": ["mask", 0],
                **{key: motion[key] for key in ("strength_x", "strength_y", "form")},
                "alpha": 0.4,
            },
        },
        "mask": {
            "class_type": "SolidMask",
            "inputs": {"value": 1.0, "width": 128, "height": 128},
        },
        "sample": {
            "class_type": "SamplerCustom",
            "inputs": {
                **chain,
                "add_noise": False,
                "sigmas": ["start", 1],
                "latent_image": ["smooth", 0],
            },
        },
        "decode": {
            "class_type": "VAEDecode",
            "inputs": {"samples": ["sample", 0], "vae": ["load", 2]},
        },
        "frames": {
            "class_type": "SaveImage",
            "inputs": {"images": ["decode", 0], "filename_prefix": "motion"},
        },
    }


async def test_motion_dynamics_moves_the_frames(client):
    moving = await client.run(motion_job())
    frames = await pictures(client, moving.files("frames"))
    still = await client.run(motion_job(strength_x=0.0))
    same = await pictures(client, still.files("frames"))
    changes = [float(np.abs(frame - frames[0]).mean()) for frame in frames[1:]]
    assert changes == sorted(changes)
    assert float(np.abs(same[2] - same[1]).max()) < 0.05
    assert changes[-1] > 0.01
