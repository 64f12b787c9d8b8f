"""Prompts of several scenes with the scenes and entities that they ask for."""

import random
from dataclasses import dataclass, field

from ..planning.schema import VideoPlan
from .planner_checks import ids_of
from .planner_vocabulary import (
    COLOURS,
    COMMON,
    DEEDS,
    HELD_OUT,
    LOOKS,
    MEETINGS,
    NUMBERS,
    PLACES,
    Noun,
    pronoun,
    with_article,
)


@dataclass
class Story:
    """A prompt; shown lists for each scene the indices of its actors, places the words of it."""

    prompt: str
    actors: list["Actor"]
    shown: list[list[int]]
    places: list[str] = field(default_factory=list)
    unseen: bool = False


@dataclass(frozen=True)
class Actor:
    """Who plays in a story: a noun with its look, or several of a kind."""

    noun: Noun
    look: str
    count: int = 1

    @property
    def first(self) -> str:
        """How it is named the first time."""
        words = f"{self.look} {self.noun.one if self.count == 1 else self.noun.many}".strip()
        return with_article(words) if self.count == 1 else f"{NUMBERS[self.count]} {words}"

    def again(self, rng: random.Random) -> str:
        """How it is named later."""
        noun = self.noun.one if self.count == 1 else self.noun.many
        forms = [f"the {noun}", f"the {self.look} {noun}".replace("  ", " ")]
        if self.count > 1:
            forms.append(f"the {NUMBERS[self.count]} {noun}")
        return rng.choice(forms)


def stories(number: int, rng: random.Random) -> list[Story]:
    """Return that many stories of two to five scenes."""
    return [_story(rng, at % 2 == 1) for at in range(number)]


def _cast(rng: random.Random, unseen: bool) -> list[Actor]:
    pool = [noun for noun in (HELD_OUT if unseen else COMMON) if noun.one != noun.many]
    cast: list[Actor] = []
    used: set[str] = set()
    while len(cast) < rng.choice((1, 2, 2, 3)):
        noun = rng.choice(pool)
        if used & set(noun.one.split()):
            continue
        used |= set(noun.one.split())
        look = rng.choice(("", *COLOURS, *LOOKS))
        cast.append(Actor(noun, look, rng.choice((1, 1, 1, 1, 2, 3)) if cast else 1))
    return cast


class _Teller:
    """Writes the sentences of one story and notes who is in which."""

    def __init__(self, rng: random.Random, cast: list[Actor]) -> None:
        self.rng, self.cast = rng, cast
        self.met: set[int] = set()
        self.alone: int | None = None

    def sentence(self, scene: int) -> tuple[str, list[int], str]:
        """Return the words without a full stop, the actors in it and the place it names."""
        fresh = [at for at in range(len(self.cast)) if at not in self.met]
        lead = fresh[0] if fresh and (not self.met or self.rng.random() < 0.3) else None
        place = self.rng.choice(PLACES) if scene == 0 or self.rng.random() < 0.5 else ""
        if lead is None:
            lead = self.rng.choice(sorted(self.met))
        name = self._name(lead, subject=True)
        partner = self._partner(lead, fresh)
        if partner is None:
            words = f"{name} {self._verb(lead)}"
        else:
            meeting = self.rng.choice(MEETINGS)
            words = f"{name} {_agree(meeting, self.cast[lead])} {self._name(partner)}"
        shown = [lead] if partner is None else [lead, partner]
        self.alone = lead if partner is None else None
        return f"{words} {place}".strip(), shown, place

    def _partner(self, lead: int, fresh: list[int]) -> int | None:
        others = [at for at in range(len(self.cast)) if at != lead]
        if not others or self.rng.random() < 0.45:
            return None
        new = [at for at in fresh if at != lead]
        return new[0] if new else self.rng.choice(others)

    def _name(self, at: int, subject: bool = False) -> str:
        actor = self.cast[at]
        if at not in self.met:
            self.met.add(at)
            return actor.first
        if subject and at == self.alone and self.rng.random() < 0.5:
            return _pronoun(actor)
        return actor.again(self.rng)

    def _verb(self, at: int) -> str:
        return _agree(self.rng.choice(DEEDS), self.cast[at])


def _pronoun(actor: Actor) -> str:
    if actor.count > 1:
        return "they"
    return pronoun(actor.noun.one)


def _agree(verb: str, actor: Actor) -> str:
    if actor.count == 1:
        return verb
    first, _, rest = verb.partition(" ")
    plain = {"watches": "watch", "dances": "dance", "chases": "chase"}.get(first, first[:-1])
    return f"{plain} {rest}".strip()


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


_LINKS = ("", "", "Then ", "Then, ", "After that, ", "Next, ", "Later, ", "Afterwards, ")


def _join(rng: random.Random, told: list[str]) -> str:
    style = rng.choice(
        ("plain", "plain", "linked", "linked", "numbered", "scenes", "lines", "shots")
    )
    if style == "numbered":
        return "\n".join(f"{at}. {_capital(words)}." for at, words in enumerate(told, 1))
    if style == "scenes":
        return " ".join(f"Scene {at}: {_capital(words)}." for at, words in enumerate(told, 1))
    if style == "shots":
        return "\n".join(f"Shot {at} - {_capital(words)}" for at, words in enumerate(told, 1))
    if style == "lines":
        return "\n".join(_capital(words) for words in told)
    if style == "plain":
        return " ".join(f"{_capital(words)}." for words in told)
    linked = [f"{_capital(told[0])}."]
    for at, words in enumerate(told[1:], 2):
        link = rng.choice(("Finally, ", "In the end, ")) if at == len(told) else rng.choice(_LINKS)
        linked.append(_capital(f"{link}{words}."))
    return " ".join(linked)


def _story(rng: random.Random, unseen: bool) -> Story:
    cast = _cast(rng, unseen)
    teller = _Teller(rng, cast)
    told, shown, places = [], [], []
    for scene in range(rng.choice((2, 3, 3, 4, 5))):
        words, actors, place = teller.sentence(scene)
        told.append(words)
        shown.append(actors)
        places.append(place or places[-1])
    return Story(_join(rng, told), cast, shown, places, unseen)


def scenes_wrong(story: Story, plan: VideoPlan) -> str:
    """Return "" when the plan has as many scenes as the story."""
    asked, found = len(story.shown), len(plan.scenes)
    return "" if asked == found else f"{found} scenes instead of {asked}"


def entities_wrong(story: Story, plan: VideoPlan) -> str:
    """Return "" when every scene shows exactly its actors, each under one id all the time."""
    ids: dict[int, list[str]] = {}
    for at in sorted({at for actors in story.shown for at in actors}):
        actor = story.actors[at]
        ids[at] = ids_of(plan, actor.noun.one, actor.look)
        if len(ids[at]) != actor.count:
            return f"{actor.first}: {ids[at]}"
    foreground = [entity.id for entity in plan.entities if entity.kind == "foreground"]
    if sorted(foreground) != sorted(name for names in ids.values() for name in names):
        return f"entities {foreground}"
    for number, (actors, scene) in enumerate(zip(story.shown, plan.scenes, strict=False), 1):
        asked = sorted(name for at in set(actors) for name in ids[at])
        if sorted(scene.entities) != asked:
            return f"scene {number}: {scene.entities}, asked {asked}"
    return ""


def places_wrong(story: Story, plan: VideoPlan) -> str:
    """Return "" when every scene's background is the place that its text last named."""
    names = {entity.id: f"{entity.name} {entity.description}" for entity in plan.entities}
    for number, (place, scene) in enumerate(zip(story.places, plan.scenes, strict=False), 1):
        noun = place.split()[-1]
        if noun not in names.get(scene.background or "", ""):
            return f"scene {number}: {scene.background}, asked {place}"
    return ""
