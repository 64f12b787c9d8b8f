"""Takes keys, addresses and folders out of whatever comes from outside."""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from .profile import Profile

_SHOWN = 300
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>)\]}]+", re.IGNORECASE)
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:(?:sk|pk|gsk|hf|xai)[-_]|Bearer )[^\s\"',;]{6,}", re.I)
_PATH = re.compile(
    r"(?<![\w/.:<-])(?:/(?!v1\b|api\b)[^\s/\"',;:()<>]+){2,}/?|~/[^\s\"',;]+|\b[a-z]:\\[^\s\"',;]+",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_PIECE = 8  # a server may quote the beginning or the end of a key
_LONGEST = 20_000


class Scrubber:
    """Knows what is secret in one profile.

    Args:
        profile: the profile whose key, address and folder must not be seen.
    """

    def __init__(self, profile: Profile) -> None:
        self._keys = _secret_words(profile)
        self._places = _places(profile)
        self._pieces = {
            key[start : start + _PIECE]
            for key in self._keys
            for start in range(max(1, len(key) - _PIECE + 1))
        }

    def answer(self, text: str) -> str:
        """A model's answer without the key, should a server repeat it; else as it is."""
        for key in self._keys:
            if len(key) >= _PIECE:
                text = text.replace(key, "(key)")
        return text

    def message(self, text: str) -> str:
        """A message fit to be shown: one line, at most 300 characters, nothing secret."""
        plain = _UNPRINTABLE.sub(" ", text[:_LONGEST])
        for place in self._places:
            plain = plain.replace(place, "(address)")
        plain = _URL.sub("(address)", plain)
        plain = _PATH.sub("(path)", plain)
        plain = _LOOKS_LIKE_A_KEY.sub("(key)", plain)
        words = ["(key)" if self._holds_a_key(word) else word for word in plain.split()]
        line = " ".join(words)
        return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 2]} …"

    def _holds_a_key(self, word: str) -> bool:
        return any(piece in word for piece in self._pieces)


def _secret_words(profile: Profile) -> list[str]:
    words = [profile.key.get_secret_value()] if profile.key else []
    if profile.base_url:
        parts = urlsplit(profile.base_url.get_secret_value())
        if parts.username or parts.password:
            words += [word for word in (parts.username, parts.password) if word]
            words += [unquote(word) for word in words if unquote(word) != word]
            login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
            words.append(b64encode(login.encode()).decode())
    return sorted(filter(None, words), key=len, reverse=True)


def _places(profile: Profile) -> list[str]:
    places = [profile.folder.get_secret_value()] if profile.folder else []
    if profile.base_url:
        address = profile.base_url.get_secret_value()
        host = urlsplit(address).netloc.rpartition("@")[2]
        places += [address, host, host.partition(":")[0]] if host[:1] != "[" else [address, host]
    return places
