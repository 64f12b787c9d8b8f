"""Who and what is seen in a video: one name is one entity in all scenes.

VideoStudio (arXiv:2401.01256, section 3.1) and VideoDirectorGPT (arXiv:2309.15091) both let the
language model use the same name wherever the same thing is meant.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

from ..schema import Entity
from ..slugs import unique_slug

Kind = Literal["foreground", "background"]
_ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)


def name_key(name: str) -> str:
    """What names of the same thing have in common: "The Corgi" and "corgi" are one."""
    return _ARTICLE.sub("", " ".join(name.split())).casefold()


class Cast:
    """The entities of a plan by their names.

    Args:
        known: entities that are there already; they are found by name and by id.
    """

    def __init__(self, known: Iterable[Entity] = ()) -> None:
        self.entities: dict[str, Entity] = {}
        self._ids: dict[tuple[str, Kind], str] = {}
        for entity in known:
            self.entities[entity.id] = entity
            self._ids.setdefault((name_key(entity.name), entity.kind), entity.id)
        for entity in list(self.entities.values()):
            self._ids.setdefault((name_key(entity.id), entity.kind), entity.id)

    def add(self, name: str, kind: Kind, description: str = "") -> str:
        """The id of that name, which gets a new entity where it has none."""
        key = (name_key(name), kind)
        if key not in self._ids:
            slug = self._ids[key] = unique_slug(name, self.entities)
            self.entities[slug] = Entity(
                id=slug, name=name, kind=kind, description=description.strip()
            )
        return self._ids[key]

    def find(self, name: str, kind: Kind) -> str | None:
        """The id of that name; None where there is no such entity."""
        return self._ids.get((name_key(name), kind))

    def names(self, kind: Kind) -> list[str]:
        """The names of all entities of a kind, in their order."""
        return [entity.name for entity in self.entities.values() if entity.kind == kind]

    def suggestion(self, name: str, kind: Kind, place: str) -> str:
        """How to put right a name that is not known, which ought to stand in ``place``."""
        names = {name_key(known): known for known in self.names(kind)}
        near = get_close_matches(name_key(name)[:80], names, n=1)
        return f"did you mean {names[near[0]]!r}?" if near else f"add it to {place} or leave it out"
