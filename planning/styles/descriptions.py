"""What the entities of a plan look like, asked in a dialogue of two rounds for each.

VideoStudio (arXiv:2401.01256, section 3.1 and figure 4 of its supplement): first the aspects that
matter, then a description from these aspects that keeps the traits which the prompt names.
"""

import re
from collections import Counter

from ..asking import Ask, Question
from ..readers.chatter import without_thinking
from ..schema import Entity, PlanError, VideoPlan
from .dialogue import LANGUAGE, system, turns

_MOST_LETTERS = 700
_MOST_ASPECTS = 4000
_LIST = re.compile(r"^\s*(?:[-*•#>|]|\d{1,2}[.)]\s|```|[{\[])", re.MULTILINE)
_OPENING = re.compile(
    r"^(?:[^\n]{0,120}:[*_]{0,2}\s*\n|[*_#]{0,2}\s*description[*_]{0,2}\s*:[*_]{0,2})\s*",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "“": "”"}
_DESCRIBER = (
    "You describe people, animals, things and places for a model that paints pictures. You tell "
    "plain facts that can be seen in a photograph: no feelings, no praise, no story, no guesses."
)


def describe_common(plan: VideoPlan, ask: Ask) -> VideoPlan:
    """Describe every entity and background that more than one scene shows.

    Raises:
        AnswerError: no answer could be used.
    """
    seen = Counter(
        name for scene in plan.scenes for name in {*scene.entities, scene.background} if name
    )
    entities = [
        _described(plan, entity, ask) if seen[entity.id] > 1 else entity for entity in plan.entities
    ]
    return plan.model_copy(update={"entities": entities})


def _described(plan: VideoPlan, entity: Entity, ask: Ask) -> Entity:
    name = entity.name
    first = (
        f"Which aspects matter when {name!r} is described in detail, as seen in a photograph? "
        "Name eight to twelve of them, each in a few words."
    )
    aspects = ask(Question(system(_DESCRIBER, LANGUAGE) + turns(first), None, _read_aspects))
    scenes = [
        scene.prompt for scene in plan.scenes if entity.id in {*scene.entities, scene.background}
    ]
    second = (
        f"{name!r} is seen in a video of this prompt: {plan.prompt.strip()}\n"
        f"These are its scenes: {' '.join(scenes)}\n"
        f"Now describe {name!r} alone by these aspects, in one paragraph of at most sixty words. "
        "Every trait that the prompt or a scene gives is kept as it is; decide what they leave "
        "open, and name each detail plainly, never as a possibility. Nothing of what happens, "
        "no list, no heading; write only the description."
    )
    messages = system(_DESCRIBER, LANGUAGE) + turns(first, aspects, second)
    return entity.model_copy(
        update={"description": ask(Question(messages, None, read_description))}
    )


def _read_aspects(text: str) -> str:
    told = without_thinking(text).strip()
    if not told:
        raise PlanError("aspects: the answer is empty; name the aspects")
    if len(told) > _MOST_ASPECTS:
        raise PlanError(
            f"aspects: the answer has {len(told)} letters; name at most twelve, in a few words each"
        )
    return told


def read_description(text: str) -> str:
    """Take a description out of an answer that is text.

    Raises:
        PlanError: it is empty, a list, more than one paragraph or too long.
    """
    told = _OPENING.sub("", without_thinking(text).strip())
    if len(told) > 1 and told[-1] == _QUOTES.get(told[0]):
        told = told[1:-1].strip()
    if not told:
        raise PlanError("description: the answer is empty; describe what is seen in one paragraph")
    if _LIST.search(told) or re.search(r"\n\s*\n", told):
        raise PlanError(
            "description: this is a list, code or several paragraphs; write one paragraph of "
            "plain sentences and nothing around it"
        )
    if len(told) > _MOST_LETTERS:
        raise PlanError(
            f"description: {len(told)} letters are more than {_MOST_LETTERS}; write at most sixty "
            "words"
        )
    return " ".join(told.split())
