"""Plans by language models through the server: a scripted one answers on localhost."""

import json
import time

import pytest
from video_director.host.errors import JobError, JobInterruptedError, PromptRejectedError
from video_director.host.server import OPENER
from video_director.planning import plan_io

from ..scripted_language_model import (
    ScriptedServer,
    calls_tool,
    fails,
    hangs,
    refuses,
    says,
    sends,
)

KEY = "sk-planted-4f1d8a20c7"
PROMPT = "A corgi runs in a park. Then it sleeps on the beach."
BOX = [0.1, 0.5, 0.4, 0.9]


def scene(place, **changes):
    return {
        "prompt": f"A red corgi in a green {place}",
        "background": place,
        "entities": ["corgi"],
        "camera_direction": "left",
        "camera_speed": "slow",
        "action": "",
        "reasoning": "It stands on the left.",
        "boxes": [{"frame": 0, "entity": "corgi", "box": BOX}],
        "layout_strength": 0.2,
        **changes,
    }


def directed(*scenes):
    told = {"name": "corgi", "description": "a red corgi with a white chest"}
    places = [{"name": name, "description": f"a {name} at noon"} for name in ("park", "beach")]
    return json.dumps({"entities": [told], "backgrounds": places, "scenes": list(scenes)})


GOOD = directed(scene("park"), scene("beach"))


def anything(body):
    """Answers every style's questions by what the answer shall be like."""
    form = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    asked = set(form.get("properties", {}))
    if "entities" in asked:
        return says(GOOD)
    if "scenes" in asked:
        bare = [{k: scene(p)[k] for k in ("prompt", "background", "entities")} for p in PLACES]
        return says(json.dumps({"scenes": bare}))
    if "cameras" in asked:
        cameras = [{"camera_direction": "up", "camera_speed": "fast"}] * 2
        return says(json.dumps({"cameras": cameras}))
    if "boxes" in asked:
        layout = {key: scene("park")[key] for key in ("reasoning", "boxes", "layout_strength")}
        return says(json.dumps(layout))
    if "frames" in asked:
        frames = [f"A red corgi, step {number}" for number in range(4)]
        return says(json.dumps({"summary": "a corgi", "frames": frames}))
    question = body["messages"][-1]["content"]
    if "lines that begin with the numbers" in question:
        return says("\n".join(f"{n}. A red corgi between steps" for n in range(1, 5)))
    if "aspects" in question and "Now describe" not in question:
        return says("fur, size, ears")
    return says("A small red corgi with a white chest and large ears.")


PLACES = ("park", "beach")


@pytest.fixture
def ask(server):
    """Start a scripted model and point the profile ``scripted`` of the running host to it."""
    file = server.base / "user" / "video_director.toml"
    started = []

    def start(script):
        model = started_model(script)
        file.write_text(
            f'[profiles.scripted]\nbase_url = "{model.url}"\nmodel = "scripted"\nkey = "{KEY}"\n'
            "[profiles.scripted.options]\ntries = 2\nsilence_timeout = 20\n"
        )
        file.chmod(0o600)
        return model

    def started_model(script):
        model = ScriptedServer(script).__enter__()
        started.append(model)
        return model

    yield start
    file.unlink(missing_ok=True)
    for model in started:
        model.__exit__()


def job(name, *, prompt=PROMPT, **changes):
    """Plan, and save the plan below a name."""
    inputs = {"prompt": prompt, "frames": 4, "fps": 8, "width": 128, "height": 128, "seed": 0}
    inputs |= {"profile": "scripted", **changes}
    return {
        "plan": {"class_type": "VideoDirectorPlanVideo", "inputs": inputs},
        **saved("plan", name),
    }


def saved(node, name):
    return {
        "saved": {
            "class_type": "VideoDirectorSavePlan",
            "inputs": {"plan": [node, 0], "filename_prefix": f"planner/{name}"},
        }
    }


def plan_of(server, name):
    """The last plan saved below a name."""
    return plan_io.load(sorted((server.base / "output" / "planner").glob(f"{name}_*.json"))[-1])


def forget(server):
    """Drop what the host has in memory, as a restart would."""
    request = json.dumps({"unload_models": True, "free_memory": True}).encode()
    OPENER.open(f"{server.url}/free", data=request, timeout=60).close()
    time.sleep(1)  # the host does it when its queue wakes up


@pytest.mark.parametrize("style", ["director", "scenes", "layout", "frames"])
async def test_every_style_makes_a_plan(server, client, ask, style):
    model = ask(anything)
    await client.run(job(f"style-{style}", style=style))
    plan = plan_of(server, f"style-{style}")
    assert {scene.frames for scene in plan.scenes} == {4}
    assert len(plan.scenes) == (1 if style == "frames" else 2)
    assert plan.prompt == PROMPT
    chats = [request for request in model.requests if request.path.endswith("/completions")]
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in chats)
    directions = {scene.camera.direction for scene in plan.scenes}
    assert directions == {"director": {"left"}, "scenes": {"up"}}.get(style, {"static"})
    assert bool(plan.scenes[0].layout) == (style in ("director", "layout"))
    assert (plan.scenes[0].frame_prompts is not None) == (style == "frames")


async def test_the_same_question_has_the_same_answer_for_ever(server, client, ask):
    model = ask([says(GOOD)])
    await client.run(job("kept", tone="kept"))
    forget(server)
    again = await client.run(job("kept", tone="kept"))
    assert "plan" in again.executed
    assert len(model.asked) == 1
    other = ask([says(directed(scene("beach"), scene("park")))])
    await client.run(job("kept", tone="kept", take=1))
    assert len(other.asked) == 1
    assert plan_of(server, "kept").scenes[0].prompt.endswith("beach")


BIG = "x" * 5_000_000
TROUBLES = {
    "broken JSON, then a good one": ([says(GOOD[:-40] + "]]"), says(GOOD)], None),
    "an enum that is none, then a good one": (
        [says(directed(scene("park", camera_speed="warp"), scene("beach"))), says(GOOD)],
        None,
    ),
    "missing brackets": ([says(GOOD[:-2])], None),
    "chatter and a fence": ([says(f"Sure!\n```json\n{GOOD}\n```\nEnjoy.")], None),
    "a stream that breaks, then a good one": ([says(GOOD[:90], drops=True), says(GOOD)], None),
    "busy, then a good one": ([fails(429, "slow down", {"Retry-After": "1"}), says(GOOD)], None),
    "broken, then a good one": ([fails(500, "oops"), says(GOOD)], None),
    "a slow drip": ([says(GOOD, piece=120, pause=0.05)], None),
    "a tool call": ([calls_tool(GOOD)], None),
    "no JSON mode": ([fails(400, "response_format is not supported")] * 2 + [says(GOOD)], None),
    "cut for ever": (lambda body: says(GOOD[:90], finish="length"), "cut|too long|max_tokens"),
    "no such model": ([fails(404, "model not found")], "scripted.*model"),
    "busy for ever": (lambda body: fails(429, "slow", {"Retry-After": "1"}), "429|busy|later"),
    "5 MB": (lambda body: says(BIG, piece=100_000), "too long|longer|large"),
    "a web page": (lambda body: sends("<html><body>Welcome</body></html>"), "web page|HTML|JSON"),
    "a refusal": (lambda body: refuses("I cannot help with that."), "I cannot help with that"),
    "nothing": (lambda body: says(""), "empty|nothing|no answer"),
}


@pytest.mark.parametrize("trouble", list(TROUBLES))
async def test_each_trouble_ends_in_a_plan_or_in_words(server, client, ask, trouble):
    script, words = TROUBLES[trouble]
    ask(script)
    name = f"trouble-{list(TROUBLES).index(trouble)}"
    began = time.monotonic()
    if words is None:
        await client.run(job(name, tone=trouble))
        assert len(plan_of(server, name).scenes) == 2
    else:
        with pytest.raises(JobError, match=f"Plan Video: (.|\n)*({words})"):
            await client.run(job(name, tone=trouble))
        assert not list((server.base / "output" / "planner").glob(f"{name}_*"))
    assert time.monotonic() - began < 90
    assert not list(server.base.rglob("*.part"))


async def test_only_the_broken_scene_is_asked_again(server, client, ask):
    wrong = scene("beach", camera_direction="sideways")
    model = ask([says(directed(scene("park"), wrong)), says(directed(scene("beach")))])
    await client.run(job("mended", tone="mended"))
    assert len(plan_of(server, "mended").scenes) == 2
    assert "scenes[1].camera_direction" in model.asked[1]["messages"][-1]["content"]


async def test_what_came_back_is_shown_when_no_answer_can_be_used(client, ask):
    ask(lambda body: says("I would rather talk about the weather."))
    with pytest.raises(JobError, match=r"Plan Video: .*asked 3 times(.|\n)*about the weather"):
        await client.run(job("failed", tone="failed"))


async def test_a_server_that_refuses_is_told_by_the_profiles_name(client, ask):
    ask([fails(401, f"wrong key {KEY}")])
    with pytest.raises(JobError, match="Plan Video: profile 'scripted': ") as caught:
        await client.run(job("refused", tone="refused"))
    assert KEY not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


async def test_an_interrupt_ends_a_model_that_hangs_within_a_second(client, ask):
    model = ask(lambda body: hangs())
    prompt_id = await client.queue(job("hangs", tone="hangs"))
    while not model.asked:
        time.sleep(0.05)
    began = time.monotonic()
    await client.interrupt(prompt_id)
    with pytest.raises(JobInterruptedError):
        await client.result(prompt_id)
    assert time.monotonic() - began < 5  # a second, and what a busy machine adds


@pytest.mark.parametrize("name", ["../scripted", "http://localhost", "nobody"])
async def test_a_workflow_can_only_name_a_profile(client, ask, name):
    model = ask(anything)
    with pytest.raises(PromptRejectedError, match=r"unknown; use one of offline, scripted"):
        await client.run(job("named", profile=name))
    assert not model.requests


async def test_addresses_and_keys_in_a_workflow_are_not_heeded(server, client, ask):
    with ScriptedServer(anything) as stranger:
        model = ask(anything)
        tricks = {"base_url": stranger.url, "key": "mine", "api_key": "mine", "profiles": "/tmp"}
        await client.run(job("tricks", tone="tricks", **tricks))
        assert not stranger.requests
    assert len(model.asked) == 1


async def test_the_key_is_nowhere_but_in_the_profile_file(server, client, ask):
    ask([fails(500, KEY), says("no plan"), says(GOOD)])
    workflow = job("secret", tone="secret")
    shown = {"class_type": "VideoDirectorPreviewPlan", "inputs": {"plan": ["plan", 0]}}
    picture = {
        "class_type": "SaveImage",
        "inputs": {"images": ["shown", 0], "filename_prefix": "planner/secret"},
    }
    result = await client.run({**workflow, "shown": shown, "picture": picture})
    ask(lambda body: fails(403, f"{KEY} is no key"))
    with pytest.raises(JobError):
        await client.run(job("secret", tone="secret", take=1))
    with OPENER.open(f"{server.url}/object_info", timeout=60) as reply:
        assert KEY.encode() not in reply.read()
    with OPENER.open(f"{server.url}/history", timeout=60) as reply:
        history = reply.read()
    assert result.prompt_id.encode() in history
    assert KEY.encode() not in history
    searched = [path for path in server.base.rglob("*") if path.is_file()]
    assert any(path.suffix == ".png" for path in searched)
    assert any("answers" in path.parts for path in searched)
    assert server.log_path in searched
    holders = {path.name for path in searched if KEY.encode() in path.read_bytes()}
    assert holders == {"video_director.toml"}


async def test_one_scene_is_planned_anew(server, client, ask):
    ask(anything)
    await client.run(job("before", tone="replan"))
    before = plan_of(server, "before")
    new = directed(scene("beach", prompt="A red corgi on a beach at night"))
    model = ask([says(json.dumps({**json.loads(new), "entities": [], "backgrounds": []}))])
    inputs = {"plan": ["plan", 0], "scene": "scene-2", "wish": "at night", "profile": "scripted"}
    graph = {**job("x", tone="replan"), **saved("again", "after")}
    graph["again"] = {"class_type": "VideoDirectorReplanScene", "inputs": inputs}
    await client.run(graph)
    after = plan_of(server, "after")
    assert after.scenes[0] == before.scenes[0]
    assert after.entities == before.entities
    assert after.scenes[1].prompt == "A red corgi on a beach at night"
    assert "at night" in model.asked[0]["messages"][-1]["content"]


async def test_frames_are_doubled_in_the_models_words(server, client, ask):
    ask(anything)
    graph = {**job("x", style="frames", tone="doubled"), **saved("double", "doubled")}
    graph["double"] = {
        "class_type": "VideoDirectorDoubleFrameRate",
        "inputs": {"plan": ["plan", 0], "times": 1, "profile": "scripted"},
    }
    await client.run(graph)
    prompts = plan_of(server, "doubled").scenes[0].frame_prompts
    assert prompts[1::2] == ["A red corgi between steps"] * 4


async def test_any_text_node_can_answer_the_planners_prompt(server, client):
    inputs = {"prompt": PROMPT, "frames": 4, "fps": 8, "width": 128, "height": 128}
    graph = {
        "asked": {"class_type": "VideoDirectorPlannerPrompt", "inputs": inputs},
        "text": {"class_type": "PreviewAny", "inputs": {"source": ["asked", 0]}},
        "plan": {
            "class_type": "VideoDirectorParsePlan",
            "inputs": {"text": f"Here you are:\n```json\n{GOOD}\n```", "frames": 4},
        },
        **saved("plan", "answered"),
    }
    result = await client.run(graph)
    (question,) = result.outputs["text"]["text"]
    assert PROMPT in question
    plan = plan_of(server, "answered")
    assert [scene.camera.direction for scene in plan.scenes] == ["left", "left"]
    assert plan.scenes[0].layout[0].boxes == {"corgi": tuple(BOX)}
