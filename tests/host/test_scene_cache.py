"""The cache that keeps rendered scenes where the host's default cache drops them."""

import asyncio
from types import SimpleNamespace

import psutil
import torch
from video_director.nodes.scene_cache import STEPS, SceneCache


def context(node_id, class_type, key="k"):
    return SimpleNamespace(node_id=node_id, class_type=class_type, cache_key_hash=key)


def value(size=1):
    return SimpleNamespace(outputs=[[{"samples": torch.zeros(size, dtype=torch.uint8)}]], ui=None)


def sampled(key="k"):
    return context("12.0.0.scene-1.sample", "KSampler", key)


def lookup(cache, where):
    return asyncio.run(cache.on_lookup(where))


def test_results_of_scene_nodes_come_back():
    cache, result = SceneCache(), value()
    assert cache.should_cache(sampled()) is True
    assert lookup(cache, sampled()) is None
    assert cache.should_cache(sampled(), result) is False  # stored at once
    assert lookup(cache, sampled()) is result
    assert lookup(cache, sampled("other")) is None


def test_only_nodes_of_the_expansion_are_kept():
    cache = SceneCache()
    for step, class_type in STEPS:
        assert cache.should_cache(context(f"4:7.0.0.a_b.{step}", class_type))
    for node_id, class_type in [
        ("12", "KSampler"),
        ("12.0.0.1", "KSampler"),
        ("12.0.0.a.sample", "SaveImage"),
        ("12.0.0.value_mapping", "VideoDirectorValueMapping"),
    ]:
        assert not cache.should_cache(context(node_id, class_type))
        assert not cache.should_cache(context(node_id, class_type, "z"), value())
        assert lookup(cache, context(node_id, class_type, "z")) is None


def test_the_least_recently_used_results_make_room():
    cache = SceneCache(max_bytes=25)
    for key in ("a", "b"):
        cache.should_cache(sampled(key), value(10))
    lookup(cache, sampled("a"))
    cache.should_cache(sampled("c"), value(10))
    assert lookup(cache, sampled("b")) is None
    assert lookup(cache, sampled("a")) is not None
    assert lookup(cache, sampled("c")) is not None
    cache.should_cache(sampled("huge"), value(26))
    assert lookup(cache, sampled("huge")) is None


def test_memory_is_given_back_when_the_machine_is_short(monkeypatch):
    cache = SceneCache()
    for key in ("a", "b", "c"):
        cache.should_cache(sampled(key), value(10))
    for available, left in ((100, 3), (85, 1), (0, 0)):
        memory = SimpleNamespace(total=1000, available=available)
        monkeypatch.setattr(psutil, "virtual_memory", lambda memory=memory: memory)
        cache.on_prompt_end("p")
        assert sum(lookup(cache, sampled(key)) is not None for key in "abc") == left
