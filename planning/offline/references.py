"""One id for one thing: who "it", "the ball" or "another dog" is, over all scenes of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..slugs import unique_slug
from .adjectives import COLOURS, MATERIALS, SCALES
from .items import NounPhrase
from .noun_forms import plural
from .nouns import ANIMAL, BIRD, CLASS_NAMES, FEMALE, FISH, KNOWN, MALE, PERSON
from .verbs import verb_forms
from .words import ABSTRACT, FRAME_NOUNS

_SIZES = (frozenset("tiny small little mini".split()), frozenset("big large huge giant".split()))
_CROWDS = frozenset("audience crowd couple family people".split())
ANIMATE = PERSON | ANIMAL | BIRD | FISH


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


class Registry:
    """All things of a prompt, and what was last spoken of."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.spoken: list[list[Thing]] = []
        self.subjects: list[Thing] = []
        self.companies: list[list[Thing]] = []
        self.apart: list[Thing] = []
        self.scene = 0
        self._ids: set[str] = set()

    def resolve(
        self, phrase: NounPhrase, subject: bool = False, apart: Sequence[Thing] = ()
    ) -> list[Thing]:
        """Return the things a noun phrase means, new ones included; [] when it names none.

        apart: things that a pronoun here cannot mean (the subjects, for an object).
        """
        self.apart = [] if phrase.alias.endswith(("self", "selves")) else list(apart)
        if phrase.det == "no" or phrase.head in FRAME_NOUNS or phrase.head in ABSTRACT:
            return []
        if phrase.alias == "one" and not phrase.head:
            self._borrow(phrase)
        found = self._find(phrase)
        for thing in found:
            thing.scenes.add(self.scene)
        if found:
            self._describe(found, phrase)
            self._remember(found, subject)
        return found

    def _remember(self, found: list[Thing], subject: bool) -> None:
        self.spoken.append(found)
        if subject:
            self.subjects = found
        if len(found) > 1 and found[0].head in ANIMATE:
            self.companies.append(found)

    def _find(self, phrase: NounPhrase) -> list[Thing]:
        if phrase.det == "pronoun":
            return self._pronoun(phrase)
        if not phrase.head:
            known = [thing for thing in self.things if thing.alias.lower() == phrase.alias.lower()]
            return known[-1:] or self._make(phrase)
        named = [t for t in self.things if t.alias and t.alias.lower() == phrase.noun]
        if named:
            return named[-1:]
        if phrase.det == "another" and phrase.count == 1:
            return self._make(phrase)
        return self._known(phrase) or self._make(phrase)

    def _known(self, phrase: NounPhrase) -> list[Thing]:
        fitting = [thing for thing in self.things if self._fits(thing, phrase)]
        matches = [thing for thing in fitting if thing.head == phrase.head] or fitting
        if phrase.det in ("indefinite", "none", "another"):
            if phrase.member:
                return matches[: phrase.count]
            matches = [t for t in matches if self._same_name(t, phrase)]
            if phrase.det != "none" or phrase.plural:
                matches = [t for t in matches if self.scene not in t.scenes]
            return self._counted(matches, phrase)
        if phrase.other:
            last = self.spoken[-1] if self.spoken else []
            return [t for t in matches if t not in last][-1:] or matches[:1]
        if phrase.ordinal is not None and matches:
            place = phrase.ordinal - 1
            return matches[place : place + 1]
        if phrase.member:
            return matches[: phrase.count]
        return self._definite(matches, phrase)

    def _definite(self, matches: list[Thing], phrase: NounPhrase) -> list[Thing]:
        if not phrase.plural and phrase.count == 1:
            recent = [t for group in reversed(self.spoken) for t in group if t in matches]
            return recent[:1] or matches[-1:]
        if phrase.exact:
            return self._counted(matches, phrase)
        if any(t.heap for t in matches):
            return [t for t in matches if t.heap][-1:]
        groups = {t.group for t in matches if t.group}
        if len(groups) == 1 and all(t.group for t in matches):
            return matches
        return matches if len(matches) > 1 else []

    def _counted(self, matches: list[Thing], phrase: NounPhrase) -> list[Thing]:
        if phrase.count == 1:
            return matches[:1]
        if not phrase.exact and len(matches) > 1:
            return matches
        return matches[-phrase.count :] if len(matches) >= phrase.count else []

    def _same_name(self, thing: Thing, phrase: NounPhrase) -> bool:
        return (thing.head, thing.modifiers) == (phrase.head, phrase.modifiers) and thing.adjectives == phrase.adjectives

    def _fits(self, thing: Thing, phrase: NounPhrase) -> bool:
        if thing.head != phrase.head:
            class_word = phrase.det in ("definite", "possessive") and not phrase.modifiers
            if not class_word or thing.head not in CLASS_NAMES.get(phrase.head, ()):
                return False
            if phrase.head == thing.head:
                return False
        elif not set(phrase.modifiers) <= set(thing.modifiers) | set(thing.adjectives):
            return False
        elif thing.modifiers and not phrase.modifiers and phrase.det not in ("definite", "possessive"):
            return False
        return not _conflict(thing.adjectives, phrase.adjectives) and self._same_part(thing, phrase)

    def _same_part(self, thing: Thing, phrase: NounPhrase) -> bool:
        return not phrase.of or not thing.of or phrase.of == thing.of

    def _pronoun(self, phrase: NounPhrase) -> list[Thing]:
        word = phrase.alias
        if word in ("they", "them", "themselves"):
            found = self._several()
            return found[: phrase.count] if phrase.member else found
        groups = [[t for t in g if t not in self.apart] for g in [self.subjects, *self.spoken[::-1]]]
        single = [group[0] for group in groups if len(group) == 1]
        fitting = [thing for thing in single if _agrees(word, thing)]
        sure = [thing for thing in fitting if _surely(word, thing)]
        # Whoever is not known to be a person may still be one, and "it" is said of anything.
        unknown = [thing for thing in single if thing.head not in KNOWN]
        for choice in (sure, fitting, unknown if word != "it" else single):
            if choice:
                return choice[:1]
        return next((group[:1] for group in groups if group and _agrees(word, group[0])), [])

    def _several(self) -> list[Thing]:
        last_scene = [t for t in self.things if self.scene in t.scenes or self.scene - 1 in t.scenes]
        subjects = [t for t in self.subjects if t not in self.apart]
        if len(subjects) > 1:
            return subjects
        for group in reversed(self.spoken):
            if len(group) > 1 and group[0].group and all(t.head in ANIMATE for t in group):
                living = [t for t in last_scene if t.head in ANIMATE or t.alias]
                return living if set(t.id for t in group) <= set(t.id for t in living) else group
        living = [t for t in last_scene if (t.head in ANIMATE or t.alias) and t not in self.apart]
        if len(living) < 2 and self.companies:
            return self.companies[-1]
        recent = [t for t in living if self.scene in t.scenes]
        for choice in (recent, living, last_scene):
            if len(choice) > 1:
                return choice
        return self.subjects or (self.spoken[-1] if self.spoken else [])

    def _borrow(self, phrase: NounPhrase) -> None:
        """ "a red one": the noun is that of the thing spoken of last."""
        if self.spoken:
            phrase.head = self.spoken[-1][-1].head
            phrase.modifiers = [w for w in self.spoken[-1][-1].modifiers if w not in phrase.adjectives]
        phrase.alias = ""

    def _make(self, phrase: NounPhrase) -> list[Thing]:
        count = 1 if phrase.heap else max(1, min(phrase.count, 24))
        made: list[Thing] = []
        for index in range(count):
            thing = Thing("", phrase.head, list(phrase.modifiers), list(phrase.adjectives))
            thing.alias = phrase.alias if phrase.alias != "one" else ""
            thing.heap = phrase.heap
            thing.of, thing.definite = phrase.of, phrase.det == "definite" and count == 1
            thing.id = self._new_id(thing, index, count)
            thing.group = "" if count == 1 else made[0].id if made else thing.id
            made.append(thing)
        self.things += made
        return made

    def _new_id(self, thing: Thing, index: int, count: int) -> str:
        name = thing.name if count == 1 else f"{thing.name}-{index + 1}"
        slug = unique_slug(name, self._ids)
        self._ids.add(slug)
        return slug

    def reserve(self, name: str) -> str:
        """Return an id for a background, kept apart from the ids of things."""
        slug = unique_slug(name, self._ids, fallback="place")
        self._ids.add(slug)
        return slug

    def _describe(self, found: list[Thing], phrase: NounPhrase) -> None:
        if phrase.det == "pronoun":
            return
        for thing in found:
            if phrase.worn and not thing.worn:
                thing.worn = " ".join(phrase.worn)
            if phrase.alias and phrase.head and not thing.alias:
                thing.alias = phrase.alias


def _conflict(known: list[str], asked: list[str]) -> bool:
    for family in (COLOURS, MATERIALS):
        left, right = set(known) & family, set(asked) & family
        if right and not right <= left and (left or family is COLOURS):
            return True
    sizes = [next((i for i, family in enumerate(_SIZES) if set(w) & family), None) for w in (known, asked)]
    if None not in sizes and sizes[0] != sizes[1]:
        return True
    plain = set(asked) - COLOURS - MATERIALS - set(SCALES)
    return bool(plain & {"new", "different", "second", "third"}) and not plain <= set(known)


def _surely(word: str, thing: Thing) -> bool:
    if word in ("she", "her", "herself"):
        return thing.head in FEMALE
    return thing.head in MALE if word in ("he", "him", "himself") else True


def _agrees(word: str, thing: Thing) -> bool:
    male, female = thing.head in MALE, thing.head in FEMALE
    person = (thing.head in PERSON or bool(thing.alias)) and thing.head not in _CROWDS
    if word in ("he", "him", "himself"):
        return (person and not female) or (male and thing.head not in ANIMAL)
    if word in ("she", "her", "herself"):
        return (person and not male) or female
    return not person or thing.head in ("baby", "robot", "alien", "monster", "ghost", "skeleton")
