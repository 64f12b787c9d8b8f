"""All profiles of a user: the built-in one, those of the file, those of the environment."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .errors import ProfileError
from .profile import OFFLINE, Options, Profile
from .profile_sources import (
    FILE,
    PREFIX,
    PROFILE_FIELDS,
    merged,
    tables_of_environment,
    tables_of_file,
)

_logger = logging.getLogger(__name__)


class Profiles:
    """The profiles that can be named.

    A mistake in one profile leaves the others usable, and ``offline`` always is.

    Args:
        sound: profiles by name.
        broken: what is wrong with the others, by name.
        problems: what is wrong elsewhere in the file or the environment.
    """

    def __init__(
        self,
        sound: Iterable[Profile] = (),
        broken: Mapping[str, str] | None = None,
        problems: Iterable[str] = (),
    ) -> None:
        offline = Profile(name=OFFLINE, kind="offline")
        self._sound = {profile.name: profile for profile in (offline, *sound)}
        self._broken = dict(broken or {})
        self.problems = tuple(problems)

    @classmethod
    def load(cls, folder: Path | None, environ: Mapping[str, str]) -> Profiles:
        """Read the profiles that are there now.

        Mistakes are logged as warnings here and told again by ``get``.

        Args:
            folder: the folder of ``video_director.toml``; None reads no file.
            environ: the environment, for its own profiles and for keys that the file names.
        """
        tables, problems = tables_of_file(folder) if folder else ({}, [])
        changes, more = tables_of_environment(environ, tables)
        sound, broken = [], {}
        for name in sorted({*tables, *changes}):
            origin = " and ".join(
                [*([FILE] if name in tables else []), *(["environment"] if name in changes else [])]
            )
            table = merged(tables.get(name, {}), changes.get(name, {}))
            profile, wrong = _built(name, table, environ)
            if profile:
                sound.append(profile)
            else:
                broken[name] = "; ".join(f"{origin}: profiles.{name}{text}" for text in wrong)
        for problem in [*problems, *more, *broken.values()]:
            _logger.warning("%s", problem)
        return cls(sound, broken, [*problems, *more])

    def names(self) -> list[str]:
        """All names, ``offline`` first, those with mistakes included."""
        return [OFFLINE, *sorted({*self._sound, *self._broken} - {OFFLINE})]

    def get(self, name: str) -> Profile:
        """Return the profile of that name.

        Raises:
            ProfileError: it is unknown (the message lists the known ones and says where profiles
                are written) or written wrongly (the message says what to change).
        """
        if name in self._sound:
            return self._sound[name]
        if name in self._broken:
            raise ProfileError(name, self._broken[name])
        also = "".join(f"; {problem}" for problem in self.problems)
        raise ProfileError(
            name[:64],
            f"is unknown; use one of {', '.join(self.names())}, or write it as [profiles.NAME] in "
            f"{FILE} in the host's user folder or as {PREFIX}<NAME>_<FIELD> in its "
            f"environment{also}",
        )


def _built(
    name: str, table: dict[str, Any], environ: Mapping[str, str]
) -> tuple[Profile | None, list[str]]:
    if "name" in table:
        return None, [".name: stands in the table's own name; take it out"]
    fields, problem = _with_key(table, environ)
    if problem:
        return None, [problem]
    try:
        return Profile(name=name, **fields), []
    except ValidationError as error:
        return None, [_told(e["loc"], e["type"], e["msg"]) for e in error.errors()]


def _with_key(
    table: dict[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], str | None]:
    """Put the key in the place of the variable that holds it."""
    if "key_env" not in table:
        return table, None
    if "key" in table:
        return table, ".key_env: stands beside key; keep one of them"
    rest = {field: value for field, value in table.items() if field != "key_env"}
    variable = table["key_env"]
    # Its text is not shown: by mistake it may be the key itself.
    key = environ.get(variable, "") if isinstance(variable, str) else ""
    if not key.strip():
        return table, (
            ".key_env: no such environment variable is set; write the variable's name (not the "
            "key) and set it before the program starts"
        )
    return {**rest, "key": key}, None


def _told(place: tuple[int | str, ...], kind: str, message: str) -> str:
    path = "".join(f".{str(part)[:40]}" for part in place)
    if kind == "extra_forbidden":
        known = PROFILE_FIELDS if len(place) == 1 else tuple(Options.model_fields)
        return f"{path}: is unknown; use one of {', '.join(known)}"
    if kind == "profile":
        return f"{path}: {message}" if place else f".{message}"
    return f"{path}: {message[:1].lower()}{message[1:]}; change it"
