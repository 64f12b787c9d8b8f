"""Reference attention through the server: pictures drawn, cut out, and given to every scene."""

import json
import re

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from video_director.attention_patches.reference_modules import KeysValues, LocalTokens
from video_director.host.errors import JobError
from video_director.miniature.training import WEIGHTS

from .plan_jobs import render_job, rendered_steps
from .test_caching import pixels

FILE, WIDTH = "random_miniature.safetensors", 128
SCENES = {"s0", "s1"}
ORDER = {"input": 0, "output": 1, "middle": 2}


def attention_widths():
    """Of every cross-attention of the miniature's denoiser: down, up, middle."""
    found = []
    with safe_open(WEIGHTS / "unet.safetensors", "pt") as weights:
        for key in weights.keys():
            match = re.match(r"(input|output|middle)_blocks?\.(\d+)\..*attn2\.to_q\.weight", key)
            if match:
                place = ORDER[match[1]], int(match[2])
                found.append((place, weights.get_slice(key).get_shape()[0]))
    return [width for _, width in sorted(found)]


@pytest.fixture(scope="module")
def adapter_file(server):
    """An adapter with random weights in the server's models/reference_adapters."""
    torch.manual_seed(0)
    state = {f"image_proj.{k}": v for k, v in LocalTokens(WIDTH).state_dict().items()}
    for number, width in enumerate(attention_widths()):
        for key, value in KeysValues(WIDTH, width, True).state_dict().items():
            state[f"ip_adapter.{2 * number + 1}.{key}"] = value
    folder = server.base / "models" / "reference_adapters"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / FILE)
    return FILE


def plan(prompts, look="a red ball", sea="the sea"):
    """Two scenes with one ball, in different places."""
    entities = [
        {"id": "ball", "name": "ball", "kind": "foreground", "description": look},
        {"id": "star", "name": "star", "kind": "foreground", "description": "a blue star"},
        {"id": "sea", "name": "sea", "kind": "background", "description": sea},
    ]
    box = {"frame": 0, "boxes": {"ball": [0.1, 0.2, 0.6, 0.8]}}
    scenes = [
        {
            "id": f"s{number}",
            "prompt": prompt,
            "frames": 2,
            "entities": ["ball", "star"] if number else ["ball"],
            "background": "sea" if number else None,
            "layout": [box],
        }
        for number, prompt in enumerate(prompts)
    ]
    size = {"fps": 8, "width": 128, "height": 128}
    whole = {"version": 1, "prompt": "a ball", **size, "entities": entities, "scenes": scenes}
    return json.dumps(whole)


def job(file, text, *, steps=3, **changes):
    """Draw every entity, show the cut-outs, render the plan with them."""
    nodes = render_job(text, mapping_order="off", **changes)
    nodes["adapter"] = {"class_type": "VideoDirectorLoadReferenceAdapter", "inputs": {"file": file}}
    nodes["references"] = {
        "class_type": "VideoDirectorEntityReferences",
        "inputs": {
            "model": ["load", 0],
            "clip": ["load", 1],
            "vae": ["load", 2],
            "plan": ["plan", 0],
            "entities": "all",
            "named": "",
            "seed": 3,
            "steps": steps,
            "cfg": 3.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "size": 128,
            "foreground_prompt": "{description}",
            "background_prompt": "{description}",
            "negative": "",
        },
    }
    nodes["preview"] = {
        "class_type": "VideoDirectorPreviewReferences",
        "inputs": {"references": ["references", 0]},
    }
    nodes["render"]["inputs"] |= {
        "clip_vision": ["load", 3],
        "references": ["references", 0],
        "adapter": ["adapter", 0],
        "foreground_weight": 1.0,
        "background_weight": 1.0,
    }
    return nodes


def drawn(result):
    """Entities whose picture was really drawn."""
    return {name for name, steps in rendered_steps(result).items() if "picture_sample" in steps}


def rendered(result):
    """Scenes that were really sampled."""
    return {name for name, steps in rendered_steps(result).items() if "sample" in steps}


async def frames_of(client, result):
    return [await client.fetch(file) for file in result.files("frames")]


async def test_one_picture_of_each_entity_for_all_scenes(client, adapter_file):
    prompts = ["a ball rolls in a dream", "a ball and a star in a dream"]
    first = await client.run(job(adapter_file, plan(prompts)))
    assert drawn(first) == {"ball", "star", "sea"}
    assert len(first.files("preview")) == 1
    assert len(first.files("frames")) == 4

    edited = await client.run(job(adapter_file, plan([prompts[0], "a star at night in a dream"])))
    assert drawn(edited) == set()
    assert rendered(edited) == {"s1"}  # s0 knows nothing of the edit

    changed = await client.run(job(adapter_file, plan(prompts, sea="the wide sea")))
    assert drawn(changed) == {"sea"}
    assert rendered(changed) == {"s1"}  # the other is not at the sea


async def test_pictures_change_what_is_drawn(client, adapter_file):
    prompts = ["a ball in a far place", "a ball and a star in a far place"]
    with_pictures = await frames_of(client, await client.run(job(adapter_file, plan(prompts))))
    nodes = job(adapter_file, plan(prompts))
    nodes["render"]["inputs"] |= {"foreground_weight": 0.0, "background_weight": 0.0}
    without = await frames_of(client, await client.run(nodes))
    del nodes["render"]["inputs"]["adapter"]
    plain = await frames_of(client, await client.run(nodes))
    assert all(a != b for a, b in zip(pixels(with_pictures), pixels(without), strict=True))
    assert pixels(without) == pixels(plain)


async def test_an_own_picture_is_not_drawn_again(client, adapter_file):
    nodes = job(adapter_file, plan(["a ball by day", "a ball and a star by day"]))
    nodes["picture"] = {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0xD62026},
    }
    nodes["own"] = {
        "class_type": "VideoDirectorEntityPicture",
        "inputs": {"image": ["picture", 0], "entity": "ball"},
    }
    nodes["references"]["inputs"]["references"] = ["own", 0]
    result = await client.run(nodes)
    assert "references.0.0.ball.picture" not in result.executed
    assert "references.0.0.star.picture" in result.executed


async def test_an_adapter_needs_an_image_encoder(client, adapter_file):
    nodes = job(adapter_file, plan(["a ball", "a ball and a star"]))
    del nodes["render"]["inputs"]["clip_vision"]
    with pytest.raises(JobError, match="Render Plan: a reference adapter is connected, but no"):
        await client.run(nodes)
