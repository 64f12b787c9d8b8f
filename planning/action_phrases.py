"""What is done in a text: its verbs with what belongs to them, as Kinetics writes its labels.

VideoStudio (arXiv:2401.01256), supplement 3, extracts action phrases with spaCy's tagger and a
matcher of verb groups. Where spaCy and one of its models are installed it is used; else the offline
planner's own reading of English serves.
"""

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from .offline.items import Item
from .offline.items_reader import read_items
from .offline.tokens import normalise
from .offline.verbs import gerund

# What is and what seems is no action.
_STATES = frozenset("be have seem appear look become remain stay let begin start stop want".split())
_BELONGS = frozenset({"np", "prep", "particle", "adverb", "to", "adjective"})
_ARTICLES = re.compile(r"\b(?:an?|the|its|his|her|their|some|two|three|four)\s+", re.IGNORECASE)
_SPACY_MODEL = "en_core_web_sm"


def action_phrases(text: str) -> list[str]:
    """The action phrases of a prompt, in order: "bouncing on trampoline", "climbing rope".

    Args:
        text: English.
    """
    if spacy_model() is not None:
        return list(dict.fromkeys(_by_spacy(text)))
    plain = normalise(text)
    return list(dict.fromkeys(_by_planner(plain, read_items(plain))))


def spacy_model() -> str | None:
    """The name of the spaCy model that would be used; None without spaCy or without the model."""
    found = (importlib.util.find_spec(name) for name in ("spacy", _SPACY_MODEL))
    return _SPACY_MODEL if all(found) else None


def _by_planner(text: str, items: list[Item]) -> Iterator[str]:
    for index, item in enumerate(items):
        if item.kind != "verb" or item.word in _STATES:
            continue
        end = item.end
        for follower in items[index + 1 :]:
            if follower.kind not in _BELONGS:
                break
            end = follower.end
        rest = _ARTICLES.sub("", text[item.end : end]).strip()
        yield " ".join([gerund(item.word), *rest.split()])


@cache
def _spacy_reader() -> Any:
    spacy: Any = importlib.import_module("spacy")
    return spacy.load(_SPACY_MODEL, disable=["ner"])


def _by_spacy(text: str) -> Iterator[str]:
    for token in _spacy_reader()(text):
        if token.pos_ != "VERB" or token.lemma_ in _STATES:
            continue
        kept = [
            part
            for part in token.subtree
            if part.i > token.i and part.pos_ not in ("PUNCT", "CCONJ", "DET", "SCONJ")
        ]
        words = []
        for part in kept:
            if part.pos_ in ("VERB", "AUX"):
                break
            words.append(part.text)
        yield " ".join([gerund(token.lemma_), *words])
