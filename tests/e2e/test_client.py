"""The API client against a real host, with cheap core nodes only."""

import asyncio
import time

import pytest
from video_director.host.client import Client
from video_director.host.errors import (
    ClientError,
    JobError,
    JobInterruptedError,
    PromptRejectedError,
)
from video_director.host.job import OutputFile


def image_job(seed=0, width=64, batch=1):
    """An image of one colour, previewed; a new seed is a new colour, so nothing is cached."""
    image = {"width": width, "height": 32, "batch_size": batch, "color": seed}
    return {
        "1": {"class_type": "EmptyImage", "inputs": image},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }


def slow_job(seed):
    """Seconds of work that an interrupt must cut short: node after node, each far too short."""
    job = image_job(seed, width=512)
    job["1"]["inputs"]["height"] = 512
    previous = "1"
    for number in range(10, 90):
        inputs = {"image": [previous, 0], "blur_radius": 20, "sigma": 5.0}
        previous = str(number)
        job[previous] = {"class_type": "ImageBlur", "inputs": inputs}
    job["2"]["inputs"]["images"] = [previous, 0]
    return job


async def test_runs_fetches_and_reports_every_node(client):
    events = []
    result = await client.run(image_job(0x112233, batch=3), on_event=events.append)
    assert result.executed == {"1", "2"}
    assert result.cached == set()
    files = result.files("2")
    assert len(files) == 3
    assert (await client.fetch(files[0])).startswith(b"\x89PNG")
    assert events[-1].type == "execution_success"
    states = [e.data["nodes"] for e in events if e.type == "progress_state"]
    assert states[-1]["1"]["state"] == states[-1]["2"]["state"] == "finished"
    assert 0 < result.seconds < 60


async def test_names_what_came_from_the_cache(client):
    await client.run(image_job(0x445566))
    again = await client.run(image_job(0x445566))
    assert again.cached == {"1", "2"}
    assert again.executed == set()
    assert len(again.files("2")) == 1


async def test_refused_workflow_names_node_and_input(client):
    with pytest.raises(PromptRejectedError, match=r"node 1 \(EmptyImage\).*width") as caught:
        await client.run(image_job(width=-5))
    assert caught.value.node_errors["1"]["class_type"] == "EmptyImage"


async def test_half_valid_workflow_is_refused_too(client):
    bad = image_job(width=-5)
    job = image_job(7) | {
        "3": bad["1"] | {"_meta": {"title": "The Wrong One"}},
        "4": {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}},
    }
    with pytest.raises(PromptRejectedError, match=r"(?s)part of .*node 3 \(The Wrong One\).*width"):
        await client.run(job)
    assert (await client.run(image_job(8))).executed == {"1", "2"}


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        ({}, "no outputs"),
        ({"1": {"class_type": "NoSuchNode", "inputs": {}}}, "NoSuchNode"),
        ({"1": {"inputs": {}}}, "class_type"),
    ],
)
async def test_other_refusals_say_why(client, workflow, said):
    with pytest.raises(PromptRejectedError, match=said):
        await client.run(workflow)


async def test_failing_node_is_named_with_its_reason(client, server):
    upload = await client.upload("not a picture.png", b"these bytes are no picture")
    job = image_job() | {"1": {"class_type": "LoadImage", "inputs": {"image": upload.filename}}}
    with pytest.raises(JobError, match=r"node 1 \(LoadImage\).*Error: \S") as caught:
        await client.run(job)
    assert caught.value.details["node_id"] == "1"
    assert (await client.run(image_job(9))).executed == {"1", "2"}


async def test_upload_comes_back_byte_for_byte_and_is_replaced(client):
    first = await client.upload("note.txt", b"one", subfolder="client test")
    second = await client.upload("note.txt", b"two", subfolder="client test")
    assert first == second == OutputFile("note.txt", "client test", "input")
    assert await client.fetch(second) == b"two"


async def test_missing_file_is_an_error(client):
    with pytest.raises(ClientError, match="no file 'nothing.png'"):
        await client.fetch(OutputFile("nothing.png", "", "output"))


async def test_interrupt_stops_a_running_job_and_the_next_works(client):
    started = asyncio.Event()

    def on_event(event):
        if event.type == "executing" and event.data["node"] == "10":
            started.set()

    prompt_id = await client.queue(slow_job(11))

    async def follow():
        seen = [event async for event in _tell(client.events(prompt_id), on_event)]
        await client.result(prompt_id)
        return seen

    following = asyncio.create_task(follow())
    await asyncio.wait_for(started.wait(), 60)
    await client.interrupt(prompt_id)
    with pytest.raises(JobInterruptedError, match="interrupted in node"):
        await asyncio.wait_for(following, 60)
    assert (await client.run(image_job(12))).executed == {"1", "2"}


async def _tell(events, on_event):
    async for event in events:
        on_event(event)
        yield event


async def test_cancelling_interrupts_the_host(client):
    """What Ctrl-C does."""
    running = asyncio.Event()

    def on_event(event):
        if event.type == "executing":
            running.set()

    job = asyncio.create_task(client.run(slow_job(13), on_event=on_event))
    await asyncio.wait_for(running.wait(), 60)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await asyncio.wait_for(client.run(image_job(14)), 60)).executed == {"1", "2"}


async def test_interrupt_takes_a_waiting_job_out_of_the_queue(client):
    first = await client.queue(slow_job(15))
    second = await client.queue(image_job(16))
    await client.interrupt(second)
    await client.interrupt(first)
    with pytest.raises(JobInterruptedError):
        await client.result(first)
    with pytest.raises(ClientError, match="knows nothing"):
        await client.result(second)


async def test_dropped_socket_falls_back_on_history(client):
    dropped = False

    async def drop(event):
        nonlocal dropped
        if event.type == "executing" and not dropped:
            dropped = True
            await client._socket.close()

    prompt_id = await client.queue(image_job(17, batch=20))
    seen = []
    async for event in client.events(prompt_id):
        seen.append(event)
        await drop(event)
    assert dropped
    assert seen[-1].type == "execution_success"
    assert len((await client.result(prompt_id)).files("2")) == 20


async def test_two_clients_see_their_own_events(client, server):
    async with Client(server.url) as other:
        events = []
        await asyncio.gather(
            client.run(image_job(18), on_event=events.append), other.run(image_job(19))
        )
    assert len({event.data["prompt_id"] for event in events}) == 1


async def test_no_host_there_says_what_to_do():
    begin = time.monotonic()
    with pytest.raises(ClientError, match=r"No ComfyUI answers at .*director.py serve"):
        async with Client("http://127.0.0.1:9"):
            pass
    assert time.monotonic() - begin < 30
