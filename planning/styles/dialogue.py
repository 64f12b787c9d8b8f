"""The words that all styles share: what is asked for, and the rules of a good plan."""

import json
from collections.abc import Mapping

from ..asking import Message
from ..request import PlanRequest
from .building import MOST_SCENES

LANGUAGE = (
    "Write in English, whatever language the prompt has, since the picture models read only "
    "English; keep the names of people, places and works as they are."
)
NAMES = (
    "The same person, thing or place has exactly the same name in all scenes, and other ones have "
    'other names ("older sister" and "younger sister"). Keep scenes that belong together in the '
    "same place with the same people and things. Only what can be seen has a name: no music, no "
    "mood, no camera."
)
SCENE_PROMPTS = (
    "The prompt of a scene is one sentence that shows one single event of a few seconds, and it "
    "stands for itself: it names everybody and everything that is seen, with the traits by which "
    "they are known, and the place; no pronoun for what only another scene names, and no camera. "
    "The scenes tell one story from its beginning to its end, each a step further than the last."
)
DESCRIPTIONS = (
    "A description says in at most forty words what would be seen in a photograph of this alone: "
    "kind, age, build, colours, materials, clothes; for a place its parts, light and weather. It "
    "keeps every trait that the prompt names and says nothing of what happens."
)
CAMERAS = (
    "camera_direction is one of static, left, right, up, down, zoom_in, zoom_out: where the camera "
    "goes, so that with left all that stands still moves right. camera_speed is one of slow, "
    "medium, fast. Follow what moves, come nearer for a detail, go back to show a place; static "
    "where things move enough by themselves. Neighbouring scenes should differ."
)
BOXES = (
    "Each row of boxes has a frame, the name of an entity and its box [left, top, right, bottom] "
    "in fractions of the picture, from 0 at the left and upper edge to 1 at the right and lower "
    "edge, in steps of 0.05. Give each entity a row for the frame in which it is first seen (0 "
    "where it is there from the start), one for the frame in which it is last seen, and others "
    "only where it turns or changes its pace: between two rows it moves evenly. What stands still "
    "needs only one row and stays to the end. Sizes fit each other, distance and the shape of the "
    "picture; what comes nearer grows; what stands on the ground does so with its lower edge. "
    "Two entities in one place at one time only where they touch. No rows for the background. "
    "reasoning comes before the boxes: one to three sentences on where each entity is and moves. "
    "layout_strength is from 0 to 0.3: 0.3 where places and ways matter much, 0.1 where little."
)


def turns(*texts: str) -> tuple[Message, ...]:
    """Texts said in turns by the user and the assistant, the user first."""
    roles = ("user", "assistant")
    return tuple(Message(role=roles[at % 2], content=text) for at, text in enumerate(texts))


def system(*paragraphs: str) -> tuple[Message, ...]:
    """The instructions that a dialogue begins with."""
    return (Message(role="system", content="\n\n".join(paragraphs)),)


def as_json(answer: object) -> str:
    """An answer as a language model should write it."""
    return json.dumps(answer, ensure_ascii=False)


def request_text(request: PlanRequest) -> str:
    """What is wanted, for the styles that write scenes."""
    lines = {"Prompt": request.prompt.strip(), "Scenes": _scenes(request)}
    lines["Each scene"] = f"{frames_text(request)}, that is {_seconds(request)}"
    lines["Picture"] = picture_text(request)
    if not request.camera:
        lines["Camera"] = "stands still in every scene"
    return _lines({**lines, **wishes(request)})


def frames_text(request: PlanRequest) -> str:
    """The frames of a scene and their numbers."""
    return f"{request.frames} frames, numbered 0 to {request.frames - 1}"


def picture_text(request: PlanRequest) -> str:
    """The size of the picture and what shape that is."""
    width, height = request.width, request.height
    if width == height:
        shape = "square"
    elif width > height:
        shape = f"{round(width / height, 2):g} times as wide as high"
    else:
        shape = f"{round(height / width, 2):g} times as high as wide"
    return f"{width} x {height} pixels, {shape}"


def wishes(request: PlanRequest) -> dict[str, str]:
    """What the request says about tone and picture model, where it does."""
    told = {"Tone": request.tone.strip(), "About the picture model": request.hints.strip()}
    return {label: text for label, text in told.items() if text}


def _lines(parts: Mapping[str, str]) -> str:
    return "\n".join(f"{label}: {text}" for label, text in parts.items())


def _scenes(request: PlanRequest) -> str:
    if request.scenes:
        return f"exactly {request.scenes}"
    return f"as many as the prompt needs, 1 to {MOST_SCENES}; one where it tells of one event"


def _seconds(request: PlanRequest) -> str:
    seconds = round(request.frames / request.fps, 1)
    return f"{seconds:g} seconds at {request.fps} frames per second"
