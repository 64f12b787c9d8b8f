"""The captions and drawings that the miniature is measured on, seeded and apart from training's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..miniature.captions import PLAIN, swap_colours, write_caption
from ..miniature.vocabulary import COLOURS
from ..miniature.world import Scene, draw_scene, sample_scene

# First number of every seed here; training's streams begin with small seeds. Weights and settings
# are chosen on the validation stream only.
EVALUATION, VALIDATION = 73_000_001, 73_000_002
_DRAWINGS, _CAPTIONS, _UNSEEN, _SWAPPED, _PROBE = range(5)


@dataclass(frozen=True)
class Sample:
    """A caption, the scene it tells of, and the seed of the noise it is drawn from."""

    scene: Scene
    text: str
    noise_seed: int

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(sprite.kind, sprite.colour) for sprite in self.scene.sprites]


class Samples:
    """The samples of one stream and seed; every call gives the same ones.

    Args:
        seed: of the whole evaluation.
        stream: ``EVALUATION`` or ``VALIDATION``.
    """

    def __init__(self, seed: int, stream: int = EVALUATION) -> None:
        self.seed, self.stream = seed, stream

    def _rng(self, part: int, index: int) -> np.random.Generator:
        return np.random.default_rng([self.stream, self.seed, part, index])

    def drawings(self, count: int) -> tuple[list[Scene], np.ndarray]:
        """Scenes as training draws them, and their pictures, uint8 [count, 128, 128, 3]."""
        scenes = [sample_scene(self._rng(_DRAWINGS, index)) for index in range(count)]
        return scenes, np.stack([draw_scene(scene) for scene in scenes])

    def _captioned(self, part: int, index: int, *, held_out: bool) -> Sample:
        rng = self._rng(part, index)
        scene = sample_scene(rng, count=1 + index % 4, held_out=held_out)
        return Sample(scene, write_caption(scene, rng, PLAIN).text, int(rng.integers(2**31)))

    def captions(self, count: int) -> list[Sample]:
        """Captions of 1, 2, 3 and 4 objects in equal shares; each names every colour."""
        return [self._captioned(_CAPTIONS, index, held_out=False) for index in range(count)]

    def unseen_pairs(self, count: int) -> list[Sample]:
        """The same with only those pairs of kind and colour that training never shows."""
        return [self._captioned(_UNSEEN, index, held_out=True) for index in range(count)]

    def probe(self, count: int) -> list[Sample]:
        """Captions of drawings for the position probe."""
        return [self._captioned(_PROBE, index, held_out=False) for index in range(count)]

    def swapped(self, count: int) -> list[tuple[Scene, str, str]]:
        """Scenes with a right caption and one with the colours of two objects swapped."""
        pairs = self._swapped_pairs()
        return [next(pairs) for _ in range(count)]

    def _swapped_pairs(self) -> Iterator[tuple[Scene, str, str]]:
        index = 0
        while True:
            rng = self._rng(_SWAPPED, index)
            index += 1
            scene = sample_scene(rng)
            wrong = swap_colours(scene)
            if wrong is None or _contents(wrong) == _contents(scene):
                continue
            words = int(rng.integers(2**31))  # both captions take the same turns
            right_text, wrong_text = (
                write_caption(shown, np.random.default_rng(words), PLAIN).text
                for shown in (scene, wrong)
            )
            # Swapping can split or join groups ("two red balls"); the words may tell nothing else.
            if _without_colours(right_text) == _without_colours(wrong_text):
                yield scene, right_text, wrong_text


def _contents(scene: Scene) -> Counter[tuple[str, str]]:
    return Counter((sprite.kind, sprite.colour) for sprite in scene.sprites)


def _without_colours(text: str) -> list[str]:
    words = ("a" if word == "an" else word for word in text.split())
    return ["colour" if word in COLOURS else word for word in words]
