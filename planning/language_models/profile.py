"""One profile: who answers, where, with which key and how.

Addresses, keys and folders are wrapped: no repr, dump or error of a profile shows them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

OFFLINE = "offline"

_SET_BY_THE_PACK = ("messages", "model", "response_format", "stream")
_KEY = re.compile(r"[!-~]{1,4096}")
_FIELDS_OF_KIND = {
    "openai": ({"base_url", "model"}, {"key"}),
    "local": ({"folder"}, set[str]()),
    "offline": (set[str](), set[str]()),
}


def _wrong(text: str) -> PydanticCustomError:
    return PydanticCustomError("profile", "{text}", {"text": text})


def _address(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        good = good and not (parts.query or parts.fragment or re.search(r"\s", text))
    except ValueError:  # a bracket or a port that is none
        good = False
    if not good:
        raise _wrong("is no address; write it like http://localhost:11434/v1")
    return SecretStr(text.rstrip("/"))


def _key(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    if not _KEY.fullmatch(text):
        raise _wrong("is empty or holds blanks or letters that no key has; copy the key again")
    return SecretStr(text)


def _folder(secret: SecretStr) -> SecretStr:
    path = Path(secret.get_secret_value()).expanduser()
    if not path.is_absolute():
        raise _wrong("is no whole path; write it from the root or from ~")
    return SecretStr(str(path))


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise _wrong("is true or false; write a number")
    return value


def _body(fields: dict[str, Any]) -> dict[str, Any]:
    taken = [name for name in _SET_BY_THE_PACK if name in fields]
    if taken:
        raise _wrong(f"sets {', '.join(taken)}, which the pack sets itself; take that out")
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError):  # TOML has dates and nan
        raise _wrong("holds a date, nan or inf, which JSON has not; write it as text") from None
    return fields


Whole = Annotated[int, BeforeValidator(_no_switch)]
Number = Annotated[float, BeforeValidator(_no_switch), Field(allow_inf_nan=False)]
Seconds = Annotated[Number, Field(gt=0, le=86_400)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Options(_Part):
    """How a model is asked; what is None is left to the server.

    temperature, top_p, max_tokens, seed: of the sampling of words.
    extra_body: further fields of the request, as the server documents them.
    connect_timeout: seconds until a server must be reached.
    silence_timeout: seconds without a word after which a server is given up.
    timeout: seconds for one answer, retries included.
    tries: requests until a busy or broken server is given up.
    unload: whether a server is asked to free its memory after a plan; "auto" asks one on this
        machine or in its network that answers as Ollama does.
    device: torch device of a local model; None takes the GPU where there is one.
    """

    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Number, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] | None = None
    extra_body: Annotated[dict[str, Any], AfterValidator(_body)] = Field(
        default_factory=dict, repr=False
    )
    connect_timeout: Seconds = 10.0
    silence_timeout: Seconds = 300.0
    timeout: Seconds = 1200.0
    tries: Annotated[Whole, Field(ge=1, le=10)] = 4
    unload: Literal["auto", "ollama", "never"] = "auto"
    device: Annotated[str, Field(pattern=r"^[a-z]+(:\d+)?$", max_length=20)] | None = None


class Profile(_Part):
    """Who answers; a workflow knows only its name.

    name: a slug.
    kind: "openai" for a server that talks as OpenAI's does, "local" for a model folder that
        transformers reads, "offline" for the planner that needs no model.
    base_url, model, key: of a server; servers of one's own often need no key.
    folder: of a local model.
    """

    name: str
    kind: Literal["openai", "local", "offline"] = "openai"
    base_url: Annotated[SecretStr, AfterValidator(_address)] | None = None
    model: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    key: Annotated[SecretStr, AfterValidator(_key)] | None = None
    folder: Annotated[SecretStr, AfterValidator(_folder)] | None = None
    options: Options = Options()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Profile:
        if (self.kind == OFFLINE) != (self.name == OFFLINE):
            raise _wrong(f"kind: {OFFLINE} is built in; write openai or local")
        needed, allowed = _FIELDS_OF_KIND[self.kind]
        given = {n for n in ("base_url", "model", "key", "folder") if getattr(self, n) is not None}
        if needed - given:
            raise _wrong(
                f"{', '.join(sorted(needed - given))}: is missing; kind {self.kind!r} needs it"
            )
        if given - needed - allowed:
            extra = ", ".join(sorted(given - needed - allowed))
            raise _wrong(f"{extra}: is of no use to kind {self.kind!r}; take it out")
        return self

    def answer_settings(self) -> dict[str, Any]:
        """What an answer depends on besides the messages, for the key of a cache.

        It holds no key, address or folder; ``extra_body`` is the user's own, so store a digest.
        """
        folder = Path(self.folder.get_secret_value()).name if self.folder else None
        sampling = {"temperature", "top_p", "max_tokens", "seed", "extra_body"}
        return {
            "kind": self.kind,
            "model": self.model or folder,
            **self.options.model_dump(mode="json", include=sampling, exclude_none=True),
        }
