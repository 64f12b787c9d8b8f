"""One id for one thing: who "it", "the ball" or "another dog" is, over all scenes of a prompt."""

from collections.abc import Sequence

from ..slugs import unique_slug
from .items import NounPhrase
from .matching import agrees, fits, same_name, surely
from .nouns import ANIMATE, KNOWN
from .things import Thing
from .words import ABSTRACT, FRAME_NOUNS


class Registry:
    """All things of a prompt, and what was last spoken of."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.spoken: list[list[Thing]] = []
        self.subjects: list[Thing] = []
        self.previous: list[Thing] = []
        self.mark = 0
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
        lamp = phrase.head == "light" and phrase.modifiers
        if (
            phrase.det == "no"
            or phrase.head in FRAME_NOUNS
            or (phrase.head in ABSTRACT and not lamp)
        ):
            return []
        found = []
        if phrase.alias == "one" and not phrase.head:
            found = self._member_like(phrase)
            self._borrow(phrase)
            if not phrase.head and not found:
                return []
        found = found or self._find(phrase)
        for thing in found:
            thing.scenes.add(self.scene)
        if found:
            self._describe(found, phrase)
            self._remember(found, subject)
        return found

    def owner(self, phrase: NounPhrase, found: Sequence[Thing]) -> list[Thing]:
        """Return whom "his" or "its" before a noun means; [] when nobody fits."""
        word = {"his": "he", "her": "she", "its": "it", "their": "they"}.get(phrase.owner)
        if word is None:
            return []
        self.apart = list(found)
        return self._pronoun(NounPhrase(phrase.start, phrase.end, det="pronoun", alias=word))

    def _remember(self, found: list[Thing], subject: bool) -> None:
        self.spoken.append(found)
        if subject:
            if found != self.subjects:
                self.previous = self.subjects
            self.subjects = found
            self.mark = len(self.spoken)
        if len(found) > 1 and found[0].head in ANIMATE:
            self.companies.append(found)

    def _find(self, phrase: NounPhrase) -> list[Thing]:
        if phrase.det == "pronoun":
            return self._pronoun(phrase)
        if not phrase.head:
            known = [thing for thing in self.things if thing.alias.lower() == phrase.alias.lower()]
            return known[-1:] or self._make(phrase)
        named = [t for t in self.things if t.alias and t.alias.lower() == phrase.noun]
        named = [] if phrase.plural or phrase.det == "indefinite" else named
        if named:
            return named[-1:]
        if phrase.det == "another" and phrase.count == 1:
            return self._make(phrase)
        return self._known(phrase) or self._make(phrase)

    def _known(self, phrase: NounPhrase) -> list[Thing]:
        fitting = [thing for thing in self.things if fits(thing, phrase)]
        matches = [thing for thing in fitting if thing.head == phrase.head] or fitting
        if phrase.det in ("indefinite", "none", "another"):
            if phrase.member:
                return matches[: phrase.count]
            matches = [t for t in matches if same_name(t, phrase)]
            if phrase.det != "none" or phrase.plural:
                matches = [t for t in matches if self.scene not in t.scenes]
            return self._counted(matches, phrase)
        if phrase.other:
            last = self.spoken[-1] if self.spoken else []
            rest = [t for t in matches if t not in last]
            if phrase.exact and phrase.count > 1:
                return rest[: phrase.count] if len(rest) >= phrase.count else []
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

    def _pronoun(self, phrase: NounPhrase) -> list[Thing]:
        word = phrase.alias
        if word in ("they", "them", "themselves"):
            found = self._several()
            return found[: phrase.count] if phrase.member else found
        near, far = self.spoken[self.mark :], self.spoken[: self.mark]
        order = [self.subjects, *near[::-1], self.previous, *far[::-1]]
        groups = [[t for t in group if t not in self.apart] for group in order]
        single = [group[0] for group in groups if len(group) == 1]
        fitting = [thing for thing in single if agrees(word, thing)]
        sure = [thing for thing in fitting if surely(word, thing)]
        if word == "it" and not self.apart:
            sure = []  # who acted before goes on acting, be it a robot or a child
        # Whoever is not known to be a person may still be one, and "it" is said of anything.
        unknown = [thing for thing in single if thing.head not in KNOWN]
        for choice in (sure, fitting, unknown if word != "it" else single):
            if choice:
                return choice[:1]
        return next((group[:1] for group in groups if group and agrees(word, group[0])), [])

    def _several(self) -> list[Thing]:
        around = {self.scene, self.scene - 1}
        last_scene = [t for t in self.things if around & t.scenes and t not in self.apart]
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
        if self.apart:
            for group in reversed(self.spoken):
                if len(group) > 1 and not set(map(id, group)) & set(map(id, self.apart)):
                    return group
        for choice in (recent, living, last_scene):
            if len(choice) > 1:
                return choice
        return self.subjects or (self.spoken[-1] if self.spoken else [])

    def _member_like(self, phrase: NounPhrase) -> list[Thing]:
        """ "two cats, one black and one white": the next of the group takes the looks."""
        if not phrase.adjectives or phrase.count != 1 or phrase.det == "definite":
            return []
        for group in reversed(self.spoken):
            plain = [t for t in group if t.group and not t.told and self.scene in t.scenes]
            if plain:
                plain[0].told = True
                plain[0].adjectives += phrase.adjectives
                return plain[:1]
        return []

    def _borrow(self, phrase: NounPhrase) -> None:
        """ "a red one": the noun is that of the thing spoken of last."""
        if self.spoken:
            phrase.head = self.spoken[-1][-1].head
            phrase.modifiers = [
                w for w in self.spoken[-1][-1].modifiers if w not in phrase.adjectives
            ]
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
