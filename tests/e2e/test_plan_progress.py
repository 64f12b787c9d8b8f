"""Render Plan's text while its scenes are sampled, as the host sends it to a browser."""

import struct

import aiohttp
import pytest
from video_director.host.client import Client

from .plan_jobs import plan_text, render_job

PROMPTS = ["a red ball in a meadow", "a blue star at night", "a pink moon in the snow"]
TEXT = 3  # protocol.BinaryEventTypes.TEXT of the host


class Listening(Client):
    """A client that keeps the texts it is sent, by node."""

    def __init__(self, url):
        super().__init__(url)
        self.texts = []

    async def _connect(self):
        socket = await super()._connect()
        receive = socket.receive

        async def heard(*arguments, **named):
            message = await receive(*arguments, **named)
            if message.type is aiohttp.WSMsgType.BINARY:
                self._note(message.data)
            return message

        socket.receive = heard
        return socket

    def _note(self, data):
        (kind, length) = struct.unpack(">II", data[:8])
        if kind == TEXT:
            self.texts.append((data[8 : 8 + length].decode(), data[8 + length :].decode()))

    def take(self, node):
        """Texts for a node since the last look."""
        found = [text for name, text in self.texts if name == node]
        self.texts = []
        return found


@pytest.fixture
async def browser(server):
    async with Listening(server.url) as connected:
        yield connected


def places(texts):
    """Scene, step and steps of the texts that tell them."""
    split = [text.replace(",", "").split() for text in texts if text.startswith("scene ")]
    return [(int(w[1]), int(w[5]), int(w[7])) for w in split if w[2] == "of"]


async def test_every_step_of_every_scene_is_told_on_render_plan(browser):
    await browser.run(render_job(plan_text(PROMPTS, ids=["t0", "t1", "t2"])))
    texts = browser.take("render")
    told = places(texts)
    assert {(scene, 3, 3) for scene in (1, 2, 3)} <= set(told)
    assert len(set(told)) == len(told)
    assert any(text.endswith(" left") for text in texts)
    assert texts[-1].startswith("3 scenes: 3 rendered (")

    changed = plan_text([PROMPTS[0], "a green fish", PROMPTS[2]], ids=["t0", "t1", "t2"])
    await browser.run(render_job(changed))
    texts = browser.take("render")
    assert {scene for scene, _, _ in places(texts)} == {2}
    assert texts[-1] == "3 scenes: 1 rendered (t1), 2 unchanged"


async def test_scenes_of_a_run_folder_are_told_with_their_takes(browser):
    folder = {"run_folder": "runs/told"}
    await browser.run(render_job(plan_text(PROMPTS[:2]), **folder))
    browser.take("render")
    await browser.run(render_job(plan_text([PROMPTS[0], PROMPTS[2]]), **folder))
    texts = browser.take("render")
    assert {scene for scene, _, _ in places(texts)} == {2}
    assert any(text.startswith("scene s1 is kept as take 2") for text in texts)
    assert texts[-1] == "2 scenes: 1 rendered (s1), 1 from the run folder (s0: take 1)"
    await browser.run(render_job(plan_text([PROMPTS[0], PROMPTS[2]]), **folder, takes="s1:1"))
    assert browser.take("render")[-1] == (
        "2 scenes: 2 from the run folder (s0: take 1; s1: take 1 (the newest is 2, rendered before "
        "plan or settings changed))"
    )


async def test_two_render_plans_tell_their_own_scenes(browser):
    job = render_job(plan_text(PROMPTS[:1], ids=["only"]), seed=21)
    second = render_job(plan_text(PROMPTS[1:], ids=["p0", "p1"]), seed=22)
    for name, node in second.items():
        links = {
            key: [f"2{value[0]}", value[1]] if isinstance(value, list) else value
            for key, value in node["inputs"].items()
        }
        job[f"2{name}"] = {**node, "inputs": links}
    await browser.run(job)
    texts = list(browser.texts)
    assert [text for name, text in texts if name == "render"][-1] == "1 scene: 1 rendered (only)"
    last = [text for name, text in texts if name == "2render"][-1]
    assert last.startswith("2 scenes: 2 rendered (")


async def test_an_interrupted_job_says_nothing_in_the_next(browser):
    job = render_job(plan_text(PROMPTS, ids=["u0", "u1", "u2"]), steps=60)
    prompt_id = await browser.queue(job)
    async for event in browser.events(prompt_id):
        if event.type == "progress":
            await browser.interrupt(prompt_id)
    assert places(browser.take("render"))
    await browser.run(render_job(plan_text(PROMPTS[:1], ids=["v0"])))
    texts = browser.take("render")
    assert {scene for scene, _, _ in places(texts)} == {1}
    assert all(" of 1," in text for text in texts[:-1])
    assert texts[-1] == "1 scene: 1 rendered (v0)"
