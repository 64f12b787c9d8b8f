"""From a profile to whoever answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from ..asking import LanguageModel
from .errors import ProfileError
from .failures import Diagnosis
from .listening import run_async_listening
from .local_model import LocalModel
from .model_folder import folder_problem
from .openai_client import OpenAIModel
from .profile import Profile
from .scrubbing import Scrubber
from .sdk import MISSING, open_client

_NO_LIST = (404, 405, 501)  # what servers answer that cannot list their models


class OpenedModel(LanguageModel, Protocol):
    """A language model that holds memory."""

    def unload(self) -> None:
        """Free the memory that the model holds, here or in a local Ollama; raises nothing."""


@dataclass(frozen=True)
class Check:
    """Whether a profile answers, and a note for a person: what answers, or what to change."""

    answers: bool
    note: str


def open_model(profile: Profile) -> OpenedModel:
    """Whoever answers for a profile; nothing is loaded or connected yet.

    Raises:
        ProfileError: ``offline`` plans without a language model.
    """
    if profile.kind == "openai":
        return OpenAIModel(profile)
    if profile.kind == "local":
        return LocalModel(profile)
    raise ProfileError(profile.name, "plans without a language model; name another profile here")


def check(profile: Profile, seconds: float = 5.0) -> Check:
    """Find out quickly whether a profile answers; nothing is planned, loaded or raised.

    Args:
        profile: of any kind.
        seconds: after which a server is held not to answer.
    """
    if profile.kind == "offline":
        return Check(True, "built in")
    if profile.kind == "local":
        problem = folder_problem(profile)
        return Check(problem is None, problem or "the model folder is complete")
    return run_async_listening(lambda: _check_server(profile, seconds), lambda: None)


async def _check_server(profile: Profile, seconds: float) -> Check:
    scrubber = Scrubber(profile)
    try:
        async with open_client(profile) as client:
            return await asyncio.wait_for(_known_model(client, profile, scrubber), seconds)
    except ImportError:
        return Check(False, MISSING)
    except asyncio.TimeoutError:
        return Check(False, f"the server did not answer within {seconds:g} s; start it")
    except Exception as error:
        return Check(False, Diagnosis(profile, scrubber).of(error, 0).problem)


async def _known_model(client: Any, profile: Profile, scrubber: Scrubber) -> Check:
    wanted = scrubber.message(profile.model or "")
    try:
        models = getattr(await client.models.list(), "data", None) or []
    except Exception as error:
        if getattr(error, "status_code", None) not in _NO_LIST:
            raise
        message = {"role": "user", "content": "Say yes."}
        await client.chat.completions.create(model=profile.model, messages=[message], max_tokens=1)
        return Check(True, f"answers with {wanted}")
    names = [str(getattr(model, "id", "")) for model in models]
    # llama.cpp holds one model, whatever it is called by.
    held = any(getattr(model, "owned_by", "") == "llamacpp" for model in models)
    if held or profile.model in names or f"{profile.model}:latest" in names:
        return Check(True, f"answers with {wanted}")
    if not names:
        return Check(False, "the server lists no models; load one or correct base_url")
    told = scrubber.message(", ".join(names[:8]))
    return Check(False, f"the server does not list the model {wanted} but {told}")
