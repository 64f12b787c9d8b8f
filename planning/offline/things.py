"""Things: what becomes an entity of the plan."""

from dataclasses import dataclass, field

from .noun_forms import plural
from .verbs import verb_forms


@dataclass
class Thing:
    """One entity of the plan while it is being found; index counts the members of a group."""

    id: str
    head: str
    modifiers: list[str]
    adjectives: list[str]
    alias: str = ""
    of: str = ""
    worn: str = ""
    group: str = ""
    owner: str = ""
    definite: bool = False
    scenes: set[int] = field(default_factory=set)
    heap: bool = False
    told: bool = False

    @property
    def noun(self) -> str:
        """The head with the nouns before it."""
        head = plural(self.head) if self.heap else self.head
        return " ".join([*self.modifiers, head]) if self.head else self.alias

    @property
    def name(self) -> str:
        """What the plan calls it: "red ball", "glass of wine", or its own name."""
        if self.alias:
            return self.alias
        lasting = [word for word in self.adjectives if not _passing(word)]
        return " ".join([*lasting, self.noun, self.of]).strip()

    @property
    def description(self) -> str:
        """The full noun phrase: "a man with a red hat"."""
        if not self.head:
            return self.alias
        words = " ".join([*self.adjectives, self.noun, self.of]).strip()
        if self.owner:
            words = f"{self.owner}'s {words}"
        elif not self.heap:
            words = f"{'the' if self.definite else article(words)} {words}"
        return " ".join([words, self.worn]).strip()


def article(words: str) -> str:
    """Return a or an for what follows."""
    first = words[:1].lower()
    odd = words.lower().startswith(("uni", "use", "one", "euro", "ufo"))
    silent = words.lower().startswith(("hour", "honest"))
    return "an" if (first in "aeiou" and first and not odd) or silent else "a"


def _passing(word: str) -> bool:
    form = verb_forms().get(word)
    return (form is not None and form.form == "ing") or word in ("lively", "realistic")
