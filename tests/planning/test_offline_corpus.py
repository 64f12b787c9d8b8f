"""Prompts as people write them, with the scenes, entities and places that they mean.

The first 62 of offline_corpus.json were written before the planner first ran.
"""

import json
from pathlib import Path

import pytest
from video_director.planning.offline import plan_video

CORPUS = json.loads(Path(__file__).with_name("offline_corpus.json").read_text(encoding="utf-8"))


def matches(wanted: str, described: str) -> bool:
    """Whether a word of the name or description is the wanted one, in singular or plural."""
    words = described.lower().replace(",", " ").split()
    return any(word in (wanted, f"{wanted}s", f"{wanted}es") for word in words)


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case["prompt"][:50])
def test_corpus(case: dict) -> None:
    plan = plan_video(case["prompt"])
    said = {entity.id: f"{entity.name} {entity.description}" for entity in plan.entities}
    assert len(plan.scenes) == len(case["scenes"]), [scene.prompt for scene in plan.scenes]
    for scene, wanted, place in zip(plan.scenes, case["scenes"], case["places"], strict=True):
        left = list(wanted)
        for entity in scene.entities:
            hit = next((word for word in left if matches(word, said[entity])), None)
            assert hit is not None, f"{scene.prompt!r} shows {said[entity]!r}, asked {wanted}"
            left.remove(hit)
        assert not left, f"{scene.prompt!r} lacks {left}"
        if place is not None:
            assert matches(place, said.get(scene.background or "", "")), (scene.prompt, place)
    for scene, camera in zip(plan.scenes, case.get("camera", []), strict=False):
        assert scene.camera.direction == (camera or "static")


def test_a_thing_has_one_id_in_all_scenes() -> None:
    for case in CORPUS:
        plan = plan_video(case["prompt"])
        singles = {word for words in case["scenes"] for word in words}
        for word in singles:
            if max(words.count(word) for words in case["scenes"]) > 1 or "new" in case["prompt"]:
                continue
            ids = {e.id for e in plan.entities if e.name.lower().split()[-1] == word}
            assert len(ids) <= 1, (case["prompt"], ids)
