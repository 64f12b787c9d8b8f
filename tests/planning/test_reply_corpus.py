"""Replies as language models write them, and what they mean.

`replies/*.txt` hold one reply after another: a line `######## what is special about it`, a line
of JSON with what it means, a line of dashes, and the reply. What it means is:

- `error`: the reply cannot be read, and the message holds this text, which names the place;
- `scenes`: for each its prompt, the names of its entities, its background (none), its camera
  (static medium), its frames (16), `told` (the frames' prompts) and `boxes` (one dict of name to
  box per key frame); what is not given must be as in brackets. "…" stands for more text.
- `written`: crlf, bom or both; `fps`, `width`, `height`: of the plan; `settings`: what the reader
  is told.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from video_director.planning.plan_io import dumps, loads
from video_director.planning.readers import Settings, read_plan
from video_director.planning.schema import PlanError, Scene, VideoPlan

FOLDER = Path(__file__).with_name("replies")


class Reply(NamedTuple):
    name: str
    meaning: dict[str, Any]
    text: str


def _replies() -> list[Reply]:
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for part in path.read_text(encoding="utf-8").split("######## ")[1:]:
            name, meaning, rest = part.split("\n", 2)
            text = rest.removeprefix("--------\n").removesuffix("\n")
            found.append(Reply(f"{path.stem}: {name}", json.loads(meaning), text))
    return found


REPLIES = _replies()


def _written(reply: Reply) -> str:
    how = reply.meaning.get("written", "")
    text = reply.text.replace("\n", "\r\n") if "crlf" in how else reply.text
    return "\ufeff" + text if "bom" in how else text


def _same(text: str, wanted: str) -> bool:
    return text.startswith(wanted[:-1]) if wanted.endswith("…") else text == wanted


def _scene_differs(scene: Scene, names: dict[str, str], wanted: dict[str, Any]) -> list[str]:
    camera = f"{scene.camera.direction} {scene.camera.speed}"
    told = scene.frame_prompts or []
    wanted_told = wanted.get("told", [])
    boxes = [{names[key]: list(box) for key, box in k.boxes.items()} for k in scene.layout]
    wrong = []
    if not _same(scene.prompt, wanted["prompt"]):
        wrong.append(f"prompt {scene.prompt!r}")
    if len(told) != len(wanted_told) or not all(map(_same, told, wanted_told)):
        wrong.append(f"told {told}")
    pairs = {
        "entities": [names[name] for name in scene.entities],
        "background": names[scene.background] if scene.background else None,
        "camera": camera,
        "frames": scene.frames,
        "locked": scene.locked,
    }
    usual = {"entities": [], "background": None, "camera": "static medium", "locked": False}
    usual["frames"] = len(wanted_told) or 16
    wrong += [f"{k} {v!r}" for k, v in pairs.items() if v != wanted.get(k, usual[k])]
    wanted_boxes = [{k: pytest.approx(v) for k, v in w.items()} for w in wanted.get("boxes", [])]
    if boxes != wanted_boxes:
        wrong.append(f"boxes {boxes}")
    captions = [keyframe.caption for keyframe in scene.layout]
    if "captions" in wanted and captions != wanted["captions"]:
        wrong.append(f"captions {captions}")
    return wrong


def _differs(plan: VideoPlan, meaning: dict[str, Any]) -> list[str]:
    names = {entity.id: entity.name for entity in plan.entities}
    scenes = meaning["scenes"]
    if len(plan.scenes) != len(scenes):
        return [f"{len(plan.scenes)} scenes instead of {len(scenes)}"]
    wrong = [
        f"scene {at}: {found}"
        for at, (scene, wanted) in enumerate(zip(plan.scenes, scenes, strict=True))
        for found in _scene_differs(scene, names, wanted)
    ]
    size = {"fps": plan.fps, "width": plan.width, "height": plan.height}
    usual = {"fps": 8, "width": 512, "height": 512}
    return wrong + [f"{k} {v}" for k, v in size.items() if v != meaning.get(k, usual[k])]


@pytest.mark.parametrize("reply", REPLIES, ids=[reply.name for reply in REPLIES])
def test_reply(reply: Reply) -> None:
    settings = Settings(**reply.meaning.get("settings", {}))
    if "error" in reply.meaning:
        with pytest.raises(PlanError) as caught:
            read_plan(_written(reply), settings)
        assert reply.meaning["error"] in str(caught.value)
        return
    plan = read_plan(_written(reply), settings)
    assert _differs(plan, reply.meaning) == []
    assert loads(dumps(plan)) == plan


def test_the_corpus_is_as_large_and_as_readable_as_promised() -> None:
    assert len(REPLIES) >= 150
    assert len({reply.text for reply in REPLIES}) == len(REPLIES)
    refused = [reply for reply in REPLIES if "error" in reply.meaning]
    assert len(refused) <= len(REPLIES) / 4  # most must be read, or the share below says nothing
    # A place is a line, a path in the plan, or the plan as a whole where there is none in it.
    place = re.compile(r"line \d|scenes\[|step \d|frame \d|scene \d|plan\b")
    assert all(place.search(reply.meaning["error"]) for reply in refused)
