"""An interrupt ends a rendering within one sampling step, and the next prompt works."""

import pytest
from video_director.host.errors import JobInterruptedError

from .plan_jobs import plan_text, render_job, rendered_steps

LONG = 5000  # steps: many minutes of work, were it not interrupted


async def test_interrupt_stops_within_a_step_and_the_next_prompt_works(client):
    text = plan_text(["a red ball in a meadow", "a blue star at night"])
    prompt_id = await client.queue(render_job(text, steps=LONG))
    steps_after, interrupted = [], False
    async for event in client.events(prompt_id):
        if event.type == "progress" and event.data["max"] == LONG:
            if interrupted:
                steps_after.append(event.data["value"])
            elif event.data["value"] >= 3:
                await client.interrupt(prompt_id)
                interrupted = True
    assert interrupted
    # Events already on their way when the interrupt arrived are no further work.
    assert len(steps_after) < 20
    with pytest.raises(JobInterruptedError, match="VideoDirectorRenderPlan"):
        await client.result(prompt_id)

    result = await client.run(render_job(text))
    assert set(rendered_steps(result)) == {"s0", "s1"}
    assert len(result.files("frames")) == 4


async def test_a_finished_scene_survives_the_interrupt_of_a_later_one(client):
    text = plan_text(["a green tree in the snow", "a pink moon in the desert"])
    prompt_id = await client.queue(render_job(text, steps=30))
    async for event in client.events(prompt_id):
        if event.type == "executing" and event.data.get("node") == "render.0.0.s1.sample":
            await client.interrupt(prompt_id)
    with pytest.raises(JobInterruptedError):
        await client.result(prompt_id)
    result = await client.run(render_job(text, steps=30))
    assert set(rendered_steps(result)) == {"s1"}
