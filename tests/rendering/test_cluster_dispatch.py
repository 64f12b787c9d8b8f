"""Scenes on a cluster: who renders what, and what is told, with workers that are played."""

import asyncio
import functools
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from video_director.bench.slow_scenes import slow_plan, slow_workflow
from video_director.rendering.clip_files import write_clip
from video_director.rendering.cluster.dispatch import render_scenes, weight_problems
from video_director.rendering.cluster.pool import WorkerLostError
from video_director.rendering.run_folder import RunFolder
from video_director.rendering.runner.preflight import PreflightError
from video_director.rendering.runner.request import RunRequest
from video_director.rendering.runner.run import opened_run
from video_director.rendering.runner.takes import TakeKeeper

WEIGHTS = {"unet.safetensors": "1" * 64}
GONE = WorkerLostError("the machine is gone")


@functools.cache
def picture(size=64):
    with tempfile.TemporaryDirectory() as folder:
        write_clip(Path(folder, "clip"), [np.zeros((size, size, 3), np.uint8)], "png", 8)
        return next(Path(folder, "clip").iterdir()).read_bytes()


def clip(**changes):
    told = {"format": "png", "fps": 8.0}
    return {"kind": "clip", "files": [picture()], "told": told, "seconds": 1.0} | changes


def failed(fault, reason="boom"):
    return {"kind": "failed", "fault": fault, "reason": reason}


class PlayedWorker:
    """A worker; ``play`` says what comes out of the nth try of a scene here."""

    def __init__(self, name, play=lambda scene, nth: clip(), *, seconds=0.0, ready=None):
        self.url, self.versions, self.machine = name, {}, ""
        self.play, self.seconds = play, seconds
        self.accounts = ready or (lambda nth: {})
        self.asked = 0
        self.until = lambda: True
        self.jobs, self.interrupted = [], []

    async def ready(self, prompt, memory, names, pictures):
        self.asked += 1
        account = self.accounts(self.asked)
        if isinstance(account, Exception):
            raise account
        if account is None:
            await asyncio.sleep(60)
        whole = {"problems": [], "versions": {"comfyui": "1"}, "machine": "m", "models": WEIGHTS}
        return whole | account

    async def render(self, prompt, extra_data):
        scene = prompt["6"]["inputs"]["only"]
        self.jobs.append(scene)
        try:
            await asyncio.sleep(self.seconds)
            while not self.until():
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.interrupted.append(scene)
            raise
        state = {"value": 1, "max": 2, "state": "running"}
        yield {
            "kind": "event",
            "type": "progress_state",
            "data": {"nodes": {f"6.0.0.{scene}.sample": state}},
        }
        outcome = self.play(scene, self.jobs.count(scene))
        if isinstance(outcome, Exception):
            raise outcome
        yield outcome


class Rendered:
    """A run by played workers: its result, and what was told."""

    def __init__(self, folder, workers, *, scenes=3, patience=5.0, interrupt_after=None):
        self.events = []
        plan = slow_plan(scenes)
        request = RunRequest(
            plan, folder, slow_workflow(), clip_format="png", models=WEIGHTS, patience=patience
        )
        with opened_run(request, self.events.append) as run:
            asyncio.run(
                self._render(run.render_with(partial(render_scenes, workers)), interrupt_after)
            )
            self.result = run.finish()

    async def _render(self, work, interrupt_after):
        task = asyncio.ensure_future(work)
        if interrupt_after is not None:
            await asyncio.sleep(interrupt_after)
            task.cancel()
        await asyncio.wait_for(
            asyncio.gather(task, return_exceptions=interrupt_after is not None), 20
        )

    def told(self, kind):
        return [event.data for event in self.events if event.kind == kind]


def only_first_fails(fault):
    return lambda scene, nth: failed(fault) if (scene, nth) == ("s0", 1) else clip()


def test_one_worker_renders_all_in_order_and_they_are_joined(tmp_path):
    worker = PlayedWorker("a")
    run = Rendered(tmp_path / "run", [worker])
    assert worker.jobs == ["s0", "s1", "s2"]
    assert run.result.done == ("s0", "s1", "s2")
    assert run.result.video.is_file()
    assert run.told("progress")[0]["step"] == 1
    assert [event.kind for event in run.events if event.kind != "progress"] == [
        "plan",
        *["scene_started", "scene_done"] * 3,
        "joined",
        "done",
    ]
    (take,) = RunFolder.open(tmp_path / "run").takes("s1")
    assert (take.versions, take.machine) == ({"comfyui": "1"}, "m")


def test_two_workers_share_the_scenes_and_nothing_done_is_rendered_again(tmp_path):
    slow, quick = PlayedWorker("slow"), PlayedWorker("quick", seconds=0.01)
    slow.until = lambda: len(quick.jobs) == 4
    Rendered(tmp_path / "run", [slow, quick], scenes=5)
    assert slow.jobs == ["s0"]
    assert quick.jobs == ["s1", "s2", "s3", "s4"]
    idle = PlayedWorker("idle")
    run = Rendered(tmp_path / "run", [idle], scenes=6)
    assert idle.jobs == ["s5"]
    assert len(run.result.done) == 6


def test_a_scene_that_fails_is_given_up_after_three_tries_and_the_others_are_rendered(tmp_path):
    worker = PlayedWorker("a", lambda scene, nth: failed("job") if scene == "s1" else clip())
    run = Rendered(tmp_path / "run", [worker])
    assert Counter(worker.jobs) == {"s0": 1, "s1": 3, "s2": 1}
    assert worker.jobs[:3] == ["s0", "s1", "s2"]
    assert run.result.failed == {"s1": "boom"}
    assert run.result.video is None
    assert [event["retried"] for event in run.told("scene_failed")] == [True, True, False]
    assert not run.told("host_lost")


def test_a_scene_that_failed_goes_to_the_other_worker_even_if_that_is_busy(tmp_path):
    bad = PlayedWorker("bad", lambda scene, nth: failed("job"))
    good = PlayedWorker("good", seconds=0.3)
    run = Rendered(tmp_path / "run", [bad, good], scenes=2)
    assert bad.jobs == ["s0"]
    assert good.jobs == ["s1", "s0"]
    assert not run.result.failed


@pytest.mark.parametrize("outcome", [failed("host"), GONE], ids=["its ComfyUI", "the worker"])
def test_a_lost_worker_is_left_alone_until_it_is_ready_and_its_scene_goes_elsewhere(
    tmp_path, outcome
):
    dying = PlayedWorker(
        "dying", lambda scene, nth: outcome, ready=lambda nth: {} if nth == 1 else None
    )
    alive = PlayedWorker("alive", seconds=0.1)
    run = Rendered(tmp_path / "run", [dying, alive])
    assert dying.jobs == ["s0"]
    assert sorted(alive.jobs) == ["s0", "s1", "s2"]
    assert dying.asked == 2
    assert [event["waiting"] for event in run.told("host_lost")] == [True]


def test_the_only_worker_is_used_again_when_it_is_ready_again(tmp_path):
    worker = PlayedWorker("a", only_first_fails("host"))
    run = Rendered(tmp_path / "run", [worker])
    assert worker.asked == 2
    assert run.result.done == ("s0", "s1", "s2")


def test_without_any_worker_left_the_rest_is_given_up_with_the_reason(tmp_path):
    worker = PlayedWorker(
        "a",
        lambda scene, nth: GONE if scene == "s1" else clip(),
        ready=lambda nth: {} if nth == 1 else GONE,
    )
    run = Rendered(tmp_path / "run", [worker])
    assert run.result.done == ("s0",)
    assert run.result.failed["s1"] == "the machine is gone"
    assert "no worker is left to render it (a: the machine is gone)" in run.result.failed["s2"]


def test_a_worker_that_never_is_ready_is_left_out(tmp_path):
    never, good = PlayedWorker("never", ready=lambda nth: None), PlayedWorker("good", seconds=0.3)
    run = Rendered(tmp_path / "run", [never, good], patience=0.2)
    assert len(run.result.done) == 3
    (lost,) = run.told("host_lost")
    assert (lost["host"], lost["waiting"]) == ("never", False)
    assert "not ready within" in lost["reason"]


def test_a_worker_that_refuses_the_job_is_left_out_and_no_scene_pays_for_it(tmp_path):
    refusing = PlayedWorker("refusing", lambda scene, nth: failed("refused"))
    run = Rendered(tmp_path / "run", [refusing, PlayedWorker("good", seconds=0.05)])
    assert refusing.jobs == ["s0"]
    assert len(run.result.done) == 3
    assert not run.told("scene_failed")


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ({"problems": ["no node X"]}, "a: no node X"),
        ({"models": {"unet.safetensors": "2" * 64}}, "does not have the same unet.safetensors"),
    ],
)
def test_when_no_worker_can_render_nothing_is_queued(tmp_path, account, told):
    worker = PlayedWorker("a", ready=lambda nth: account)
    with pytest.raises(PreflightError, match=told):
        Rendered(tmp_path / "run", [worker])
    assert not worker.jobs


def test_a_clip_that_is_not_what_was_asked_for_is_a_failure(tmp_path):
    worker = PlayedWorker("a", lambda scene, nth: clip(files=[picture(32)]))
    run = Rendered(tmp_path / "run", [worker], scenes=1)
    assert "1 frames of 32x32" in run.result.failed["s0"]
    assert len(worker.jobs) == 3


def test_an_error_of_ours_ends_the_run(tmp_path):
    broken = PlayedWorker("broken", ready=lambda nth: KeyError("our own mistake"))
    with pytest.raises(KeyError, match="our own mistake"):
        Rendered(tmp_path / "run", [broken])


def test_a_folder_that_can_not_be_written_ends_the_run_and_interrupts_the_others(
    tmp_path, monkeypatch
):
    async def keep(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TakeKeeper, "keep", keep)
    busy = PlayedWorker("busy", seconds=60)
    with pytest.raises(OSError, match="No space left"):
        Rendered(tmp_path / "run", [busy, PlayedWorker("quick", seconds=0.1)])
    assert busy.interrupted == ["s0"]


def test_cancelling_interrupts_the_workers_and_keeps_what_is_done(tmp_path):
    quick = PlayedWorker("quick", seconds=0.05)
    stuck = PlayedWorker("stuck", seconds=60)
    run = Rendered(tmp_path / "run", [stuck, quick], interrupt_after=1.5)
    assert stuck.interrupted == ["s0"]
    assert run.result.done == ("s1", "s2")
    worker = PlayedWorker("a")
    assert Rendered(tmp_path / "run", [worker]).result.video
    assert worker.jobs == ["s0"]


def test_only_weights_that_are_expected_must_be_the_same():
    assert not weight_problems({}, {"a": "1"})
    assert not weight_problems({"a": "1"}, {"a": "1", "b": "2"})
    assert "same a, b" in weight_problems({"b": "1", "a": "1"}, {})[0]
