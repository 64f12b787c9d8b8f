"""Is this text in English at all? Other languages get a plan without guessed entities."""

from .lexicon import is_adjective, is_adverb, is_closed, is_noun, verb_form
from .tokens import tokenise

_LEAST = 0.26


def reads_as_english(text: str) -> bool:
    """Tell whether enough of the words are known; one or two words always pass as a title."""
    words = [token.low for token in tokenise(text) if token.kind == "word"][:400]
    if len(words) < 3:
        return all(word.isascii() for word in words)
    known = sum(
        is_closed(word) or is_noun(word) or is_adjective(word) or is_adverb(word)
        or verb_form(word) is not None
        for word in words
    )  # fmt: skip
    return known >= _LEAST * len(words)
