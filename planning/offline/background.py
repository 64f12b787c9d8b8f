"""The background entities: one per place, kept until another place is named."""

from dataclasses import dataclass

from .captions import where_name, where_text
from .facts import SceneFacts
from .references import Registry
from .things import article

_PARTS = ("ground", "floor")


@dataclass
class Place:
    """A place of the plan; text is how prompts say it ("in a park at sunset")."""

    id: str
    name: str
    text: str
    head: str
    time: str
    text_to_add: str = ""

    @property
    def description(self) -> str:
        """The place as a noun phrase with its article."""
        for start in (
            "in ",
            "on ",
            "at ",
            "through ",
            "across ",
            "by ",
            "along ",
            "over ",
            "under ",
        ):
            if self.text.startswith(start) and self.text.count(" ") > 1:
                return self.text.removeprefix(start)
        return f"{article(self.name)} {self.name}"


class Backgrounds:
    """All places of a prompt and the one that the story is at."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.places: list[Place] = []
        self.current: Place | None = None

    def enter(self, facts: SceneFacts) -> Place | None:
        """Return the place of a scene: the one it names, or else that of the scene before."""
        if self.current is not None and self.current.head:
            # The ground is part of wherever the story is.
            facts.places = [(word, p) for word, p in facts.places if p.head not in _PARTS]
        if not facts.places and not facts.times:
            return self.current
        if not facts.places and self.current is not None and self.current.head:
            self.current = self._at_time(self.current, facts)
            return self.current
        name = where_name(facts)
        if not name:
            return self.current
        head = facts.places[0][1].head or name if facts.places else ""
        asked = facts.places[0][1].adjectives if facts.places else []
        time = " ".join(phrase.head for _, phrase in facts.times)
        new = facts.places[0][1].det == "another" if facts.places else False
        for place in reversed(self.places):
            same = (
                place.head == head and place.time == time and set(asked) <= set(place.name.split())
            )
            if same and not new and (head or place.name == name):
                self.current = place
                return place
        self.current = self._new(name, where_text(facts), head, time)
        return self.current

    def _at_time(self, place: Place, facts: SceneFacts) -> Place:
        """The same place at another time of day or in other weather."""
        time = " ".join(phrase.head for _, phrase in facts.times)
        if time == place.time:
            return place
        for known in self.places:
            if known.head == place.head and known.time == time:
                return known
        added = where_text(facts)
        base = next((p for p in self.places if p.head == place.head and not p.time), None)
        stem = base or place
        bare = stem.text if base else stem.text.split(" at ")[0]
        name = stem.name if base else stem.name.split(" at ")[0].split(" in ")[0]
        made = self._new(f"{name} {added}", f"{bare} {added}", place.head, time)
        made.text_to_add = bare
        return made

    def _new(self, name: str, text: str, head: str, time: str) -> Place:
        place = Place(self.registry.reserve(name), name, text, head, time)
        self.places.append(place)
        return place
