"""The OpenAI SDK, imported only when it is used, set up from a profile and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from ..asking import Message
from .addresses import is_on_this_machine
from .profile import Profile
from .quiet_logs import keep_requests_out_of_logs

MISSING = (
    "the Python package openai is missing; run pip install openai with the Python that runs ComfyUI"
)


def open_client(profile: Profile) -> Any:
    """An asynchronous client; its own retries are off.

    Raises:
        ImportError: the SDK is not installed.
    """
    sdk: Any = importlib.import_module("openai")
    keep_requests_out_of_logs()
    options = profile.options
    base_url = profile.base_url.get_secret_value() if profile.base_url else ""
    key = profile.key.get_secret_value() if profile.key else "none"
    client = sdk.AsyncOpenAI(
        # Given even where there is none: the SDK would take the environment's key for any server.
        api_key=key,
        default_headers={"Authorization": f"Bearer {key}"},
        base_url=base_url,
        timeout=sdk.Timeout(
            connect=options.connect_timeout,
            read=options.silence_timeout,
            write=options.silence_timeout,
            pool=options.connect_timeout,
        ),
        max_retries=0,
        http_client=sdk.DefaultAsyncHttpxClient(trust_env=not is_on_this_machine(base_url)),
    )
    client.organization = client.project = None  # these, too, it took from the environment
    return client


def request_of(profile: Profile, messages: Sequence[Message]) -> dict[str, Any]:
    """The arguments of a streamed chat completion, without the form of its answer."""
    sampling = {"temperature", "top_p", "max_tokens", "seed", "extra_body"}
    return {
        "model": profile.model,
        "messages": [dict(message) for message in messages],
        "stream": True,
        **profile.options.model_dump(include=sampling, exclude_none=True),
    }
