"""What rendering scene by scene costs, and what more hosts gain: ``director.py bench runner``."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from ..evaluation.figures import Figure, measured
from ..evaluation.report import command_parser, report
from ..host.base_directory import temporary_base
from ..host.console import Console
from ..host.server import Server
from ..host.setup import Places
from ..rendering import render_plan
from ..rendering.runner.events import RunEvent
from .runner_kills import killable_host, random_kills, survive
from .slow_scenes import STEPS, slow_host, slow_plan, slow_workflow

COMMAND = "bench runner"
SLEEP = 0.5  # seconds of a step; saving and decoding a scene keep a core busy for less
SHARED_SCENES = 8
MANY_SCENES, SETTLED = 40, 5  # memory is looked at after these
FRAMES, SIZE = 8, 128  # of the scenes whose memory is looked at: the shipped workflow's


def timed(servers: Sequence[str], seconds: float, scenes: int, seed: int) -> tuple[float, float]:
    """Render slow scenes; returns seconds of the runner, and of the hosts' own work.

    Args:
        servers: the hosts.
        seconds: of each step.
        scenes: how many.
        seed: another one each time, or a host has the scenes in its cache.
    """
    working = []

    def heard(event: RunEvent) -> None:
        if event.kind == "scene_done":
            working.append(event.data["seconds"])

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        render_plan(
            slow_plan(scenes),
            servers,
            Path(folder, "run"),
            {"seed": seed},
            heard,
            workflow=slow_workflow(seconds),
        )
        return time.perf_counter() - began, sum(working)


def memory_over_scenes(host: Server) -> list[int]:
    """Bytes of RAM that a host holds after each of many scenes."""
    held: list[int] = []

    def heard(event: RunEvent) -> None:
        if event.kind == "scene_done":
            held.append(resident_bytes(host))

    plan = slow_plan(MANY_SCENES, frames=FRAMES, size=SIZE)
    with tempfile.TemporaryDirectory() as folder:
        render_plan(
            plan, [host.url], Path(folder, "run"), on_event=heard, workflow=slow_workflow(0.0)
        )
    return held


def resident_bytes(host: Server) -> int:
    """Resident memory of a host and of everything it started."""
    process = psutil.Process(host.process.pid)
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))


@contextmanager
def running(console: Console, count: int) -> Iterator[list[Server]]:
    """Several hosts, ready and warmed up."""
    places = Places()
    with ExitStack() as stack:
        hosts = []
        for number in range(1, count + 1):
            console.say(f"starting host {number} of {count} …")
            base = stack.enter_context(temporary_base(places.work / "runs"))
            hosts.append(stack.enter_context(slow_host(places.host, base)))
            timed([hosts[-1].url], 0.0, 1, seed=0)
        yield hosts


def rows(console: Console, rounds: int) -> list[Figure]:
    """The figures; of times, the mean over the rounds."""
    with running(console, 2) as hosts:
        urls = [host.url for host in hosts]
        one, two, beyond = [], [], []
        for number in range(1, rounds + 1):
            console.say(f"round {number} of {rounds}: {SHARED_SCENES} scenes, one and two hosts …")
            wall, working = timed(urls[:1], SLEEP, SHARED_SCENES, seed=2 * number)
            one.append(wall)
            beyond.append((wall - working) / SHARED_SCENES)
            two.append(timed(urls, SLEEP, SHARED_SCENES, seed=2 * number + 1)[0])
        console.say(f"memory over {MANY_SCENES} scenes …")
        held = memory_over_scenes(hosts[0])
    growth = held[-1] / held[SETTLED - 1] - 1
    return [
        Figure("seconds_per_scene_beyond_host", sum(beyond) / rounds, "s", rounds * SHARED_SCENES),
        Figure("memory.growth_over_40_scenes", growth, "share", MANY_SCENES),
        Figure("memory.host_after_40_scenes", held[-1] / 2**20, "MiB", 1),
        Figure("time.one_host", sum(one) / rounds, "s", rounds),
        Figure("time.two_hosts", sum(two) / rounds, "s", rounds),
        Figure("time.two_hosts_over_one", sum(two) / sum(one), "1", rounds),
    ]


def kill_rows(console: Console, count: int, seed: int) -> list[Figure]:
    """What kills at random instants left of runs; shares of the kills."""
    places = Places()
    outcomes = []
    with (
        temporary_base(places.work / "runs") as base,
        killable_host(places.host, base) as host,
        tempfile.TemporaryDirectory() as folder,
    ):
        for number, kill in enumerate(random_kills(count, seed), start=1):
            who = " and ".join(kill.victims)
            console.say(f"kill {number} of {count}: the {who}, after {kill.after:.1f} s …")
            outcomes.append(survive(host, Path(folder, str(number)), kill, seed=number))
    return [
        measured("kills.completed", [float(one.completed) for one in outcomes]),
        measured("kills.files_kept", [float(one.kept) for one in outcomes]),
        measured("kills.listed_files_whole", [float(one.whole) for one in outcomes]),
        measured("kills.scenes_done_before", [float(one.done) for one in outcomes], unit="scenes"),
    ]


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, write the file asked for."""
    parser = command_parser(COMMAND, __doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times each is timed")
    parser.add_argument(
        "--kills", type=int, default=0, help="also kill -9 host, runner and both so many times"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the kills' instants")
    options = parser.parse_args(list(argv))
    console = Console()
    console.say(f"scenes of {STEPS} steps that sleep {SLEEP} s each")
    found = rows(console, options.rounds) if options.rounds else []
    found += kill_rows(console, options.kills, options.seed) if options.kills else []
    report(console, COMMAND, options, found)
    return 0
