"""The entities of a plan that is almost ours: every name that one goes by leads to one id."""

import re
from collections.abc import Iterator, Mapping

from ..schema import MAX_ENTITIES, SLUG_PATTERN, PlanError
from ..slugs import unique_slug
from .near_fields import ENTITY_FIELDS, fields_of, listed

_KINDS = {
    "foreground": "foreground subject character person people animal object vehicle creature human "
    "prop main protagonist item thing",
    "background": "background environment setting location place scenery scene landscape",
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_SLUG = re.compile(SLUG_PATTERN)
_ARTICLE = re.compile(r"^(?:an?|the) ")
_GAP = re.compile(r"[\s_-]+")


class Cast:
    """The entities that the plan declares, and those that only scenes name.

    Args:
        own: the document is in our format, so nothing is added to what it declares.
    """

    def __init__(self, own: bool) -> None:
        self.own = own
        self.entities: list[object] = []
        self._known: dict[str, dict[str, object]] = {}
        self._taken: set[str] = set()
        self._declared = False

    def declare(self, value: object, kind: str | None = None) -> None:
        """Take up a list of entities, or a dictionary of them by name."""
        for name, item in listed(value):
            self._declared = True
            data = self._data(item, name)
            if data is None:
                self.entities.append(item)  # the plan's own check says what is wrong with it
            else:
                self._enter(data, kind)

    def find(self, name: object, kind: str) -> object:
        """Return the id of what a scene names; the name itself where there is no such entity."""
        data = self._data(name, None)
        told = data and self._told(data)
        if not data or not told:
            return name
        known = self._known.get(told) or self._known.get(_key(told))
        if known is None:
            if self.own or (kind == "foreground" and self._declared and isinstance(name, str)):
                return name
            known = self._enter(data, kind)
        known.setdefault("kind", kind)
        return known["id"]

    def kind_of(self, entity_id: object) -> object:
        """Return what kind of thing an id is; None where that is not told."""
        known = self._known.get(entity_id) if isinstance(entity_id, str) else None
        return known.get("kind") if known else None

    def finish(self) -> list[object]:
        """Return all entities; what no scene names is taken for something in front."""
        for entity in self.entities:
            if isinstance(entity, dict) and not self.own:
                entity.setdefault("kind", "foreground")
        return self.entities

    def _data(self, item: object, name: str | None) -> dict[str, object] | None:
        """Return the fields of an entity that is an object, a name, or a name with a text."""
        if isinstance(item, Mapping):
            data = fields_of(item, ENTITY_FIELDS, self.own)
            return data if name is None else {"id": name, **data}
        if isinstance(item, str):
            return {"name": item} if name is None else {"id": name, "description": item}
        return None

    def _told(self, data: Mapping[str, object]) -> str:
        for field in ("id", "name"):
            value = data.get(field)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                return str(value)
        return ""

    def _enter(self, data: dict[str, object], kind: str | None) -> dict[str, object]:
        if len(self.entities) >= MAX_ENTITIES:
            raise PlanError(f"entities: has more than {MAX_ENTITIES} items; name fewer things")
        told = self._told(data)
        entity = {field: value for field, value in data.items() if self.own or field != "box"}
        if self.own and _SLUG.match(told) and told in self._taken:
            self.entities.append(entity)  # twice in one document: the plan's own check tells
            return entity
        slug = told if _SLUG.match(told) and len(told) <= 64 else unique_slug(told, self._taken)
        entity["id"] = slug
        if not self.own:
            entity.setdefault("name", _GAP.sub(" ", told).strip() if told == slug else told)
        named_kind = entity.get("kind", kind)
        if isinstance(named_kind, str):
            entity["kind"] = _KIND.get(named_kind.strip().lower(), named_kind)
        self._taken.add(slug)
        self.entities.append(entity)
        for alias in (told, slug, entity.get("name")):
            if isinstance(alias, str):
                self._known.setdefault(alias, entity)
                self._known.setdefault(_key(alias), entity)
        return entity


def _key(name: str) -> str:
    return _ARTICLE.sub("", _GAP.sub(" ", name.casefold()).strip())


def names_in(value: object) -> Iterator[object]:
    """Yield the things of a scene's list, which may also be one text with commas."""
    if isinstance(value, str):
        yield from (part.strip() for part in re.split(r"[,;、，]", value) if part.strip())
    elif isinstance(value, Mapping):
        yield from (
            {"id": name, **item} if isinstance(item, Mapping) else name
            for name, item in value.items()
        )
    elif isinstance(value, list):
        yield from value
