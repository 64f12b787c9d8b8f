"""Edit Plan through the server: a moved box moves the object, a waiting run goes on downstream."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from video_director.host.errors import JobError, PromptRejectedError
from video_director.miniature.oracle import read_picture
from video_director.planning import plan_io
from video_director.planning.edits import plan_hash

from .plan_jobs import render_job, rendered_steps

LEFT, RIGHT = [0.05, 0.55, 0.35, 0.85], [0.65, 0.55, 0.95, 0.85]


def plan_text(word, fps=8):
    """Two scenes with a ball on the left; the word keeps tests apart."""
    ball = {"id": "ball", "name": "a red ball", "kind": "foreground"}
    layout = [{"frame": 0, "boxes": {"ball": LEFT}}]
    scenes = [
        {
            **{"id": name, "prompt": f"a red ball in a {word} meadow", "frames": 2},
            **{"entities": ["ball"], "layout": layout, "layout_strength": 1.0},
        }
        for name in ("first", "second")
    ]
    size = {"width": 128, "height": 128}
    plan = {"version": 1, "prompt": "a red ball", "fps": fps, **size, "entities": [ball]}
    return json.dumps({**plan, "scenes": scenes})


def edited_job(text, edits="", on_new_plan="keep", review="pass"):
    # As the miniature draws well by boxes.
    sampling = {"steps": 25, "cfg": 3.0, "sampler_name": "euler_ancestral"}
    job = render_job(text, mapping_order="off", **sampling)
    job["boxes"] = {
        "class_type": "VideoDirectorLoadGroundingModel",
        "inputs": {"file": "miniature"},
    }
    job["render"]["inputs"]["grounding"] = ["boxes", 0]
    widgets = {"edits": edits, "on_new_plan": on_new_plan, "review": review}
    job["edit"] = {
        "class_type": "VideoDirectorEditPlan",
        "inputs": {"plan": ["plan", 0], **widgets},
    }
    job["render"]["inputs"]["plan"] = ["edit", 0]
    return job


def move(text, **others):
    at = ["scenes", "second", "layout", "0", "boxes", "ball"]
    edit = {"at": at, "was": LEFT, "to": RIGHT}
    base = plan_hash(plan_io.loads(text))
    return json.dumps({"version": 1, "base": base, "edits": [edit], **others})


def told(result):
    output = result.outputs["edit"]
    return output["text"][0], json.loads(output["edit_plan"][0])


def sampled(result):
    """Scenes that were rendered; patching a model is no work."""
    return {scene for scene, steps in rendered_steps(result).items() if "sample" in steps}


async def frames_of(client, result):
    files = [await client.fetch(file) for file in result.files("frames")]
    return [np.asarray(Image.open(BytesIO(png)).convert("RGB")) for png in files]


def balls(frames):
    """Where the oracle finds the red ball: the middle from the left, for every frame."""
    found = []
    for frame in frames:
        objects = read_picture(frame).objects
        boxes = [one.box for one in objects if (one.kind, one.colour) == ("ball", "red")]
        found.append((boxes[0][0] + boxes[0][2]) / 2 if boxes else None)
    return found


async def test_a_moved_box_changes_its_scene_alone(client):
    text = plan_text("green")
    before = await client.run(edited_job(text))
    after = await client.run(edited_job(text, move(text)))
    assert sampled(after) == {"second"}
    old, new = await frames_of(client, before), await frames_of(client, after)
    assert [np.array_equal(a, b) for a, b in zip(old, new, strict=True)] == [True] * 2 + [False] * 2
    assert balls(old) == pytest.approx([0.2] * 4, abs=0.12)
    assert balls(new) == pytest.approx([0.2, 0.2, 0.8, 0.8], abs=0.12)
    # Nothing is known to the edits alone: the plan that they make draws the same by itself.
    edited = json.loads(text)
    edited["scenes"][1]["layout"][0]["boxes"]["ball"] = RIGHT
    job = edited_job(json.dumps(edited))
    job["render"]["inputs"]["plan"] = ["plan", 0]
    del job["edit"]
    by_itself = await frames_of(client, await client.run(job))
    assert np.array_equal(by_itself, new)


async def test_waiting_ends_without_an_error_and_approval_runs_what_is_downstream(client):
    text = plan_text("quiet")
    events = []
    waiting = await client.run(edited_job(text, move(text), review="wait"), on_event=events.append)
    assert not {"execution_error", "execution_interrupted"} & {event.type for event in events}
    assert rendered_steps(waiting) == {}
    assert waiting.files("frames") == []
    words, shown = told(waiting)
    assert words.startswith("waiting for approval; to approve this plan, add ")
    assert shown["waiting"] is True
    approval = move(text, approved=shown["edited_hash"])
    approved = await client.run(edited_job(text, approval, review="wait"))
    assert not {"plan", "load"} & approved.executed
    assert {"edit", "render", "join", "frames", "video"} <= approved.executed
    assert sampled(approved) == {"first", "second"}
    assert len(approved.files("frames")) == 4
    again = await client.run(edited_job(text, approval, review="wait"))
    assert again.executed == set()
    changed = await client.run(edited_job(plan_text("quiet", fps=9), approval, review="wait"))
    assert told(changed)[1]["waiting"] is True
    assert rendered_steps(changed) == {}


async def test_a_new_plan_keeps_discards_or_stops(client):
    text, another = plan_text("calm"), plan_text("calm", fps=9)
    edits = move(text)
    kept = await client.run(edited_job(another, edits, review="wait"))
    boxes = told(kept)[1]["edited"]["scenes"][1]["layout"][0]["boxes"]
    assert boxes == {"ball": RIGHT}
    discarded = await client.run(edited_job(another, edits, "discard", "wait"))
    assert told(discarded)[1]["edited"] == told(discarded)[1]["incoming"]
    assert told(discarded)[1]["discarded"] == 1
    with pytest.raises(JobError, match=r"Edit Plan: .*set on_new_plan to keep"):
        await client.run(edited_job(another, edits, "stop", "wait"))


async def test_edits_alone_are_enough(client):
    whole = {"at": [], "to": json.loads(plan_text("own"))}
    job = edited_job("", json.dumps({"version": 1, "edits": [whole]}))
    del job["edit"]["inputs"]["plan"]
    result = await client.run({"edit": job["edit"]})
    assert [scene["id"] for scene in told(result)[1]["edited"]["scenes"]] == ["first", "second"]


async def test_broken_edits_are_refused_before_anything_runs(client):
    with pytest.raises(PromptRejectedError, match="Edit Plan: the edits cannot be used: line 1"):
        await client.run(edited_job(plan_text("broken"), "{"))
