"""Render Plan with a run folder: nothing rendered twice, nothing lost."""

import io
import json
import shutil

import av
import numpy as np
import pytest
from video_director.host.errors import JobError
from video_director.miniature.autoencoder import LATENT_CHANNELS
from video_director.rendering.clip_latents import read_latents
from video_director.rendering.run_folder import RunFolder

from .plan_jobs import plan_text, render_job, rendered_steps
from .test_caching import pixels

PROMPTS = ["a red ball in a meadow", "a blue star at night", "a pink moon in the snow"]


@pytest.fixture
def name(request):
    """A run folder of this test alone."""
    return f"runs/{request.node.name}"


@pytest.fixture
def folder(server, name):
    """Where it is."""
    return server.base / "output" / name


async def shown(client, result):
    """The pixels of a job's frames."""
    return pixels([await client.fetch(file) for file in result.files("frames")])


async def test_what_is_kept_is_not_rendered_again(server, client, name, folder):
    text = plan_text(PROMPTS)
    first = await client.run(render_job(text, run_folder=name))
    assert set(rendered_steps(first)) == {"s0", "s1", "s2"}
    before = {path: path.read_bytes() for path in folder.rglob("*.mkv")}
    assert len(before) == 3
    changed = plan_text([PROMPTS[0], "a green fish by the sea", PROMPTS[2]])
    second = await client.run(render_job(changed, run_folder=name))
    assert set(rendered_steps(second)) == {"s1"}
    run = RunFolder.open(folder)
    assert [len(run.takes(scene)) for scene in ("s0", "s1", "s2")] == [1, 2, 1]
    assert run.manifest.plan.scenes[1].prompt == "a green fish by the sea"
    assert all(path.read_bytes() == content for path, content in before.items())
    frames = [await shown(client, result) for result in (first, second)]
    assert [a == b for a, b in zip(*frames, strict=True)] == [True] * 2 + [False] * 2 + [True] * 2
    back = await client.run(render_job(text, run_folder=name))
    assert rendered_steps(back) == {}
    assert await shown(client, back) == frames[0]


async def test_kept_frames_are_the_rendered_ones(client, name):
    text = plan_text(PROMPTS[:1])
    plain = await client.run(render_job(text, steps=4))
    kept = await client.run(render_job(text, steps=4, run_folder=name))
    pairs = zip(await shown(client, kept), await shown(client, plain), strict=True)
    for ours, hosts in pairs:  # the host cuts off what we round
        values = [np.frombuffer(one, np.uint8).astype(int) for one in (ours, hosts)]
        assert abs(values[0] - values[1]).max() <= 1


async def test_a_video_of_kept_scenes_is_joined_without_their_frames_in_memory(client, name):
    job = render_job(plan_text(PROMPTS[:2], frames=3), run_folder=name)
    del job["frames"]  # so that nothing looks at the frames
    result = await client.run(job)
    (file,) = result.files("video")
    with av.open(io.BytesIO(await client.fetch(file))) as video:
        assert video.streams.video[0].average_rate == 8
        assert sum(1 for _ in video.decode(video=0)) == 6
        assert json.loads(video.metadata["prompt"])["render"]


async def test_another_rate_renders_nothing(client, name):
    await client.run(render_job(plan_text(PROMPTS[:2], fps=8), run_folder=name))
    again = await client.run(render_job(plan_text(PROMPTS[:2], fps=12), run_folder=name))
    assert rendered_steps(again) == {}


@pytest.mark.parametrize("change", [{"steps": 4}, {"cfg": 5.0}, {"seed": 9}, {"negative": "blue"}])
async def test_other_settings_render_all(client, name, change):
    text = plan_text(PROMPTS[:1], ids=["one"])
    await client.run(render_job(text, run_folder=name))
    again = await client.run(render_job(text, run_folder=name, **change))
    assert set(rendered_steps(again)) == {"one"}


async def test_another_text_encoder_renders_all(client, name):
    job = render_job(plan_text(PROMPTS[:2]), run_folder=name)
    await client.run(job)
    renderer = next(n for n in job.values() if n["class_type"] == "VideoDirectorRenderPlan")
    inputs = {"clip": renderer["inputs"]["clip"], "stop_at_clip_layer": -2}
    job["other"] = {"class_type": "CLIPSetLastLayer", "inputs": inputs}
    renderer["inputs"]["clip"] = ["other", 0]
    again = await client.run(job)
    assert set(rendered_steps(again)) == {"s0", "s1"}


async def test_latents_are_kept_beside_the_frames_when_asked_for(client, name, folder):
    text = plan_text(PROMPTS[:1])
    await client.run(render_job(text, run_folder=name, keep_latents=True))
    (place,) = folder.rglob("frames.latent")
    latents, _ = read_latents(place)
    (take,) = RunFolder.open(folder).takes("s0")
    assert latents.shape == (take.frames, LATENT_CHANNELS, 16, 16)
    assert set(take.files) == {"clip.mkv", "frames.latent"}
    again = await client.run(render_job(text, run_folder=name))  # they change no pixel
    assert rendered_steps(again) == {}


async def test_one_take_more_is_another_one_and_older_ones_stay(client, name, folder):
    text = plan_text(PROMPTS[:2])
    first = await client.run(render_job(text, run_folder=name))
    more = await client.run(render_job(text, run_folder=name, render="again", only="s1"))
    assert set(rendered_steps(more)) == {"s1"}
    run = RunFolder.open(folder)
    assert [len(run.takes(scene)) for scene in ("s0", "s1")] == [1, 2]
    assert len({take.seed for take in run.takes("s1")}) == 2
    newest = await client.run(render_job(text, run_folder=name))
    assert rendered_steps(newest) == {}
    assert (await shown(client, newest))[2:] == await shown(client, more)
    with run.lock():
        run.choose("s1", 1)
    chosen = await client.run(render_job(text, run_folder=name))
    assert await shown(client, chosen) == await shown(client, first)


async def test_takes_are_named_by_number_also_where_the_plan_has_changed(client, name, folder):
    before = plan_text(PROMPTS[:2])
    first = await client.run(render_job(before, run_folder=name))
    after = plan_text([PROMPTS[0], PROMPTS[2]])
    second = await client.run(render_job(after, run_folder=name))
    old, new = [await shown(client, result) for result in (first, second)]
    named = await client.run(render_job(after, run_folder=name, takes="s1:1"))
    assert rendered_steps(named) == {}
    assert await shown(client, named) == old
    # What is named is not rendered, and is not remembered by the folder.
    again = await client.run(render_job(after, run_folder=name, takes="s1:1", render="again"))
    assert set(rendered_steps(again)) == {"s0"}
    assert (await shown(client, again))[2:] == old[2:]
    unnamed = await client.run(render_job(after, run_folder=name, takes="s0:1"))
    assert await shown(client, unnamed) == new
    run = RunFolder.open(folder)
    with run.lock():
        run.choose("s0", 1)
    latest = await client.run(render_job(after, run_folder=name, takes="s0:latest"))
    assert await shown(client, latest) == (await shown(client, again))[:2] + new[2:]


async def test_what_would_not_work_is_told_before_the_first_step(client, name):
    text = plan_text(PROMPTS[:2])
    await client.run(render_job(text, run_folder=name))
    wrong = {"takes": "s0:7, s9:1", "only": "s0, s8", "height": 64, "steps": 4}
    with pytest.raises(JobError) as caught:
        await client.run(render_job(text, run_folder=name, **wrong))
    told = str(caught.value)
    assert "Render Plan: nothing was rendered" in told
    assert "takes: Scene 's0' has no take 7; its takes: 1." in told
    assert "takes: a take of scene 's9' is named, but the plan's scenes are s0, s1" in told
    assert "only names 's8'" in told
    small = {"takes": "s0:1", "height": 64}
    with pytest.raises(JobError, match="take 1 of scene s0 is 128x128, and .* 128x64"):
        await client.run(render_job(text, run_folder=name, **small))


async def test_what_is_damaged_or_gone_is_rendered_again(client, name, folder):
    text = plan_text(PROMPTS[:2])
    first = await client.run(render_job(text, run_folder=name))
    clip = next((folder / "scenes" / "s0").rglob("*.mkv"))
    clip.write_bytes(clip.read_bytes()[:-7])
    shutil.rmtree(folder / "scenes" / "s1")
    again = await client.run(render_job(text, run_folder=name))
    assert await shown(client, again) == await shown(client, first)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["scenes"]) == {"s0", "s1"}


@pytest.mark.parametrize("bad", ["../elsewhere", "/tmp/elsewhere", "runs/../../elsewhere"])
async def test_a_run_folder_cannot_leave_the_output_folder(client, bad):
    with pytest.raises(JobError, match="Render Plan: run_folder: .*(up with|not relative)"):
        await client.run(render_job(plan_text(PROMPTS[:1]), run_folder=bad))
