"""The pieces a sentence is cut into before its clauses are read."""

from dataclasses import dataclass, field
from typing import Literal

from .phrases import Phrase

Det = Literal["none", "indefinite", "definite", "possessive", "another", "no", "pronoun", "name"]
ItemKind = Literal[
    "np",
    "verb",
    "aux",
    "not",
    "prep",
    "particle",
    "and",
    "comma",
    "stop",
    "conj",
    "relative",
    "there",
    "to",
    "adverb",
    "adjective",
    "phrase",
    "frame",
]


@dataclass
class NounPhrase:
    """A thing as the text names it.

    head is the singular of the last noun, modifiers the nouns before it, adjectives in order;
    count is how many (exact when a number says so); owner, of and worn are text that describes.
    member: some of a group; heap: a plural drawn as one thing ("chops carrots").
    """

    start: int
    end: int
    head: str = ""
    modifiers: list[str] = field(default_factory=list)
    adjectives: list[str] = field(default_factory=list)
    det: Det = "none"
    count: int = 1
    plural: bool = False
    exact: bool = False
    other: bool = False
    ordinal: int | None = None
    member: bool = False
    heap: bool = False
    alias: str = ""
    owner: str = ""
    of: str = ""
    of_head: str = ""
    worn: list[str] = field(default_factory=list)
    original: str = ""

    @property
    def noun(self) -> str:
        """The head with the nouns before it: "fire truck"."""
        return " ".join([*self.modifiers, self.head]) if self.head else self.alias

    @property
    def label(self) -> str:
        """Adjectives and noun: "big red fire truck"."""
        return " ".join([*self.adjectives, self.noun]).strip()


@dataclass
class Item:
    """One piece of a sentence; only the field that its kind is about is filled."""

    kind: ItemKind
    start: int
    end: int
    word: str = ""
    form: str = ""
    np: NounPhrase | None = None
    phrase: Phrase | None = None
