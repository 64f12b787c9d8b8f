"""What benchmarks measure: median times taken in turn, and the peak of live tensor bytes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch
from torch.profiler import ProfilerActivity, profile

Work = Callable[[], object]


def median_times(works: Mapping[str, Work], rounds: int = 7) -> dict[str, float]:
    """Median seconds of each piece of work; they take turns, so that all see the same machine.

    Args:
        works: what is timed, by name; each is run once before to warm up.
        rounds: times each is run.
    """
    for work in works.values():
        _finished(work)
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = time.perf_counter()
            _finished(work)
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _finished(work: Work) -> None:
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_bytes(work: Work) -> int:
    """Most bytes of tensors alive at a time during ``work``, beyond what it returns.

    From the allocation events of torch's profiler on a CPU, from its allocator on a GPU. What was
    alive before does not count; nor does the result, which any form of the work has to hold.
    """
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        result = work()
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() - before - _bytes(result)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as events:
        result = work()
    changes = sorted(
        (event.start_ns(), event.nbytes())
        for event in events.profiler.kineto_results.events()
        if event.name() == "[memory]"
    )
    alive = peak = 0
    for _, change in changes:
        alive += change
        peak = max(peak, alive)
    return peak - _bytes(result)


def _bytes(result: object) -> int:
    return result.nbytes if isinstance(result, torch.Tensor) else 0
