"""DirecT2V's way: every frame is described by itself.

arXiv:2305.14330, section 3.3 and figures 3, 12 and 14: as many descriptions as frames, each
self-contained and little different from its neighbours, for a given rate, with or without camera.
"""

from functools import partial

from ..asking import Ask
from ..request import PlanRequest
from ..schema import PlanError, Scene, VideoPlan
from .answer_schemas import FRAMES
from .answers import FramesAnswer, validated
from .building import build_plan
from .dialogue import LANGUAGE, as_json, picture_text, system, turns, wishes
from .examples import choose, frame_examples
from .questions import json_question

_EXAMPLES = 5
_DIRECTOR = (
    "You direct a video frame by frame: you describe each of its frames for a model that paints "
    "pictures and knows nothing of the other frames. Answer with one JSON object of this form and "
    "nothing else:\n"
    '{"summary": one sentence on the whole video, "frames": [one description for each frame]}'
)
_FRAMES = (
    "Divide what happens into as many steps as there are frames, over the time that they last: "
    "neighbouring frames differ as little as the time between them, and the last frame ends what "
    "the first began. Each description is one or two sentences, at most fifty words, and stands "
    "for itself: it names all that is seen with the same traits in the same words as in the "
    "other frames, the place and its light, and what is just being done. What comes later is not "
    "mentioned before it is seen. No frame numbers, no words such as now, still or then."
)
_CAMERA = "Say in the descriptions where the camera stands and how it goes on from frame to frame."
_NO_CAMERA = "The camera stands still and sees the same part of the place; do not mention it."


def plan_frames(request: PlanRequest, ask: Ask) -> VideoPlan:
    """Plan as DirecT2V does: one scene with a prompt for each frame.

    Raises:
        AnswerError: the language model gave no answer that can be used.
        PlanError: more than one scene is wanted.
    """
    if request.scenes > 1:
        raise PlanError(
            f"scenes: the style 'frames' writes one scene, not {request.scenes}; set scenes to 0 "
            "or 1, or choose another style"
        )
    messages = system(_DIRECTOR, _FRAMES, LANGUAGE)
    for example in choose(frame_examples(), request, _EXAMPLES):
        messages += turns(_wanted(example.request), as_json(example.answer))
    messages += turns(_wanted(request))
    return ask(json_question(messages, FRAMES, partial(_plan, request), "frames"))


def _wanted(request: PlanRequest) -> str:
    lines = {
        "Prompt": request.prompt.strip(),
        "Frames": f"exactly {request.frames}, at {request.fps} per second",
        "Picture": picture_text(request),
        "Camera": _CAMERA if request.camera else _NO_CAMERA,
        **wishes(request),
    }
    return "\n".join(f"{label}: {text}" for label, text in lines.items())


def _plan(request: PlanRequest, data: object) -> VideoPlan:
    answer = validated(FramesAnswer, data)
    if len(answer.frames) != request.frames:
        raise PlanError(
            f"frames: {len(answer.frames)} descriptions came where {request.frames} are needed; "
            "describe each frame once"
        )
    scene = Scene(
        id="scene-1",
        prompt=answer.summary,
        frames=request.frames,
        frame_prompts=answer.frames,
    )
    return build_plan(request, [], [scene])
