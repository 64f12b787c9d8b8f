"""What language models are sent: golden requests, worked examples and their size.

After a wanted change of wording, write the golden files anew and look at their difference:

    VIDEO_DIRECTOR_REFRESH_GOLDEN=1 python -m pytest tests/planning/test_styles_requests.py
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from video_director.planning import plan_io
from video_director.planning.asking import Asker
from video_director.planning.kinetics import action_labels
from video_director.planning.request import PlanRequest
from video_director.planning.styles import STYLES, write_plan
from video_director.planning.styles import answer_schemas as schemas
from video_director.planning.styles.examples import choose, frame_examples, scene_examples

GOLDEN = Path(__file__).with_name("golden_requests")
REQUEST = PlanRequest(
    prompt="A lighthouse keeper with a green coat feeds a gull, then lights the lamp.",
    frames=8,
    fps=4,
    width=512,
    height=320,
    tone="calm",
    seed=7,
)
SCENES: list[dict[str, Any]] = [
    {
        "prompt": "A lighthouse keeper in a green coat feeds a white gull on a rock.",
        "background": "rocky shore",
        "entities": ["lighthouse keeper", "gull"],
    },
    {
        "prompt": "A lighthouse keeper in a green coat lights the lamp of a lighthouse.",
        "background": "lamp room",
        "entities": ["lighthouse keeper", "lamp"],
    },
]
CAMERAS = [
    {"camera_direction": "left", "camera_speed": "slow"},
    {"camera_direction": "static", "camera_speed": "medium"},
]
LAYOUTS = [
    {
        "reasoning": "He stands, the gull comes.",
        "boxes": [
            {"frame": 0, "entity": "lighthouse keeper", "box": [0.1, 0.2, 0.4, 0.9]},
            {"frame": 0, "entity": "gull", "box": [0.8, 0.1, 0.95, 0.25]},
            {"frame": 7, "entity": "gull", "box": [0.4, 0.4, 0.55, 0.55]},
        ],
        "layout_strength": 0.2,
    },
    {
        "reasoning": "Both stay.",
        "boxes": [{"frame": 0, "entity": "lamp", "box": [0.5, 0.2, 0.8, 0.7]}],
        "layout_strength": 0.1,
    },
]
DIRECTOR = {
    "entities": [
        {"name": name, "description": f"a {name}"} for name in ("lighthouse keeper", "gull", "lamp")
    ],
    "backgrounds": [{"name": name, "description": name} for name in ("rocky shore", "lamp room")],
    "scenes": [
        {**scene, **camera, "action": "", **layout}
        for scene, camera, layout in zip(SCENES, CAMERAS, LAYOUTS, strict=True)
    ],
}
FRAMES = {"summary": "A keeper lights a lamp.", "frames": [f"Step {n} of it." for n in range(8)]}
ANSWERS: dict[str, list[object]] = {
    "director": [DIRECTOR],
    "scenes": [
        {"scenes": SCENES},
        {"cameras": CAMERAS},
        "age, coat, face",
        "An old man in a long green coat.",
    ],
    "layout": [{"scenes": SCENES}, *LAYOUTS],
    "frames": [FRAMES],
}


class Recorder:
    """Answers from a list and keeps what it was asked."""

    def __init__(self, answers: Sequence[object]) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def complete(
        self, messages: Sequence[Any], schema: Mapping[str, Any] | None, heard: object
    ) -> str:
        self.requests.append({"messages": [dict(m) for m in messages], "schema": schema})
        answer = self.answers.pop(0)
        return answer if isinstance(answer, str) else json.dumps(answer)


def requests_of(style: str, request: PlanRequest = REQUEST) -> list[dict[str, Any]]:
    model = Recorder(ANSWERS[style])
    write_plan(request, style, Asker(model, heard=lambda text: None, tries=1))
    assert not model.answers
    return model.requests


@pytest.mark.parametrize("style", STYLES)
def test_requests_are_as_reviewed(style: str) -> None:
    """Lines, so that a change of wording is seen in review."""
    found = [
        {
            "messages": [
                {"role": message["role"], "content": message["content"].split("\n")}
                for message in request["messages"]
            ],
            "schema": request["schema"],
        }
        for request in requests_of(style)
    ]
    file = GOLDEN / f"{style}.json"
    if os.environ.get("VIDEO_DIRECTOR_REFRESH_GOLDEN"):
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        file.write_text(text, encoding="utf-8", newline="\n")
    assert found == json.loads(file.read_text(encoding="utf-8")), "see the top of this file"


@pytest.mark.parametrize("style", STYLES)
def test_requests_fit_into_a_modest_context(style: str) -> None:
    for request in requests_of(style):
        assert sum(len(message["content"]) for message in request["messages"]) < 24_000


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("example", scene_examples(), ids=lambda example: example.request.prompt)
def test_every_choice_of_examples_fits_into_a_modest_context(style: str, example: Any) -> None:
    model = Recorder([])
    with pytest.raises(IndexError):
        write_plan(PlanRequest(prompt=example.request.prompt, scenes=1), style, Asker(model, print))
    (request,) = model.requests
    assert sum(len(message["content"]) for message in request["messages"]) < 24_000


@pytest.mark.parametrize("style", STYLES)
def test_dialogues_take_turns(style: str) -> None:
    for request in requests_of(style):
        roles = [message["role"] for message in request["messages"]]
        turns = roles[1:]
        assert roles[0] == "system"
        assert turns == ["user", "assistant"] * (len(turns) // 2) + ["user"]


@pytest.mark.parametrize("style", STYLES)
def test_the_request_is_told(style: str) -> None:
    for request in requests_of(style):
        if request["schema"] in (None, schemas.CAMERAS):
            continue
        asked = request["messages"][-1]["content"]
        assert "512 x 320 pixels, 1.6 times as wide as high" in asked
        assert "Tone: calm" in asked
        assert re.search(r"(?<!\d)8(?!\d)", asked)


def test_five_examples_go_before_questions_for_scenes() -> None:
    first, cameras = requests_of("scenes")[:2]
    assert len(first["messages"]) == 1 + 2 * 5 + 1
    assert len(cameras["messages"]) >= 1 + 2 * 4 + 1


def _objects(schema: Any) -> Any:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from _objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _objects(value)


@pytest.mark.parametrize("name", ["SCENES", "CAMERAS", "LAYOUT", "DIRECTOR", "FRAMES"])
def test_schemas_are_friendly_to_strict_output(name: str) -> None:
    schema = getattr(schemas, name)
    objects = list(_objects(schema))
    assert objects
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
    words = set(re.findall(r'"(\w+)":', json.dumps(schema)))
    properties = {key for part in objects for key in part["properties"]}
    allowed = {"type", "properties", "required", "additionalProperties", "items", "enum"}
    assert words - properties <= allowed


@pytest.mark.parametrize("example", scene_examples(), ids=lambda example: example.request.prompt)
def test_worked_examples_are_good_answers(example: Any) -> None:
    ask = Asker(Recorder([example.answer]), heard=lambda text: None, tries=1)
    plan = write_plan(example.request, "director", ask)
    assert plan_io.loads(plan_io.dumps(plan)) == plan
    assert len(plan.entities) == len(example.answer["entities"] + example.answer["backgrounds"])
    for scene, told in zip(plan.scenes, example.scenes, strict=True):
        assert scene.background
        assert set(scene.entities) == {e for key in scene.layout for e in key.boxes}
        assert told["reasoning"]
        assert told["layout_strength"] <= 0.3
        assert set(scene.action) <= set(action_labels())
        assert bool(scene.action) == bool(told["action"])
        assert list(told) == list(schemas.DIRECTOR["properties"]["scenes"]["items"]["properties"])
        grid = [value * 20 for row in told["boxes"] for value in row["box"]]
        assert grid == pytest.approx([round(value) for value in grid])


@pytest.mark.parametrize("example", frame_examples(), ids=lambda example: example.request.prompt)
def test_worked_examples_of_frames_are_good_answers(example: Any) -> None:
    ask = Asker(Recorder([example.answer]), heard=lambda text: None, tries=1)
    plan = write_plan(example.request, "frames", ask)
    assert plan.scenes[0].frame_prompts == example.answer["frames"]
    camera = [frame for frame in example.answer["frames"] if "camera" in frame]
    assert bool(camera) == example.request.camera


def test_worked_examples_are_diverse() -> None:
    examples = scene_examples()
    assert len(examples) >= 5
    assert len(frame_examples()) >= 5
    assert {len(example.scenes) for example in examples} >= {1, 2, 3, 4}
    assert len({(e.request.width, e.request.height) for e in examples}) >= 4
    backgrounds = [b["name"] for e in examples for b in e.answer["backgrounds"]]
    assert len(backgrounds) == len(set(backgrounds))


# The papers' own examples and instructions are told by these words.
PAPERS = (
    "tandem|elderly couple|picturesque|soccer|making cake|siamese|corgi|nuclear|hummingbird"
    "|professional photographer|you need to envision|self-contained|artistic appreciation"
)


def test_wording_is_not_the_papers() -> None:
    told = " ".join(
        message["content"]
        for style in STYLES
        for request in requests_of(style)
        for message in request["messages"]
    )
    answers = json.dumps([e.answer for e in (*scene_examples(), *frame_examples())])
    assert not re.findall(PAPERS, f"{told} {answers}", re.IGNORECASE)


def test_similar_examples_are_chosen_and_the_most_similar_comes_last() -> None:
    tram = PlanRequest(prompt="A blue tram in the snow")
    assert "tram" in choose(scene_examples(), tram, 2)[-1].request.prompt
    children = PlanRequest(prompt="Kinder am Strand mit einem Drachen")
    assert "Mila" in choose(scene_examples(), children, 5)[-1].request.prompt
    four = choose(scene_examples(), PlanRequest(prompt="Qwxz", scenes=4), 3)
    assert [len(example.scenes) for example in four][-1] == 4
    assert choose(scene_examples(), tram, 5) == choose(scene_examples(), tram, 5)
    still = PlanRequest(prompt="Qwxz", camera=False)
    assert not choose(frame_examples(), still, 1)[0].request.camera
