"""Where profiles are written: a TOML file and environment variables, read into plain tables."""

from __future__ import annotations

import importlib
import logging
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..schema import SLUG_PATTERN
from .profile import OFFLINE, Options, Profile

FILE = "video_director.toml"
PREFIX = "VIDEO_DIRECTOR_PROFILE_"
PROFILE_FIELDS = (*(name for name in Profile.model_fields if name != "name"), "key_env")

_OPTION_VARIABLES = tuple(name for name in Options.model_fields if name != "extra_body")
_VARIABLES = tuple(name for name in PROFILE_FIELDS if name != "options") + _OPTION_VARIABLES
_MAX_BYTES = 2**20
_PLACE = re.compile(r"\(at (line \d+, column \d+|end of document)\)")
_logger = logging.getLogger(__name__)
_toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

Tables = dict[str, dict[str, Any]]


def tables_of_file(folder: Path) -> tuple[Tables, list[str]]:
    """Read the profile file of a folder.

    Args:
        folder: where ``video_director.toml`` is, if there is one.

    Returns:
        The table of each profile by name, and what is wrong with the rest of the file.
    """
    path = folder / FILE
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            raw = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"{FILE}: cannot be read ({type(error).__name__}); see to its permissions"]
    if os.name == "posix" and mode & 0o077:
        _logger.warning("%s can be read by others on this machine; run: chmod 600 %s", FILE, FILE)
    if len(raw) > _MAX_BYTES:
        return {}, [f"{FILE}: is larger than {_MAX_BYTES} bytes; this is no profile file"]
    document, problem = _parsed(raw)
    return ({}, [problem]) if problem else _tables(document)


def tables_of_environment(
    environ: Mapping[str, str], known: Iterable[str]
) -> tuple[Tables, list[str]]:
    """Read ``VIDEO_DIRECTOR_PROFILE_<NAME>_<FIELD>``.

    Args:
        environ: the environment; empty variables count as absent.
        known: names of profiles that the variables may change; a hyphen is written as "_".

    Returns:
        As ``tables_of_file``.
    """
    names = {name.replace("-", "_"): name for name in known}
    tables: Tables = {}
    problems = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or not environ[variable].strip():
            continue
        rest = variable.removeprefix(PREFIX).lower()
        field = max((f for f in _VARIABLES if rest.endswith(f"_{f}")), key=len, default="")
        name = rest.removesuffix(f"_{field}")
        problem = _name_problem(name) if field else f"ends in no field; end it in {_listed_upper()}"
        if problem:
            problems.append(f"environment: {_cut(variable)}: {problem}")
            continue
        table = tables.setdefault(names.get(name, name), {})
        place = table.setdefault("options", {}) if field in _OPTION_VARIABLES else table
        place[field] = environ[variable]
    return tables, problems


def merged(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's table of the file with what the environment changes."""
    kept = dict(table)
    if {"key", "key_env"} & changes.keys():
        kept = {name: value for name, value in kept.items() if name not in ("key", "key_env")}
    options = kept.get("options", {})
    if "options" in changes and isinstance(options, dict):
        return {**kept, **changes, "options": {**options, **changes["options"]}}
    return {**kept, **changes}


def _parsed(raw: bytes) -> tuple[dict[str, Any], str | None]:
    try:
        return _toml.loads(raw.decode("utf-8-sig")), None
    except UnicodeDecodeError as error:
        return {}, f"{FILE}: byte {error.start} is not UTF-8; save the file as UTF-8"
    except _toml.TOMLDecodeError as error:
        # The parser's own words may quote the line, and with it a key.
        place = _PLACE.search(str(error))
        where = place.group(1) if place else "somewhere"
    except RecursionError:
        where = "somewhere"
    return {}, (
        f"{FILE}: {where}: this is not TOML; put texts in quotes, as in model = 'name', and write "
        "each field once"
    )


def _tables(document: Mapping[str, Any]) -> tuple[Tables, list[str]]:
    problems = [
        f"{FILE}: {_cut(name)}: is unknown here; profiles are tables [profiles.NAME]"
        for name in document
        if name != "profiles"
    ]
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict):
        return {}, [*problems, f"{FILE}: profiles: is no table; write [profiles.NAME]"]
    tables: Tables = {}
    for name, table in profiles.items():
        problem = _name_problem(name)
        if not problem and not isinstance(table, dict):
            problem = "is no table; write [profiles.NAME] and its fields below"
        if problem:
            problems.append(f"{FILE}: profiles.{_cut(name)}: {problem}")
        else:
            tables[name] = table
    return tables, problems


def _name_problem(name: str) -> str | None:
    if name == OFFLINE:
        return f"{OFFLINE} is built in and cannot be changed; take another name"
    if len(name) > 64 or not re.match(SLUG_PATTERN, name):
        return "is no name of a profile; use small letters, digits, - and _"
    return None


def _listed_upper() -> str:
    return ", ".join(f"_{name.upper()}" for name in _VARIABLES)


def _cut(name: str) -> str:
    """A field's name as it was written, too short to be a key that slipped into its place."""
    return name if len(name) <= 60 else f"{name[:20]}…"
