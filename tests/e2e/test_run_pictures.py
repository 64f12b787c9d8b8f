"""What Render Plan renders can be seen through the pack's routes, scene by scene."""

import json
from io import BytesIO

import aiohttp
import numpy as np
import pytest
from PIL import Image
from video_director.planning import plan_io
from video_director.planning.edits import plan_hash
from video_director.rendering.film_strip import arrange_strip

from .plan_jobs import plan_text, render_job

EVENT = "video_director_run"
PROMPTS = ["a red ball in the {}", "a blue star at night in the {}"]


class Looker:
    """What a page would do: queue, listen, look at pictures."""

    def __init__(self, server, client, session):
        self.server, self.client, self.session = server, client, session
        self.heard = []

    async def render(self, text, **inputs):
        """Render a plan; its run, what the job made, and how many scenes each event told of."""
        self.heard.clear()
        events = []
        result = await self.client.run(render_job(text, **inputs), on_event=events.append)
        self.heard = [event.data for event in events if event.type == EVENT]
        (told,) = result.outputs["render"][EVENT]
        told = json.loads(told)
        assert told["plan"] == plan_hash(plan_io.loads(text))
        return told["run"], result

    async def get(self, path, status=200):
        async with self.session.get(f"{self.server.url}/video_director/runs/{path}") as answer:
            assert answer.status == status
            return await answer.read()

    def strip(self, result, node):
        """The picture that a node shows on itself."""
        (file,) = result.files(node)
        assert file.type == "temp"
        return file

    async def described(self, run):
        return json.loads(await self.get(run))["scenes"]

    async def assert_shows(self, run, result, take=1):
        """The pictures of a run are the frames of a job."""
        frames = [await self.client.fetch(file) for file in result.files("frames")]
        place = 0
        for scene in await self.described(run):
            for frame in range(scene["frames"]):
                shown = await self.get(f"{run}/{scene['id']}/{scene['used']}/{frame}")
                values = [
                    np.asarray(Image.open(BytesIO(one)).convert("RGB"), float)
                    for one in (shown, frames[place])
                ]
                assert values[0].shape == values[1].shape
                assert abs(values[0] - values[1]).mean() < 4
                place += 1
        assert place == len(frames)


@pytest.fixture
async def looker(server, client):
    async with aiohttp.ClientSession() as session:
        yield Looker(server, client, session)


@pytest.fixture
def prompts(request):
    """Two scenes that no other test renders."""
    return [prompt.format(request.node.name) for prompt in PROMPTS]


async def test_pictures_without_a_folder_are_the_frames_also_out_of_the_cache(looker, prompts):
    run, result = await looker.render(plan_text(prompts))
    assert [told["run"] for told in looker.heard] == [run, run]
    await looker.assert_shows(run, result)
    # The plan is another one and its first scene the same: nothing of that one runs again.
    other, changed = await looker.render(plan_text([prompts[0], "a yellow moon in the snow"]))
    assert other != run
    await looker.assert_shows(other, changed)
    await looker.assert_shows(run, result)
    # All of its scenes are the same.
    renamed = json.loads(plan_text(prompts))
    renamed["prompt"] = "nothing that is drawn"
    third, same = await looker.render(json.dumps(renamed))
    assert not {node for node in same.executed if node.endswith((".sample", ".decode"))}
    await looker.assert_shows(third, same)
    # Nothing at all is new: the host says again what it said.
    fourth, _ = await looker.render(json.dumps(renamed))
    assert fourth == third


async def test_pictures_of_a_run_folder_are_those_of_its_takes(looker, prompts):
    text, name = plan_text(prompts), "runs/pictures"
    run, result = await looker.render(text, run_folder=name)
    assert [told["run"] for told in looker.heard] == [run, run]
    await looker.assert_shows(run, result)
    again, kept = await looker.render(text, run_folder=name)
    assert looker.heard == []
    await looker.assert_shows(again, kept)
    third, more = await looker.render(text, run_folder=name, render="again")
    scenes = await looker.described(third)
    assert [scene["used"] for scene in scenes] == [2, 2]
    assert [take["take"] for take in scenes[0]["takes"]] == [1, 2]
    await looker.assert_shows(third, more)
    await looker.get(f"{third}/s0/1/0")
    await looker.get(f"{third}/s0/3/0", status=404)


async def test_one_scene_alone_is_a_run_of_that_scene(looker, prompts):
    run, result = await looker.render(plan_text(prompts), only="s1")
    assert [scene["id"] for scene in await looker.described(run)] == ["s1"]
    await looker.assert_shows(run, result)


async def test_the_host_has_the_routes(looker):
    url = f"{looker.server.url}/video_director"
    async with looker.session.get(f"{url}/labels") as answer:
        assert len(await answer.json()) == 400
    async with looker.session.post(f"{url}/lint", data=plan_text(["x"])) as answer:
        assert answer.status == 200
    async with looker.session.post(f"{url}/digests", json={"names": []}) as answer:
        assert answer.status == 200
    headers = {"Origin": "http://evil.test"}
    async with looker.session.get(f"{url}/labels", headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("folder", ["", "runs/strips"])
async def test_render_plan_and_join_scenes_show_film_strips(looker, prompts, folder):
    text = plan_text(prompts)
    _, result = await looker.render(text, run_folder=folder)
    strips = [looker.strip(result, "render"), looker.strip(result, "join")]
    told = [outputs["images"] for outputs in result.outputs.values() if "images" in outputs]
    assert told.count(result.outputs["render"]["images"]) == 2, "at its begin and at its end"
    frames = [await looker.client.fetch(file) for file in result.files("frames")]
    for strip in strips:
        strip = Image.open(BytesIO(await looker.client.fetch(strip))).convert("RGB")
        for number, card in enumerate(arrange_strip(2, (128, 128))):
            for place, panel in zip((0, 0, 1), card.panels, strict=True):
                frame = Image.open(BytesIO(frames[2 * number + place]))
                shown = strip.crop(panel)
                wanted = np.asarray(frame.resize(shown.size, Image.Resampling.LANCZOS), float)
                assert abs(np.asarray(shown) - wanted).mean() < 2
    # A job in which nothing is new shows the same; with a folder it looks again at what is there.
    _, again = await looker.render(text, run_folder=folder)
    same = [looker.strip(again, "render"), looker.strip(again, "join")]
    assert (same == strips) is not bool(folder)
    content = [await looker.client.fetch(strip) for strip in (*strips, *same)]
    assert content[0] == content[2]
    assert content[1] == content[3]
