"""Keeps rendered scenes from one prompt to the next where the host would drop them.

The host's default cache (RAM pressure) evicts, as soon as one node of a prompt has run, every
result that prompt has not asked for yet. Nodes made by expansion are asked for only once their
parent has run, so all scenes would be rendered again whenever anything before Render Plan changes.
This provider, registered through the host's own caching interface, holds the results of exactly
those nodes. It is asked on a miss only, by the host's own key (class, literals, links).
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import psutil
from comfy_api.latest import Caching
from torch import Tensor

# "<parent>.<call>.<graph>.<scene or entity id>.<step>" of scene_expansion and reference_expansion.
EXPANDED_NODE = re.compile(r"\.\d+\.\d+\.(?:[a-z0-9_-]+\.)?(?P<step>[a-z_]+)$")
STEPS = {
    ("negative", "CLIPTextEncode"),
    ("scene", "VideoDirectorSceneFromJSON"),
    ("opening", "VideoDirectorSceneFromJSON"),
    ("positive", "VideoDirectorEncodeFramePrompts"),
    ("positive", "CLIPTextEncode"),
    ("pictures", "VideoDirectorSceneReferences"),
    ("layout", "VideoDirectorEncodeLayout"),
    ("references", "VideoDirectorEncodeReferences"),
    ("latent", "EmptyLatentImage"),
    ("noise", "LatentBatchSeedBehavior"),
    ("sample", "KSampler"),
    ("decode", "VAEDecode"),
    ("video_text", "CLIPTextEncode"),
    ("action", "VideoDirectorActionFromText"),
    ("video", "VideoDirectorVideoConditioning"),
    ("frames", "LatentCutToBatch"),
    ("clip", "VAEDecode"),
    ("picture_sample", "KSampler"),
    ("cut_out", "VideoDirectorCutOut"),
    ("cut_out", "RemoveBackground"),
    ("cut_out", "SAM3_Detect"),
    ("picture", "VideoDirectorEntityPicture"),
}
MAX_BYTES = 2 * 2**30
LEAST_FREE_SHARE = 0.1  # of system memory: where the host, too, begins to drop active results


class SceneCache(Caching.CacheProvider):
    """Least recently used results of expanded scene nodes, within a share of memory."""

    def __init__(self, max_bytes: int = MAX_BYTES):
        self.max_bytes = max_bytes
        self._entries: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def should_cache(self, context, value=None) -> bool:
        """Whether the node is of a scene or an entity. Stores a result given with the question.

        The host would store in a task of its own, which a prompt that ends first never runs.
        """
        match = EXPANDED_NODE.search(context.node_id)
        if match is None or (match["step"], context.class_type) not in STEPS:
            return False
        if value is not None:
            self._store(context.cache_key_hash, value)
            return False
        return True

    async def on_lookup(self, context):
        entry = self._entries.get(context.cache_key_hash)
        if entry is None:
            return None
        self._entries.move_to_end(context.cache_key_hash)
        return entry[0]

    async def on_store(self, context, value) -> None:
        self._store(context.cache_key_hash, value)

    def on_prompt_end(self, prompt_id: str) -> None:
        """Give memory back when the machine runs short of it."""
        memory = psutil.virtual_memory()
        short = memory.total * LEAST_FREE_SHARE - memory.available
        if short > 0:
            self._shrink_to(self._bytes - short)

    def _store(self, key: str, value: Any) -> None:
        if key in self._entries:
            self._bytes -= self._entries.pop(key)[1]
        size = sum(tensor.nbytes for tensor in _tensors(value.outputs))
        self._entries[key] = (value, size)
        self._bytes += size
        self._shrink_to(self.max_bytes)

    def _shrink_to(self, allowed: float) -> None:
        while self._entries and self._bytes > allowed:
            _, (_, size) = self._entries.popitem(last=False)
            self._bytes -= size


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)
