"""Who renders what: the scheduling of scenes over hosts, with clients that play hosts."""

import asyncio
from collections import Counter

import pytest
from video_director.host.errors import ClientError, JobError, PromptRejectedError
from video_director.host.job import Event, JobResult
from video_director.rendering.runner import hosts as hosts_module
from video_director.rendering.runner.dispatch import Dispatcher
from video_director.rendering.runner.events import TimeLeft
from video_director.rendering.runner.hosts import SceneHost
from video_director.rendering.runner.scene_job import SAVER_ID
from video_director.rendering.runner.scene_queue import SceneQueue

SCENES = ["s0", "s1", "s2", "s3"]


class PlayedHost:
    """Stands for one host: what happens to each job there is said by ``play``."""

    def __init__(self, play=None, *, up=True):
        self.play = play or {}
        self.up = up
        self.jobs = []
        self.interrupted = []

    def connect(self, url):
        return PlayedClient(self, url)

    async def job(self, scene, on_event):
        self.jobs.append(scene)
        nth = self.jobs.count(scene)
        happening = self.play.get(scene) or self.play.get("*")
        if happening is not None:
            await happening(self, nth)
        nodes = {f"6.0.0.{scene}.sample": {"value": 2, "max": 2, "state": "finished"}}
        on_event(Event("progress_state", {"nodes": nodes}))


class PlayedClient:
    def __init__(self, host, url):
        self.host, self.url = host, url

    async def __aenter__(self):
        if not self.host.up:
            raise ClientError(f"no ComfyUI answers at {self.url}")
        return self

    async def __aexit__(self, *_):
        pass

    async def run(self, prompt, *, extra_data, on_event):
        try:
            await self.host.job(prompt, on_event)
        except asyncio.CancelledError:
            self.host.interrupted.append(prompt)
            raise
        clip = {"scene": prompt, "filename": f"{prompt}.mkv", "frames": 1}
        return JobResult("p", {SAVER_ID: {"scenes": [clip]}}, set(), seconds=1.0)

    async def fetch(self, file):
        return file.filename.encode()


def seconds(delay):
    async def happening(host, nth):
        await asyncio.sleep(delay)

    return happening


def raising(error, times=100):
    async def happening(host, nth):
        if nth <= times:
            raise error

    return happening


def dying(*, back_after=None):
    async def happening(host, nth):
        if nth > 1:
            return
        host.up = False
        if back_after is not None:
            asyncio.get_running_loop().call_later(back_after, setattr, host, "up", True)
        raise ClientError("the connection dropped")

    return happening


NODE_FAILED = JobError("The workflow failed in node 6 (Render Plan): boom", {})


class Run:
    """A run of the dispatcher: what was kept, and what was told."""

    def __init__(self, played, scenes=SCENES, *, patience=0.3, keep=None):
        self.played = played
        self.kept = {}
        self.events = []
        self.queue = SceneQueue(scenes, list(played))
        self.hosts = [SceneHost(url, host.connect) for url, host in played.items()]
        self.dispatcher = Dispatcher(
            self.queue,
            self.hosts,
            prompt_of=lambda scene: scene,
            extra_data={},
            keep=keep or self.keep,
            listener=self.events.append,
            time_left=TimeLeft(dict.fromkeys(scenes, 4)),
            patience=patience,
        )

    async def keep(self, scene, clip, host):
        assert scene not in self.kept
        self.kept[scene] = (clip.files[0], host)
        return 1

    async def __call__(self):
        for host in self.hosts:
            await host.open()
        await asyncio.wait_for(self.dispatcher.run(), 5)
        return self

    def told(self, kind):
        return [event.data for event in self.events if event.kind == kind]


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(hosts_module, "FIRST_DELAY", 0.02)


async def test_one_host_renders_all_in_order():
    host = PlayedHost()
    run = await Run({"a": host})()
    assert host.jobs == SCENES == run.queue.done == list(run.kept)
    assert run.kept["s1"] == (b"s1.mkv", "a")
    assert [e["scene"] for e in run.told("progress")] == SCENES
    assert run.told("progress")[0] | {"seconds_left": 0} == {
        "scene": "s0",
        "step": 2,
        "steps": 2,
        "seconds_left": 0,
    }


async def test_each_host_gets_the_next_scene_when_it_is_free():
    slow, quick = PlayedHost({"*": seconds(0.2)}), PlayedHost({"*": seconds(0.02)})
    run = await Run({"slow": slow, "quick": quick})()
    assert slow.jobs == ["s0"]
    assert quick.jobs == ["s1", "s2", "s3"]
    assert set(run.queue.done) == set(SCENES)


async def test_a_failing_scene_is_tried_three_times_and_the_others_are_rendered():
    host = PlayedHost({"s1": raising(NODE_FAILED)})
    run = await Run({"a": host})()
    assert Counter(host.jobs) == {"s0": 1, "s1": 3, "s2": 1, "s3": 1}
    assert run.queue.done == ["s0", "s2", "s3"]
    assert run.queue.failed == {"s1": str(NODE_FAILED)}
    assert [e["retried"] for e in run.told("scene_failed")] == [True, True, False]
    assert not run.told("host_lost")


async def test_a_scene_that_failed_once_succeeds_at_another_host():
    bad, good = PlayedHost({"s0": raising(NODE_FAILED)}), PlayedHost({"*": seconds(0.02)})
    run = await Run({"bad": bad, "good": good})()
    assert run.kept["s0"][1] == "good"
    assert bad.jobs.count("s0") == 1
    assert not run.queue.failed


async def test_a_scene_that_failed_at_all_hosts_is_tried_at_any():
    played = {name: PlayedHost({"s0": raising(NODE_FAILED)}) for name in "ab"}
    run = await Run(played, ["s0"])()
    assert sum(host.jobs.count("s0") for host in played.values()) == 3
    assert list(run.queue.failed) == ["s0"]


async def test_a_host_that_died_is_left_out_and_its_scene_goes_to_another():
    dead, alive = PlayedHost({"s0": dying()}), PlayedHost({"*": seconds(0.02)})
    run = await Run({"dead": dead, "alive": alive})()
    assert set(run.queue.done) == set(SCENES)
    assert dead.jobs == ["s0"]
    assert run.kept["s0"][1] == "alive"
    assert run.told("host_lost")[0]["host"] == "dead"


async def test_a_host_that_restarts_is_used_again():
    host = PlayedHost({"s1": dying(back_after=0.15)})
    run = await Run({"a": host}, patience=3)()
    assert set(run.queue.done) == set(SCENES)
    assert host.jobs.count("s1") == 2
    assert [e["waiting"] for e in run.told("host_lost")] == [True]


async def test_without_any_host_left_the_rest_is_given_up_with_the_reason():
    run = await Run({"a": PlayedHost({"s1": dying()})})()
    assert run.queue.done == ["s0"]
    assert set(run.queue.failed) == {"s1", "s2", "s3"}
    assert run.queue.failed["s1"] == "the connection dropped"
    assert "a did not answer for" in run.queue.failed["s2"]


async def test_a_host_that_refuses_the_job_is_left_out_and_no_scene_pays_for_it():
    refusal = PromptRejectedError("no such node", {})
    refusing, other = PlayedHost({"*": raising(refusal)}), PlayedHost({"*": seconds(0.02)})
    run = await Run({"refusing": refusing, "other": other})()
    assert refusing.jobs == ["s0"]
    assert set(run.queue.done) == set(SCENES)
    assert not run.told("scene_failed")
    assert run.told("host_lost") == [
        {"host": "refusing", "reason": "no such node", "waiting": False}
    ]


async def test_a_refusal_by_all_hosts_is_the_reason_given():
    run = await Run({"a": PlayedHost({"*": raising(PromptRejectedError("no such node", {}))})})()
    assert all("no such node" in reason for reason in run.queue.failed.values())
    assert set(run.queue.failed) == set(SCENES)


async def test_nobody_waits_for_a_lost_host_that_is_not_needed():
    dead, alive = PlayedHost({"s0": dying()}), PlayedHost()
    run = await Run({"dead": dead, "alive": alive}, patience=60)()
    assert set(run.queue.done) == set(SCENES)


async def test_cancelling_interrupts_every_host_and_keeps_what_is_done():
    played = {name: PlayedHost({"s2": seconds(60), "s3": seconds(60)}) for name in "ab"}
    run = Run(played)
    task = asyncio.ensure_future(run())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(run.kept) == {"s0", "s1"}
    assert sorted(played["a"].interrupted + played["b"].interrupted) == ["s2", "s3"]


async def test_a_folder_that_can_not_be_written_ends_the_run_and_interrupts_the_hosts():
    async def keep(scene, clip, host):
        raise OSError(28, "No space left on device")

    other = PlayedHost({"*": seconds(60)})
    run = Run({"a": PlayedHost({"*": seconds(0.05)}), "b": other}, keep=keep)
    with pytest.raises(OSError, match="No space left"):
        await run()
    assert len(other.interrupted) == 1


def test_time_left_follows_the_frames_made():
    now = [0.0]
    left = TimeLeft({"a": 10, "b": 30}, clock=lambda: now[0])
    assert left.seconds() is None
    left.begin("a")
    now[0] = 5.0
    assert left.seconds() is None
    left.reached("a", 0.5)
    assert left.seconds() == pytest.approx(35.0)  # 5 frames in 5 s, 35 to go
    left.reached("a", 1.0)
    left.begin("b")
    now[0] = 20.0
    left.reached("b", 1.0)
    assert left.seconds() == 0
