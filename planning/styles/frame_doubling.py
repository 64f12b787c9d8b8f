"""Twice the frames at twice the rate, the new ones described by a language model.

DirecT2V (arXiv:2305.14330, section 4.3 and figure 6): each description is divided in two, as
often as wanted.
"""

from functools import partial

from ..asking import Ask, Question
from ..frame_rate import answered, double_frame_rate, question
from ..readers.chatter import without_thinking
from ..schema import Scene, VideoPlan
from .dialogue import LANGUAGE, system, turns

_DIRECTOR = (
    "You direct a video frame by frame: you describe the frames that are added between others for "
    "a model that paints pictures and knows nothing of the other frames."
)


def double_with_model(plan: VideoPlan, ask: Ask, times: int = 1) -> VideoPlan:
    """Double the frame rate of a plan, scene by scene.

    Scenes whose frames have no prompts of their own are doubled without a question.

    Args:
        plan: left as it is.
        ask: puts the questions.
        times: how often; each time doubles frames and rate.

    Raises:
        AnswerError: the language model gave no answer that can be used.
        PlanError: a scene would have more frames, or the plan a higher rate, than plans may have.
        ValueError: times is negative.
    """
    if times < 0:
        raise ValueError(f"times: {times} is negative; use 0 or more")
    possible = plan
    for _ in range(times):  # what a plan cannot have is refused before anything is asked
        possible = double_frame_rate(possible)
    for _ in range(times):
        between = [prompt for scene in plan.scenes for prompt in _between(plan, scene, ask)]
        plan = double_frame_rate(plan, between)
    return plan


def _between(plan: VideoPlan, scene: Scene, ask: Ask) -> list[str]:
    """The prompts of a scene's new frames; asked alone, so that no answer gets too long."""
    alone = plan.model_copy(update={"scenes": [scene]})
    asked = question(alone)
    if not asked:
        return []
    messages = system(_DIRECTOR, LANGUAGE) + turns(asked)
    return ask(Question(messages, None, partial(_read, alone)))


def _read(alone: VideoPlan, text: str) -> list[str]:
    return answered(alone, without_thinking(text))
