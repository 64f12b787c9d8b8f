"""Render Plan follows its own scenes, in its own job, and only where somebody listens."""

import re
from types import SimpleNamespace

import pytest
from comfy_execution.graph import DynamicPrompt
from comfy_execution.progress import get_progress_state, reset_progress_state
from server import PromptServer
from video_director.nodes import plan_progress
from video_director.nodes.render_nodes import RenderPlan

from .test_scene_nodes import expansion, make_plan, make_scene


class Listener:
    """Stands for the server of one job's client."""

    def __init__(self, client="me"):
        self.client_id = client
        self.told = []

    def send_progress_text(self, text, node_id, sid):
        self.told.append((node_id, text))
        assert sid == self.client_id


@pytest.fixture
def job(monkeypatch):
    """Begins a job of the host's; returns what listens and a Render Plan of the job."""

    def begin(client="me", nodes=("r",)):
        listener = Listener(client)
        monkeypatch.setattr(PromptServer, "instance", listener, raising=False)
        prompt = DynamicPrompt({node: {"class_type": "x", "inputs": {}} for node in nodes})
        reset_progress_state("job", prompt)

        def follow(node, plan, kept=()):
            graph, _ = expansion(plan)
            graph = {f"{node}{name.removeprefix('r')}": inputs for name, inputs in graph.items()}
            hidden = SimpleNamespace(unique_id=node, dynprompt=prompt)
            plan_progress.show_progress(hidden, plan.scenes, graph, dict.fromkeys(kept, "take 1"))

        return listener, follow, get_progress_state()

    yield begin
    reset_progress_state("", DynamicPrompt({}))


def sample(state, node_id, steps=2):
    state.start_progress(node_id)
    for step in range(1, steps + 1):
        state.update_progress(node_id, step, steps)
    state.finish_progress(node_id)


def test_steps_are_told_on_render_plan(job):
    listener, follow, state = job()
    follow("r", make_plan(make_scene("a"), make_scene("b")))
    sample(state, "r.0.0.a.positive")
    assert not listener.told
    sample(state, "r.0.0.a.sample")
    state.finish_progress("r.0.0.a.collect")
    sample(state, "r.0.0.b.sample")
    state.finish_progress("r.0.0.b.collect")
    state.finish_progress("r")
    assert {node for node, _ in listener.told} == {"r"}
    texts = [re.sub(", (up to )?about .*", "", text) for _, text in listener.told]
    assert texts == [
        *[f"scene {place} of 2, step {step} of 2" for place in (1, 2) for step in (1, 2)],
        "2 scenes: 2 rendered (a, b)",
    ]
    assert "up to about" in listener.told[0][1]
    assert ", about" in listener.told[2][1]


def test_scenes_from_a_cache_are_told_as_unchanged(job):
    listener, follow, state = job()
    follow("r", make_plan(make_scene("a"), make_scene("b")))
    for node_id in ("r.0.0.a.sample", "r.0.0.a.collect", "r.0.0.b.collect", "r"):
        state.finish_progress(node_id)
    assert listener.told == [("r", "2 scenes: 2 unchanged")]


def test_a_scene_from_a_cache_is_left_out_of_the_time(job):
    listener, follow, state = job()
    follow("r", make_plan(make_scene("a"), make_scene("b")))
    state.finish_progress("r.0.0.b.collect")
    sample(state, "r.0.0.a.sample")
    assert "left" in listener.told[0][1]
    assert "up to" not in listener.told[0][1]


def test_two_render_plans_tell_their_own_scenes(job):
    listener, follow, state = job(nodes=("r", "t"))
    follow("r", make_plan(make_scene("a")))
    follow("t", make_plan(make_scene("a"), make_scene("b")))
    sample(state, "r.0.0.a.sample", steps=1)
    sample(state, "t.0.0.b.sample", steps=1)
    assert [(node, text.partition(", step")[0]) for node, text in listener.told] == [
        ("r", "scene 1 of 1"),
        ("t", "scene 2 of 2"),
    ]


def test_a_job_leaves_nothing_to_the_next(job):
    first, follow, state = job()
    follow("r", make_plan(make_scene("a")))
    state.start_progress("r.0.0.a.sample")  # and there it is interrupted
    second, _, state = job()
    sample(state, "r.0.0.a.sample")
    assert not state.handlers
    assert not first.told
    assert not second.told


def test_where_nobody_listens_nothing_is_followed(job, monkeypatch):
    _, follow, state = job(client=None)
    follow("r", make_plan(make_scene("a")))
    assert not state.handlers
    monkeypatch.delattr(PromptServer, "instance")
    follow("r", make_plan(make_scene("a")))
    assert not state.handlers


def test_render_plan_is_told_its_own_id():
    assert {"UNIQUE_ID", "DYNPROMPT"} <= {entry.value for entry in RenderPlan.GET_SCHEMA().hidden}
