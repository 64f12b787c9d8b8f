"""Layout grounding through the server, with random weights and with the miniature's own."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from video_director.attention_patches.grounding_modules import GatedSelfAttention, TextTokens
from video_director.host.errors import JobError
from video_director.host.server import OPENER
from video_director.miniature.oracle import read_picture
from video_director.planning.layout import interpolate
from video_director.planning.offline import plan_video

from .plan_jobs import render_job

PLACES = {"input_blocks.1.1": 64, "middle_block.1": 128, "output_blocks.5.1": 64}
WIDTH = 128  # of the miniature's text features
FILE = "random_miniature.safetensors"


@pytest.fixture(scope="module")
def grounding_file(server):
    """A GLIGEN file with three fusers in the server's models/grounding."""
    torch.manual_seed(0)
    state = {f"position_net.{k}": v for k, v in TextTokens(WIDTH, WIDTH).state_dict().items()}
    for name, width in PLACES.items():
        fuser = GatedSelfAttention(width, WIDTH, 1)
        torch.nn.init.constant_(fuser.alpha_attn, 2.0)
        for key, value in fuser.state_dict().items():
            state[f"{name}.transformer_blocks.0.fuser.{key}"] = value.detach().clone()
    folder = server.base / "models" / "grounding"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / FILE)
    save_file({"some.weight": torch.zeros(2)}, folder / "other.safetensors")
    return FILE


def job(file, alpha):
    """One scene of four frames, by hand."""
    return {
        "plan": {
            "class_type": "VideoDirectorPlanVideo",
            "inputs": {
                "prompt": "A red ball rolls across a meadow",
                **{"frames": 4, "fps": 4, "width": 128, "height": 128, "seed": 0},
                "profile": "offline",
            },
        },
        "scene": {"class_type": "VideoDirectorScene", "inputs": {"plan": ["plan", 0], "index": 0}},
        "mini": {"class_type": "VideoDirectorLoadMiniature", "inputs": {}},
        "grounding": {"class_type": "VideoDirectorLoadGroundingModel", "inputs": {"file": file}},
        "prompts": {
            "class_type": "VideoDirectorEncodeFramePrompts",
            "inputs": {"clip": ["mini", 1], "scene": ["scene", 0]},
        },
        "layout": {
            "class_type": "VideoDirectorEncodeLayout",
            "inputs": {
                "conditioning": ["prompts", 0],
                "grounding": ["grounding", 0],
                "clip": ["mini", 1],
                "scene": ["scene", 0],
            },
        },
        "model": {
            "class_type": "VideoDirectorApplyGrounding",
            "inputs": {
                "model": ["mini", 0],
                "grounding": ["grounding", 0],
                **{"alpha": alpha, "falling": 0.0, "strength": 1.0},
            },
        },
        "negative": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["mini", 1], "text": ""}},
        "empty": {
            "class_type": "EmptyLatentImage",
            "inputs": {"width": 128, "height": 128, "batch_size": 4},
        },
        "sample": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["model", 0],
                "positive": ["layout", 0],
                "negative": ["negative", 0],
                "latent_image": ["empty", 0],
                **{"seed": 1, "steps": 4, "cfg": 3.0, "denoise": 1.0},
                **{"sampler_name": "euler", "scheduler": "normal"},
            },
        },
        "images": {
            "class_type": "VAEDecode",
            "inputs": {"samples": ["sample", 0], "vae": ["mini", 2]},
        },
        "save": {
            "class_type": "SaveImage",
            "inputs": {"images": ["images", 0], "filename_prefix": f"layout_{alpha}"},
        },
    }


async def pictures(client, file, alpha):
    result = await client.run(job(file, alpha))
    return [await client.fetch(found) for found in result.files("save")]


async def test_boxes_change_what_is_drawn(client, grounding_file):
    without = await pictures(client, grounding_file, 0.0)
    with_boxes = await pictures(client, grounding_file, 1.0)
    assert len(without) == len(with_boxes) == 4
    assert all(a != b for a, b in zip(without, with_boxes, strict=True))


async def test_another_file_is_refused_with_what_is_known(client, grounding_file):
    with pytest.raises(JobError, match="other.safetensors: it has no fusers.*Known layouts"):
        await client.run(job("other.safetensors", 1.0))


def test_the_folder_is_the_hosts(server, grounding_file):
    with OPENER.open(f"{server.url}/models/grounding", timeout=60) as reply:
        assert grounding_file.encode() in reply.read()


def scene_job(boxes_of, **changed):
    """A plan's scene, its boxes taken out and put in again for another entity, and shown."""
    nodes = job(FILE, 0.0)
    plan, scene = nodes["plan"], nodes["scene"]
    plan["inputs"]["prompt"] = "A red ball rolls across a meadow next to a blue star"
    return {
        "plan": plan,
        "scene": scene,
        "boxes": {
            "class_type": "VideoDirectorLayoutToBoxes",
            "inputs": {"scene": ["scene", 0], "entity": boxes_of},
        },
        "changed": {
            "class_type": "VideoDirectorBoxesToLayout",
            "inputs": {
                "scene": ["scene", 0],
                "boxes": ["boxes", 0],
                **{"entity": "blue-star", "width": 0, "height": 0, "clamp": False},
                **changed,
            },
        },
        "masks": {
            "class_type": "VideoDirectorLayoutToMasks",
            "inputs": {"scene": ["changed", 0], "entity": "blue-star"},
        },
        "frames": {"class_type": "MaskToImage", "inputs": {"mask": ["masks", 0]}},
        "shown": {
            "class_type": "VideoDirectorPreviewLayout",
            "inputs": {
                "images": ["frames", 0],
                "scene": ["changed", 0],
                "found": ["boxes", 0],
            },
        },
        "save": {
            "class_type": "SaveImage",
            "inputs": {"images": ["frames", 0], "filename_prefix": "layout_masks"},
        },
    }


async def test_boxes_out_of_a_scene_and_into_it(client):
    result = await client.run(scene_job("red-ball"))
    files = result.files("save")
    assert len(files) == 4
    lefts = []
    for file in files:
        with Image.open(io.BytesIO(await client.fetch(file))) as picture:
            assert picture.size == (128, 128)
            lefts.append(picture.convert("L").getbbox()[0])
    assert lefts == sorted(set(lefts)), "the star goes where the ball rolls"
    [shown, *_] = result.files("shown")
    with Image.open(io.BytesIO(await client.fetch(shown))) as picture:
        assert min(picture.size) >= 384


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entity": "fox"}, "Boxes To Layout: scene 'scene-1' has no entity 'fox'; it has"),
        ({"width": 20}, "Boxes To Layout: boxes.*allow clamping"),
    ],
)
async def test_layout_errors_name_the_node(client, change, message):
    with pytest.raises(JobError, match=message):
        await client.run(scene_job("red-ball", **change))
    with pytest.raises(JobError, match="Layout To Boxes: scene 'scene-1' has no entity 'hen'"):
        await client.run(scene_job("hen"))


MOVING = "A red ball moves from left to right in a meadow"


def planned_job(strength, **more):
    """Render Plan along the planner's boxes, with the miniature's own fusers."""
    plan = plan_video(MOVING, frames=4)
    scene = plan.scenes[0].model_copy(update={"layout_strength": strength})
    text = plan.model_copy(update={"scenes": [scene]}).model_dump_json()
    sampling = {"steps": 25, "cfg": 3.0, "sampler_name": "euler_ancestral"}
    nodes = render_job(text, mapping_order="off", **sampling, **more)
    nodes["boxes"] = {
        "class_type": "VideoDirectorLoadGroundingModel",
        "inputs": {"file": "miniature"},
    }
    nodes["render"]["inputs"]["grounding"] = ["boxes", 0]
    return nodes


async def centres(client, job):
    """Of the red ball in every frame, None where the oracle finds none."""
    result = await client.run(job)
    found = []
    for file in result.files("frames"):
        with Image.open(io.BytesIO(await client.fetch(file))) as picture:
            reading = read_picture(np.asarray(picture.convert("RGB")))
        balls = [one.box for one in reading.objects if (one.kind, one.colour) == ("ball", "red")]
        found.append((balls[0][0] + balls[0][2]) / 2 if balls else None)
    return found


async def test_a_plan_is_drawn_along_its_boxes(client):
    boxes = interpolate(plan_video(MOVING, frames=4).scenes[0])
    asked = [(frame["red-ball"][0] + frame["red-ball"][2]) / 2 for frame in boxes]

    async def misses(strength):
        found = await centres(client, planned_job(strength))
        return [1.0 if x is None else abs(x - y) for x, y in zip(found, asked, strict=True)]

    with_boxes, without = await misses(1.0), await misses(0.0)
    assert max(with_boxes) < 0.12, with_boxes
    # The frames' prompts alone say "on the left" and so on, but not where exactly.
    assert sum(with_boxes) < sum(without), (with_boxes, without)


async def test_layout_goes_with_mapping_and_passes(client):
    both = planned_job(1.0, frames_per_pass=2)
    both["render"]["inputs"]["mapping_order"] = "rotational"
    result = await client.run(both)
    assert len(result.files("frames")) == 4


async def test_a_picture_tells_what_an_entity_looks_like(client):
    nodes = planned_job(1.0)
    nodes["picture"] = {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0xD62026},
    }
    nodes["entity"] = {
        "class_type": "VideoDirectorEntityPicture",
        "inputs": {"image": ["picture", 0], "entity": "red-ball"},
    }
    nodes["render"]["inputs"] |= {"clip_vision": ["load", 3], "references": ["entity", 0]}
    result = await client.run(nodes)
    told = [await client.fetch(file) for file in result.files("frames")]
    del nodes["render"]["inputs"]["references"]
    result = await client.run(nodes)
    plain = [await client.fetch(file) for file in result.files("frames")]
    assert len(told) == len(plain) == 4
    assert all(a != b for a, b in zip(told, plain, strict=True))
    del nodes["render"]["inputs"]["clip_vision"]
    nodes["render"]["inputs"]["references"] = ["entity", 0]
    with pytest.raises(JobError, match="Encode Layout: there is a picture of an entity, but no"):
        await client.run(nodes)
