"""The nodes through the server, as a person or a script uses them."""

import json
from io import BytesIO

import av
import pytest
from PIL import Image
from video_director.host.errors import JobError, PromptRejectedError
from video_director.host.server import OPENER
from video_director.rendering.seeds import scene_seed

from .plan_jobs import plan_text, render_inputs, render_job

PROMPT = "A red ball rolls across a meadow. Then the red ball meets a blue star by the sea."
NODES = {
    "VideoDirectorPlanVideo",
    "VideoDirectorLoadPlan",
    "VideoDirectorParsePlan",
    "VideoDirectorSavePlan",
    "VideoDirectorPreviewPlan",
    "VideoDirectorSaveStoryboard",
    "VideoDirectorPlannerPrompt",
    "VideoDirectorReplanScene",
    "VideoDirectorEditPlan",
    "VideoDirectorDoubleFrameRate",
    "VideoDirectorScene",
    "VideoDirectorSceneFromJSON",
    "VideoDirectorEncodeFramePrompts",
    "VideoDirectorValueMapping",
    "VideoDirectorFramesPerPass",
    "VideoDirectorSharedNoise",
    "VideoDirectorMotionDynamics",
    "VideoDirectorSmoothBackground",
    "VideoDirectorLoadGroundingModel",
    "VideoDirectorEncodeLayout",
    "VideoDirectorApplyGrounding",
    "VideoDirectorEntityPicture",
    "VideoDirectorEntityReferences",
    "VideoDirectorCutOut",
    "VideoDirectorPreviewReferences",
    "VideoDirectorSceneReferences",
    "VideoDirectorLoadReferenceAdapter",
    "VideoDirectorEncodeReferences",
    "VideoDirectorApplyReferenceAttention",
    "VideoDirectorCamera",
    "VideoDirectorCameraMotion",
    "VideoDirectorCameraMotionSampler",
    "VideoDirectorActionFromText",
    "VideoDirectorActions",
    "VideoDirectorActionFromVideo",
    "VideoDirectorLoadVideoModel",
    "VideoDirectorVideoConditioning",
    "VideoDirectorLayoutToBoxes",
    "VideoDirectorLayoutToMasks",
    "VideoDirectorBoxesToLayout",
    "VideoDirectorPreviewLayout",
    "VideoDirectorRenderPlan",
    "VideoDirectorCollectScene",
    "VideoDirectorJoinScenes",
    "VideoDirectorSaveScenes",
    "VideoDirectorShowScenes",
    "VideoDirectorKeepScene",
    "VideoDirectorKeptScene",
    "VideoDirectorLoadMiniature",
}


def test_the_pack_loads_under_a_hyphenated_folder_name(server, object_info):
    assert "-" in server.pack_name
    ours = {name: info for name, info in object_info.items() if name.startswith("VideoDirector")}
    assert set(ours) == NODES
    modules = {info["python_module"] for info in ours.values()}
    assert modules == {f"custom_nodes.{server.pack_name}"}
    assert "IMPORT FAILED" not in server.log_path.read_text(errors="replace")


@pytest.mark.parametrize("node_id", sorted(NODES))
def test_the_server_serves_each_help_page(server, node_id):
    address = f"{server.url}/extensions/{server.pack_name}/docs/{node_id}.md"
    with OPENER.open(address, timeout=60) as reply:
        assert reply.read().startswith(b"# ")


def prompt_job():
    job = render_job("")
    planned = {"prompt": PROMPT, "frames": 3, "fps": 6, "width": 128, "height": 128, "seed": 2}
    job["plan"] = {
        "class_type": "VideoDirectorPlanVideo",
        "inputs": {**planned, "profile": "offline"},
    }
    job["storyboard"] = {
        "class_type": "VideoDirectorPreviewPlan",
        "inputs": {"plan": ["plan", 0]},
    }
    job["board_file"] = {
        "class_type": "SaveImage",
        "inputs": {"images": ["storyboard", 0], "filename_prefix": "storyboard"},
    }
    job["plan_file"] = {
        "class_type": "VideoDirectorSavePlan",
        "inputs": {"plan": ["plan", 0], "filename_prefix": "plans/meadow"},
    }
    return job


async def test_prompt_to_video(client):
    job = prompt_job()
    marker = {"workflow": {"nodes": [], "marker": "kept"}}
    result = await client.run(job, extra_data={"extra_pnginfo": marker})
    assert len(result.files("frames")) == 6
    (file,) = result.files("video")
    with av.open(BytesIO(await client.fetch(file))) as video:
        stream = video.streams.video[0]
        assert float(stream.average_rate) == 6
        assert (stream.width, stream.height) == (128, 128)
        assert sum(1 for _ in video.decode(stream)) == 6
        assert "kept" in video.metadata["workflow"]
    (shown,) = result.files("storyboard")
    assert shown.type == "temp"
    board = Image.open(BytesIO(await client.fetch(result.files("board_file")[0])))
    assert json.loads(board.text["workflow"])["marker"] == "kept"
    assert set(json.loads(board.text["prompt"])) == set(job)
    (plan_file,) = result.files("plan_file")
    plan = json.loads(await client.fetch(plan_file))
    assert [scene["frames"] for scene in plan["scenes"]] == [3, 3]


async def test_the_atomic_nodes_do_by_hand_what_render_plan_does(client):
    text = plan_text(["a red ball in a meadow"], frames=3)
    automatic = await client.run(render_job(text))
    job = render_job(text)
    settings = render_inputs()
    del job["render"]
    scene = {"plan": ["plan", 0], "index": 0}
    job["scene"] = {"class_type": "VideoDirectorScene", "inputs": scene}
    job["positive"] = {
        "class_type": "VideoDirectorEncodeFramePrompts",
        "inputs": {"clip": ["load", 1], "scene": ["scene", 0]},
    }
    job["negative"] = {
        "class_type": "CLIPTextEncode",
        "inputs": {"clip": ["load", 1], "text": settings["negative"]},
    }
    mapping = {
        key.removeprefix("mapping_"): value
        for key, value in settings.items()
        if key.startswith("mapping_")
    }
    job["mapped"] = {
        "class_type": "VideoDirectorValueMapping",
        "inputs": {"model": ["load", 0], "seed": settings["seed"], **mapping},
    }
    latent = {"width": 128, "height": 128, "batch_size": ["scene", 3]}
    job["latent"] = {"class_type": "EmptyLatentImage", "inputs": latent}
    job["noise"] = {
        "class_type": "LatentBatchSeedBehavior",
        "inputs": {"samples": ["latent", 0], "seed_behavior": "fixed"},
    }
    job["sample"] = {
        "class_type": "KSampler",
        "inputs": {
            "model": ["mapped", 0],
            "positive": ["positive", 0],
            "negative": ["negative", 0],
            "latent_image": ["noise", 0],
            "seed": scene_seed(settings["seed"], "s0"),
            "denoise": 1.0,
            **{key: settings[key] for key in ("steps", "cfg", "sampler_name", "scheduler")},
        },
    }
    decoded = {"samples": ["sample", 0], "vae": ["load", 2]}
    job["decode"] = {"class_type": "VAEDecode", "inputs": decoded}
    job["collect"] = {
        "class_type": "VideoDirectorCollectScene",
        "inputs": {"images": ["decode", 0], "scene": ["scene", 0]},
    }
    job["join"]["inputs"]["clips"] = ["collect", 0]
    by_hand = await client.run(job)
    for one, other in zip(automatic.files("frames"), by_hand.files("frames"), strict=True):
        pictures = [Image.open(BytesIO(await client.fetch(file))) for file in (one, other)]
        assert pictures[0].tobytes() == pictures[1].tobytes()


async def test_load_plan_reads_an_edited_file_again(client):
    def job():
        return {
            "plan": {"class_type": "VideoDirectorLoadPlan", "inputs": {"file": "plans/mine.json"}},
            "show": {"class_type": "VideoDirectorPreviewPlan", "inputs": {"plan": ["plan", 0]}},
        }

    for prompt in ("a red ball", "a blue star"):
        await client.upload("mine.json", plan_text([prompt]).encode(), subfolder="plans")
        assert (await client.run(job())).executed == {"plan", "show"}
    assert (await client.run(job())).executed == set()


async def test_mistakes_are_named_with_the_node(client):
    job = {
        "plan": {
            "class_type": "VideoDirectorParsePlan",
            "inputs": {"text": '{"version": 1, "scenes": []}'},
        },
        "show": {"class_type": "VideoDirectorPreviewPlan", "inputs": {"plan": ["plan", 0]}},
    }
    with pytest.raises(JobError, match=r"Parse Plan: the text is no usable plan: [\s\S]*scenes"):
        await client.run(job)
    job["plan"] = {"class_type": "VideoDirectorLoadPlan", "inputs": {"file": "../../x.json"}}
    with pytest.raises(PromptRejectedError, match="Load Plan: .* goes up with"):
        await client.run(job)
