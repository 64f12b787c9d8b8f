"""From characters to words: normalising a prompt and cutting it into tokens."""

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "…": "...", "–": "-"})
_CONTRACTIONS = (
    (r"\b(can)'?not\b|\bcan't\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\blet's\b", "let us"),
    (r"(\w)n't\b", r"\1 not"),
    (r"\b(it|he|she|that|there|here|who|what|where)'s\b", r"\1 is"),
    (r"\b(we|they|you|there)'re\b", r"\1 are"),
    (r"\bi'm\b", "i am"),
    (r"\b(i|we|they|you|he|she|it)'d\b", r"\1 would"),
    (r"\b(mr|mrs|ms|dr|st|prof|jr|sr|vs)\.", r"\1"),
    (r"\b([ap])\.m\.", r"\1m"),
    (r"\bno longer\b", "not"),
    (r"\bno[ -]?one\b", "nobody"),
    (r"\b(\w+)'ll\b", r"\1 will"),
    (r"\b(i|we|they|you)'ve\b", r"\1 have"),
)
_WORD = re.compile(
    r"(?P<word>[^\W\d_]+(?:['-][^\W\d_]+)*)|(?P<number>\d+(?:[.,]\d+)*[^\W\d_]*)|(?P<mark>[^\w\s]|_)"
)


@dataclass(frozen=True)
class Token:
    """One word, number or mark; low is the word in lower case, start and end are in the text."""

    text: str
    low: str
    kind: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether the word is written with a capital."""
        return self.text[:1].isupper()


def normalise(text: str) -> str:
    """Return the text with plain quotes, spelled-out contractions and single spaces.

    Line breaks stay; control characters, lone surrogates and symbols such as emoji become spaces.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    text = re.sub(r"\s*(—|--+)\s*", ", ", text)
    text = "".join(_plain(letter) for letter in text)
    for pattern, replacement in _CONTRACTIONS:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r" *\n[ \n]*", "\n", text).strip()


def _plain(letter: str) -> str:
    if letter in "\n→":
        return letter
    category = unicodedata.category(letter)
    return " " if category[0] in "CZ" or category in ("So", "Sk", "Mn", "Me") else letter


def tokenise(text: str) -> list[Token]:
    """Cut normalised text into tokens; possessive 's becomes a token of its own."""
    found = []
    for match in _WORD.finditer(text):
        kind = match.lastgroup or "mark"
        word, start, end = match.group(), match.start(), match.end()
        owner = kind == "word" and word.lower().endswith("'s") and len(word) > 2
        if owner:
            found.append(Token(word[:-2], word[:-2].lower(), kind, start, end - 2))
            found.append(Token("'s", "'s", "mark", end - 2, end))
        else:
            found.append(Token(word, word.lower(), kind, start, end))
    return found
