"""The host that ``demo`` starts for itself, with a stand-in for ComfyUI."""

import io
import re
import time

import psutil
import pytest
from video_director.host.console import Console
from video_director.host.errors import ClientError, ServerError
from video_director.host.setup import Places
from video_director.rendering import video_job


@pytest.fixture
def own_host(make_host, tmp_path, monkeypatch):
    """Open the context in which a job runs, in a project folder of its own."""
    monkeypatch.setenv("COMFYUI_PATH", str(make_host()))
    places = Places(tmp_path / "project")
    monkeypatch.setattr(video_job, "Places", lambda: places)
    said = io.StringIO()
    return video_job.running_host(None, Console(said)), places.work / "runs", said


def pids(runs):
    (base,) = runs.iterdir()
    return [int(pid) for pid in (base / "pids").read_text().split()]


def test_it_is_announced_at_launch_and_gone_afterwards(own_host):
    context, runs, said = own_host
    with context as url:
        launched, ready = said.getvalue().splitlines()
        assert launched.startswith(f"ComfyUI launched ({url})")
        assert re.match(r"ComfyUI ready after \d+\.\d s", ready)
        started = pids(runs)
    assert not any(psutil.pid_exists(pid) for pid in started[:1])
    assert not list(runs.iterdir())


def test_a_host_that_dies_during_the_job_is_named_as_the_cause(own_host):
    context, runs, _ = own_host

    def job():
        with context:
            host = psutil.Process(pids(runs)[0])
            host.kill()
            while host.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
            raise ClientError("it does not answer any more")

    with pytest.raises(ServerError, match=r"(?s)ended with code -9.*the fake host starts"):
        job()
    (base,) = runs.iterdir()
    assert (base / "host.log").exists()  # the message names it


def test_another_error_of_the_job_stays_what_it_was(own_host):
    context, _, _ = own_host

    def job():
        with context:
            raise ClientError("node 3 failed")

    with pytest.raises(ClientError, match="node 3 failed"):
        job()
