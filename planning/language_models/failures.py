"""What an error of the SDK or the server means: the words for a person, and whether to retry."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .profile import Profile
from .scrubbing import Scrubber

_FORMAT = re.compile(r"response_?format|json_?schema|json_?object|json mode|grammar", re.I)
_UNSUPPORTED = re.compile(r"not (?:be )?support|unsupported|unrecognized|structured|schema", re.I)
_HTML = re.compile(r"\s*(?:<!doctype html|<html)", re.I)
_LIBRARIES = ("httpx", "httpx2", "httpcore", "httpcore2")
_BUSY = (408, 409, 425, 429)


@dataclass(frozen=True)
class Failure:
    """A request without an answer.

    problem: for a person; holds nothing secret.
    again: whether the same request may do better a little later.
    wait: seconds after which the server wants to be asked again, where it says so.
    about_format: whether the server refuses the form in which the answer was wanted.
    """

    problem: str
    again: bool = False
    wait: float | None = None
    about_format: bool = False


class Diagnosis:
    """Turns errors into failures.

    Args:
        profile: whose server it is.
        scrubber: of that profile.
    """

    def __init__(self, profile: Profile, scrubber: Scrubber) -> None:
        self._profile, self._scrubber = profile, scrubber

    def of(self, error: Exception, letters: int) -> Failure:
        """Say what an error means.

        Args:
            error: of the SDK or of the HTTP library below it.
            letters: how many of the answer had come.
        """
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            return self._of_status(status, error)
        names = {type(e).__name__ for e in _causes(error)}
        if any("Timeout" in name for name in names):
            return self._of_timeout("ConnectTimeout" in names)
        if "APIConnectionError" in names or _is_of_library(error):
            return self._of_connection(error, letters)
        if "APIError" in names:
            return self._of_stream(error)
        if isinstance(error, ValueError):
            return Failure("the server's answer is not JSON; see whether base_url is right", True)
        told = self._scrubber.message(str(error))
        return Failure(f"the request failed ({type(error).__name__}: {told})")

    def of_body(self, body: object) -> Failure:
        """Say what an error means that came as the body of a successful response."""
        said = self._scrubber.message(_said(body))
        return Failure(f"the server does not answer ({said}); see its log")

    def _of_status(self, status: int, error: Exception) -> Failure:
        raw = _words(error)
        said = f"{status}: {self._scrubber.message(raw) or 'no reason given'}"
        wanted = bool(_FORMAT.search(raw)) and (status < 500 or not _HTML.match(raw))
        unsupported = status in (400, 404, 422) and bool(_UNSUPPORTED.search(raw))
        if status in _BUSY or status >= 500:
            wait = _retry_after(getattr(getattr(error, "response", None), "headers", {}))
            spent = status == 429 and "quota" in raw.lower()
            return Failure(
                f"the server is busy or broken ({said}); try later or use another profile",
                not spent,
                wait,
                wanted,
            )
        return Failure(
            f"{self._refusal(status, raw)} ({said}){self._advice(status, raw)}",
            about_format=status not in (401, 403) and (wanted or unsupported),
        )

    def _refusal(self, status: int, raw: str) -> str:
        if status == 401 and not self._profile.key:
            return "the server wants a key"
        known = {
            401: "the server does not accept the key",
            402: "the account has no credit",
            403: "the server forbids this",
        }
        if status == 404 and "model" in raw.lower():
            model = self._scrubber.message(repr(self._profile.model))
            return f"the server does not have the model {model}"
        return known.get(status, "the server does not accept the request")

    def _advice(self, status: int, raw: str) -> str:
        if status in (401, 403):
            return "; put the right key into the profile's key or key_env"
        if status == 402:
            return "; add credit or use another profile"
        if status == 404 and "model" in raw.lower():
            return "; correct the profile's model or fetch it first (with Ollama: ollama pull)"
        if status == 404:
            return "; correct the profile's base_url, which mostly ends in /v1"
        return "; change the profile's model or options"

    def _of_timeout(self, connecting: bool) -> Failure:
        options = self._profile.options
        if connecting:
            return Failure(
                f"the server was not reached within {options.connect_timeout:g} s; start it or "
                "correct the profile's base_url",
                True,
            )
        return Failure(
            f"the server was silent for {options.silence_timeout:g} s; raise the profile's "
            "options.silence_timeout or see whether the server hangs"
        )

    def _of_connection(self, error: Exception, letters: int) -> Failure:
        if letters:
            return Failure(
                f"the connection broke after {letters} letters of the answer; see to the server",
                True,
            )
        reason = next((str(e) for e in reversed(_causes(error)) if str(e)), "no connection")
        return Failure(
            f"the server cannot be reached ({self._scrubber.message(reason)}); start it or "
            "correct the profile's base_url",
            True,
        )

    def _of_stream(self, error: Exception) -> Failure:
        code = str(getattr(error, "code", None) or "")
        final = bool(re.fullmatch(r"4\d\d", code)) and int(code) not in _BUSY
        said = self._scrubber.message(_words(error))
        return Failure(f"the server broke off its answer ({said}); see its log", not final)


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain and len(chain) < 10:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def _is_of_library(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] in _LIBRARIES


def _words(error: Exception) -> str:
    return _said(getattr(error, "body", None)) or _said(getattr(error, "message", ""))


def _said(body: object) -> str:
    """The server's own words; servers put them in different places."""
    for name in ("error", "message", "detail"):
        if isinstance(body, Mapping) and body.get(name):
            body = body[name]
    text = "" if body is None else str(body)
    return "a web page" if _HTML.match(text) else text


def _retry_after(headers: Mapping[str, str]) -> float | None:
    given = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", given):
        return float(given)
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
