"""Ids made from names."""

import re
import unicodedata
from collections.abc import Container

_MAX = 48


def slugify(name: str, fallback: str = "entity") -> str:
    """Return a plain id for a name: "A fluffy Siamese cat!" becomes "a-fluffy-siamese-cat".

    Accents are dropped; a name without any Latin letter or digit gets the fallback.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = plain.replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX].strip("-") or fallback


def unique_slug(name: str, taken: Container[str], fallback: str = "entity") -> str:
    """Return `slugify(name)`, numbered from 2 while it is already taken."""
    base = slug = slugify(name, fallback)
    number = 2
    while slug in taken:
        slug = f"{base}-{number}"
        number += 1
    return slug
