"""Action phrases of prompts, and the Kinetics labels that they go to."""

import numpy as np
import pytest
from video_director.planning import action_phrases as phrases_module
from video_director.planning.action_phrases import action_phrases
from video_director.planning.kinetics import action_labels
from video_director.video_models.action_matching import (
    calibrated_threshold,
    cosines,
    indicator,
    matched_actions,
    word_features,
)

LABELS = word_features(action_labels())


@pytest.fixture(autouse=True)
def without_spacy(monkeypatch):
    monkeypatch.setattr(phrases_module, "spacy_model", lambda: None)


def matched(text: str) -> dict[str, float]:
    likeness = cosines(word_features(action_phrases(text)), LABELS)
    return matched_actions(likeness, calibrated_threshold(cosines(LABELS, LABELS)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "A red ball is bouncing on a trampoline, then it swings on a rope.",
            ["bouncing on trampoline", "swinging on rope"],
        ),
        (
            "Two kids climb a rope and a dog pulls a sled through the snow",
            ["climbing rope", "pulling sled through snow"],
        ),
        (
            "The cat quickly washes its hands while a man cooks sausages",
            ["washing hands", "cooking sausages"],
        ),
        ("A lighthouse by the sea", []),
        ("A boy is happy. He seems tired.", []),
        ("Dogs run. Dogs run.", ["running"]),
    ],
)
def test_phrases(text: str, wanted: list[str]) -> None:
    assert action_phrases(text) == wanted


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("A girl is bouncing on a trampoline in the garden", "bouncing on trampoline"),
        ("An old man climbs a rope", "climbing a rope"),
        ("A woman plays the violin on a stage", "playing violin"),
        ("A dog swims in the pool", "swimming backstroke"),
        ("Someone washes the dishes", "washing dishes"),
        ("A boy rides a camel", "riding camel"),
        ("Two men juggle fire", "juggling fire"),
        ("The painter thinks about the meaning of numbers", None),
    ],
)
def test_labels_by_words_alone(text: str, label: str | None) -> None:
    found = matched(text)
    assert (max(found, key=lambda name: found[name]) if found else None) == label


def test_weights_of_several_actions_sum_to_one_and_repeats_are_summed() -> None:
    likeness = np.zeros((3, 400))
    likeness[0, 5], likeness[1, 7], likeness[2, 5] = 0.8, 0.4, 0.6
    found = matched_actions(likeness, 0.2)
    labels = action_labels()
    assert found == pytest.approx({labels[5]: 1.4 / 1.8, labels[7]: 0.4 / 1.8})
    assert matched_actions(likeness, 0.7) == {labels[5]: 1.0}
    assert matched_actions(likeness, 0.9) == {}
    assert matched_actions(np.zeros((0, 400)), 0.2) == {}


def test_the_threshold_is_how_near_labels_usually_are() -> None:
    likeness = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]])
    assert calibrated_threshold(likeness) == 0.9
    ours = cosines(LABELS, LABELS)
    assert 0.3 < calibrated_threshold(ours) < 0.9


def test_every_label_is_most_like_itself() -> None:
    likeness = cosines(LABELS, LABELS)
    own = np.diag(likeness)
    assert own == pytest.approx(np.ones(400))
    assert (likeness >= own[:, None] - 1e-9).sum() <= 410  # few labels are of the same words


def test_the_indicator_is_in_the_standard_order() -> None:
    vector = indicator({"abseiling": 0.25, "zumba": 0.75})
    assert (vector[0], vector[-1], vector.sum()) == (0.25, 0.75, 1.0)
    with pytest.raises(ValueError, match="'jogging slowly' is not one of the 400"):
        indicator({"jogging slowly": 1.0})
