"""Only what changed is rendered again, seen in the server's events.

The server runs with the host's default cache, as a user's does.
"""

from io import BytesIO

import pytest
from PIL import Image
from video_director.host.errors import JobError

from .plan_jobs import plan_text, render_job, rendered_steps

CHAIN = {"scene", "positive", "sample", "decode"}


@pytest.fixture
def prompts(request):
    """Three scenes that no other test renders."""
    return [f"a {colour} ball in the {request.node.name}" for colour in ("red", "blue", "pink")]


async def test_editing_one_scene_renders_only_that_scene(client, prompts):
    first = await client.run(render_job(plan_text(prompts)))
    assert set(rendered_steps(first)) == {"s0", "s1", "s2"}
    edited = [prompts[0], "a green star at night", prompts[2]]
    second = await client.run(render_job(plan_text(edited)))
    assert rendered_steps(second) == {"s1": CHAIN}
    assert "load" not in second.executed
    frames = [await client.fetch(file) for file in second.files("frames")]
    before = [await client.fetch(file) for file in first.files("frames")]
    same = [a == b for a, b in zip(pixels(before), pixels(frames), strict=True)]
    assert same == [True, True, False, False, True, True]


async def test_moving_and_adding_scenes_renders_only_new_ones(client, prompts):
    await client.run(render_job(plan_text(prompts, ids=["a", "b", "c"])))
    moved = await client.run(render_job(plan_text(prompts[::-1], ids=["c", "b", "a"])))
    assert rendered_steps(moved) == {}
    more = [*prompts, "a yellow moon at night"]
    added = await client.run(render_job(plan_text(more, ids=["a", "b", "c", "d"])))
    assert set(rendered_steps(added)) == {"d"}


async def test_another_setting_renders_all_scenes_but_encodes_nothing(client, prompts):
    await client.run(render_job(plan_text(prompts)))
    again = await client.run(render_job(plan_text(prompts), cfg=2.0))
    assert set(rendered_steps(again)) == {"s0", "s1", "s2"}
    assert all(steps == {"sample", "decode"} for steps in rendered_steps(again).values())


async def test_nothing_changed_runs_nothing(client, prompts):
    await client.run(render_job(plan_text(prompts)))
    assert (await client.run(render_job(plan_text(prompts)))).executed == set()


def pixels(pngs):
    """Pictures without their metadata, which holds the workflow and so the edit."""
    return [Image.open(BytesIO(png)).tobytes() for png in pngs]


async def test_only_the_chosen_scenes_are_rendered(client):
    text = plan_text(["a pink star at night", "a green fish by the sea", "a red car in a meadow"])
    result = await client.run(render_job(text, only="s2, s0"))
    assert set(rendered_steps(result)) == {"s0", "s2"}
    assert len(result.files("frames")) == 4
    with pytest.raises(JobError, match="only names 's3', but the plan's scenes are s0, s1, s2"):
        await client.run(render_job(text, only="s3"))
