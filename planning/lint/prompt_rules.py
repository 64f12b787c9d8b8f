"""Findings about prompts. Every scene, and every frame, is drawn from its own prompt alone."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice
from math import ceil

from ..problems import shown
from ..schema import Scene, VideoPlan
from .findings import Finding
from .words import Said, heads, words_of

# CLIP reads 77 tokens, two of which mark start and end. It takes about 1.3 for an English word.
_MOST_TOKENS = 77
_TOKENS_PER_WORD = 1.3
_MOST_WORDS = int((_MOST_TOKENS - 2) / _TOKENS_PER_WORD)
_LEAST_LATIN = 0.5  # of the letters

_LINKS = (
    r"(?:(?:and|then|now|next|later|finally|suddenly|meanwhile|afterwards|eventually|after that"
    r"|in the end)\b,?\s*)*"
)
_PRONOUN = re.compile(
    rf"^\W*{_LINKS}(?P<word>he|she|it|they|him|her|them|his|hers|its|theirs|their)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
# "It is raining", "It's dark", "It snows": nothing is meant by the pronoun.
_WEATHER = re.compile(
    r"^(?:['’]s|\s+(?:is|was|has been|starts?|begins?|gets?|becomes?|grows?))?(?:\s+[a-z]+){0,2}?"
    r"\s+(?:rain|snow|hail|storm|drizzl|pour|thunder|fog|mist|wind|sunny|cloudy|cold|hot|warm|dark"
    r"|night|day|dawn|dusk|noon|midnight|morning|evening|afternoon|late|early|spring|summer|autumn"
    r"|winter|christmas)",
    re.IGNORECASE,
)
# "It is a red ball": the noun follows at once.
_SAID = re.compile(r"^(?:['’](?:s|re)|\s+(?:is|are|was|were))\s+(?:an?|the)\s", re.IGNORECASE)


def too_long(plan: VideoPlan) -> Iterator[Finding]:
    """A text that is longer than CLIP reads."""
    for path, text in _first_texts(plan, lambda text: _tokens(text) > _MOST_TOKENS):
        yield Finding(
            path,
            f"has about {_tokens(text)} tokens (an estimate from its words), more than the "
            f"{_MOST_TOKENS} that CLIP reads at once; what comes late may count for little",
            f"shorten it to about {_MOST_WORDS} words, what matters most first, unless the "
            "model's text encoder reads more",
            "too_long",
            "warning",
        )


def begins_with_a_pronoun(plan: VideoPlan) -> Iterator[Finding]:
    """A prompt that begins with "it" or "she" and never says who that is."""
    for path, text in _first_texts(plan, lambda text: bool(_bare_pronoun(text))):
        yield Finding(
            path,
            f"begins with {shown(_bare_pronoun(text))}, but is drawn alone, so nobody knows who "
            "or what that is",
            "name it: 'A corgi runs …' instead of 'It runs …'",
            "begins_with_a_pronoun",
            "warning",
        )


def not_latin(plan: VideoPlan) -> Iterator[Finding]:
    """A text in letters that the picture models' text encoders hardly know."""
    for path, _ in _first_texts(plan, _mostly_not_latin):
        yield Finding(
            path,
            "is not in Latin letters, and most picture models read English only",
            "write it in English; names may stay as they are",
            "not_latin",
            "warning",
        )


def leaves_out_an_entity(plan: VideoPlan) -> Iterator[Finding]:
    """A scene whose prompts do not speak of an entity that it shows."""
    names = {entity.id: entity.name for entity in plan.entities}
    called = {entity.id: heads(entity.name) | heads(entity.description) for entity in plan.entities}
    for number, scene in enumerate(plan.scenes):
        said = Said("\n".join(dict.fromkeys([scene.prompt, *(scene.frame_prompts or [])])))
        for index, entity in enumerate(scene.entities):
            if not said.speaks_of(called[entity]):
                yield Finding(
                    f"scenes[{number}].entities[{index}]",
                    f"the scene's prompt does not speak of {shown(names[entity])}, so text and "
                    "boxes disagree",
                    "name it in the prompt, or take it out of the scene",
                    "leaves_out_an_entity",
                    "warning",
                )


def same_frame_prompts(plan: VideoPlan) -> Iterator[Finding]:
    """Frame prompts that are all the same."""
    for number, scene in enumerate(plan.scenes):
        prompts = scene.frame_prompts or []
        if len(prompts) > 1 and len(set(prompts)) == 1:
            yield Finding(
                f"scenes[{number}].frame_prompts",
                f"all {len(prompts)} are the same, so they tell of no change",
                "leave them out and make theirs the scene's prompt, or say what changes",
                "same_frame_prompts",
                "note",
            )


def _first_texts(plan: VideoPlan, wrong: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The first wrong text of every entity and every scene, with its path."""
    for index, entity in enumerate(plan.entities):
        if wrong(entity.description):
            yield f"entities[{index}].description", entity.description
    for number, scene in enumerate(plan.scenes):
        found = (item for item in _prompts(scene).items() if wrong(item[0]))
        for text, field in islice(found, 1):
            yield f"scenes[{number}].{field}", text


def _prompts(scene: Scene) -> dict[str, str]:
    """Every different prompt of a scene and the field where it stands first."""
    texts = {scene.prompt: "prompt"}
    for index, prompt in enumerate(scene.frame_prompts or []):
        texts.setdefault(prompt, f"frame_prompts[{index}]")
    return texts


def _tokens(text: str) -> int:
    return ceil(len(words_of(text)) * _TOKENS_PER_WORD) + 2


def _mostly_not_latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters)
    return latin < _LEAST_LATIN * len(letters)


def _bare_pronoun(text: str) -> str:
    """The pronoun that a text begins with; "" where there is none or the text explains it."""
    match = _PRONOUN.match(text)
    if match is None:
        return ""
    word, rest = match["word"], match["rest"]
    if _SAID.match(rest) or (word.lower() == "it" and _WEATHER.match(rest)):
        return ""
    # "His armour shining, a knight rides": the noun comes after the comma.
    owner = word.lower() in ("his", "her", "its", "their")
    return "" if owner and "," in re.split(r"[.!?]", rest)[0] else word
