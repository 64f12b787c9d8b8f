"""A worker of a cluster on its machine, with a ComfyUI that is played; and how it gets there."""

import asyncio
import subprocess
import sys

import pytest
from video_director.host.errors import ClientError, JobError, PromptRejectedError, ServerError
from video_director.host.job import Event
from video_director.rendering.cluster import remote, worker
from video_director.rendering.runner.hosts import FinishedScene

ROOT = remote.Path(remote.__file__).parents[2]
CLIP = FinishedScene((b"clip",), {"format": "ffv1", "fps": 8}, 2.0)


class PlayedServer:
    """A ComfyUI as a process that runs until ``ends`` is called."""

    def __init__(self):
        self.url, self.process, self.code = "http://127.0.0.1:1", self, None

    def poll(self):
        return self.code

    def require_running(self):
        if self.code is not None:
            raise ServerError(f"ended with code {self.code}")


class PlayedHost:
    """Stands for the connection to it: renders what ``outcome`` says."""

    outcome, seconds, interrupted = CLIP, 0.0, 0

    def __init__(self, url):
        self.url, self.versions = url, {"comfyui": "1"}

    async def close(self):
        pass

    async def render(self, prompt, extra_data, on_event):
        on_event(Event("progress_state", {"nodes": {}}))
        on_event(Event("status", {}))
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            PlayedHost.interrupted += 1
            raise
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def servers(monkeypatch):
    """The servers that were started, in their order; PlayedHost is as new."""

    async def no_problems(*_):
        return []

    async def digests(urls, names):
        return dict.fromkeys(names, "1")

    for name, value in {"outcome": CLIP, "seconds": 0.0, "interrupted": 0}.items():
        monkeypatch.setattr(PlayedHost, name, value)
    monkeypatch.setattr(worker, "SceneHost", PlayedHost)
    monkeypatch.setattr(worker, "host_problems", no_problems)
    monkeypatch.setattr(worker, "digests_at", digests)
    return []


def worker_of(servers):
    def start(stack):
        servers.append(PlayedServer())
        return servers[-1]

    return worker.SceneWorker(start)


async def rendered(one):
    return [message async for message in one.render({}, {})]


async def test_a_scene_comes_back_as_plain_data_with_its_progress_before_it(servers):
    one = worker_of(servers)
    account = await one.ready({}, 0.0, ["a"], {"p.png": b"pixels"})
    assert account.pop("machine")
    assert account == {"problems": [], "versions": {"comfyui": "1"}, "models": {"a": "1"}}
    assert await rendered(one) == [
        {"kind": "event", "type": "progress_state", "data": {"nodes": {}}},
        {"kind": "clip", "files": [b"clip"], "told": CLIP.told, "seconds": 2.0},
    ]


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (PromptRejectedError("no", {}), "refused"),
        (JobError("no", {}), "job"),
        (ClientError("no"), "host"),
    ],
)
async def test_what_went_wrong_is_told_apart(servers, monkeypatch, error, fault):
    one = worker_of(servers)
    await one.ready({}, 0.0, [], {})
    monkeypatch.setattr(PlayedHost, "outcome", error)
    assert (await rendered(one))[-1] == {"kind": "failed", "fault": fault, "reason": "no"}


async def test_a_comfyui_that_ends_in_mid_scene_is_told_at_once_and_replaced(servers, monkeypatch):
    one = worker_of(servers)
    await one.ready({}, 0.0, [], {})
    await one.ready({}, 0.0, [], {})
    assert len(servers) == 1
    monkeypatch.setattr(PlayedHost, "seconds", 60)
    asyncio.get_running_loop().call_later(0.1, setattr, servers[0], "code", -9)
    messages = await asyncio.wait_for(rendered(one), 5)
    assert messages[-1] == {"kind": "failed", "fault": "host", "reason": "ended with code -9"}
    monkeypatch.setattr(PlayedHost, "seconds", 0)
    await one.ready({}, 0.0, [], {})
    assert len(servers) == 2
    assert (await rendered(one))[-1]["kind"] == "clip"


async def test_cancelling_interrupts_the_comfyui(servers, monkeypatch):
    one = worker_of(servers)
    await one.ready({}, 0.0, [], {})
    monkeypatch.setattr(PlayedHost, "seconds", 60)
    task = asyncio.ensure_future(rendered(one))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert PlayedHost.interrupted == 1


async def test_a_comfyui_that_does_not_start_is_a_problem_and_no_crash():
    def start(stack):
        raise ServerError("did not answer")

    assert await worker.SceneWorker(start).ready({}, 0.0, [], {}) == {
        "problems": ["did not answer"]
    }


async def test_a_worker_that_began_anew_asks_to_be_made_ready(monkeypatch):
    monkeypatch.delenv(remote.THREADS, raising=False)
    (message,) = [one async for one in remote.RemoteWorker(str(ROOT), None).render({}, {})]
    assert (message["kind"], message["fault"]) == ("failed", "host")


@pytest.mark.parametrize("threads", [None, "3"])
def test_comfyui_counts_with_the_threads_of_the_plain_run(monkeypatch, threads):
    monkeypatch.setenv(remote.THREADS, "1")  # as Ray does
    remote.RemoteWorker(str(ROOT), threads)
    assert remote.os.environ.get(remote.THREADS) == threads


def python(code, *arguments):
    """Run code in a Python that knows nothing of this pack, outside of its folder."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.stdout + done.stderr


FIND = """
import runpy, sys
module = runpy.run_path(sys.argv[1])
sys.prefix = sys.argv[2]
print(module["load_pack"](sys.argv[3]).SceneWorker, "ray" in sys.modules, sys.argv[3] in sys.path)
"""


def test_the_pack_is_found_on_a_machine_that_can_not_import_it(tmp_path):
    said = python(FIND, remote.__file__, tmp_path / "none" / ".venv", ROOT)
    assert "video_director.rendering.cluster.worker.SceneWorker'> False False" in said
    said = python(FIND, remote.__file__, ROOT / ".venv", tmp_path)
    assert "SceneWorker" in said


def test_a_machine_without_the_pack_says_what_to_do(tmp_path):
    said = python(FIND, remote.__file__, tmp_path / "none" / ".venv", tmp_path)
    assert f"no VideoDirector in {tmp_path / 'none'} or {tmp_path}" in said
    assert "start Ray from its .venv" in said


def test_rendering_needs_no_ray():
    code = (
        f"import sys; sys.argv = ['']; sys.path.insert(0, {str(ROOT)!r}); import director; "
        "director.register_package(); "
        "from video_director.rendering import render_plan, render_plan_on_ray; "
        "import video_director.rendering.render_command; print('ray' in sys.modules)"
    )
    assert python(code).strip() == "False"
