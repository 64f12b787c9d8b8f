"""Which of the 400 Kinetics actions a text speaks of: the indicator vector of VideoStudio.

arXiv:2401.01256, section 3.3 and supplement 3: every action phrase goes to the label that it is
most like; labels too unlike are dropped; the rest is normalised. The published bound of 0.2 drops
nothing with real text features, whose least cosine between two labels is larger. Ours is measured
on the labels: a phrase has to be nearer to a label than labels usually are to the nearest other.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..planning.kinetics import action_labels

Floats = NDArray[np.float64]
_VERB = 2.0  # how much more the first word counts, which says what is done
_WORD = re.compile(r"[a-z]+")
_SMALL = frozenset("a an the on in at of to with and or not by for from into over".split())


def cosines(first: Floats, second: Floats) -> Floats:
    """Cosine of every row of one array with every row of another: [m, d], [n, d] to [m, n]."""
    scaled = [
        rows / np.linalg.norm(rows, axis=-1, keepdims=True).clip(1e-12) for rows in (first, second)
    ]
    product: Floats = scaled[0] @ scaled[1].T
    return product


def calibrated_threshold(likeness: Floats) -> float:
    """What a phrase must exceed, from the labels' likeness to each other, [n, n].

    The median over the labels of how like the nearest other label is.
    """
    others = likeness.copy()
    np.fill_diagonal(others, -np.inf)
    return float(np.median(others.max(axis=1)))


def matched_actions(likeness: Floats, threshold: float) -> dict[str, float]:
    """The actions that phrases speak of, with weights that sum to 1.

    Args:
        likeness: of every phrase to every label, [phrases, labels].
        threshold: phrases whose best label is not more like than this are dropped.
    """
    found: dict[str, float] = {}
    for row in likeness:
        best = int(row.argmax())
        if row[best] > threshold:
            label = action_labels()[best]
            found[label] = found.get(label, 0.0) + float(row[best])
    whole = sum(found.values())
    return {label: value / whole for label, value in found.items()}


def indicator(actions: Mapping[str, float]) -> Floats:
    """The vector y of a plan's actions, [400], in the order of the labels.

    Raises:
        ValueError: a label that Kinetics does not have.
    """
    places = {label: place for place, label in enumerate(action_labels())}
    vector = np.zeros(len(places))
    for label, weight in actions.items():
        if label not in places:
            raise ValueError(f"{label!r} is not one of the 400 Kinetics actions")
        vector[places[label]] = weight
    return vector


def word_features(texts: Sequence[str]) -> Floats:
    """What words texts are made of, rare ones counting more: features where no encoder is at hand.

    Args:
        texts: phrases or labels.

    Returns:
        [len(texts), words of all labels].
    """
    labels = [_stems(label) for label in action_labels()]
    frequency = Counter(stem for stems in labels for stem in set(stems))
    places = {stem: place for place, stem in enumerate(sorted(frequency))}
    features = np.zeros((len(texts), len(places)))
    for row, text in enumerate(texts):
        for number, stem in enumerate(_stems(text)):
            if stem in places:
                rarity = math.log(1 + len(labels) / frequency[stem])
                features[row, places[stem]] = rarity if number else _VERB * rarity
    return features


def _stems(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return [_stem(word) for word in words if word not in _SMALL]


def _stem(word: str) -> str:
    """So that rope and ropes, swing and swinging are one."""
    for ending in ("ing", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    # run and running, swim and swimming
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls" else word
