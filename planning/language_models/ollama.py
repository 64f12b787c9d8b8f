"""Asks an Ollama nearby to free its memory, so that the sampler has it."""

from __future__ import annotations

import http.client
import json
import urllib.request

from .addresses import is_near, is_on_this_machine, root_of
from .profile import Profile

_SECONDS = 5.0
_GREETING = b"Ollama is running"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would carry the key along to wherever the server points."""

    def redirect_request(self, *_: object) -> None:
        return None


def unload_ollama(profile: Profile) -> None:
    """Ask the profile's server to unload the model, where it is an Ollama.

    Nothing is raised: a model that stays in memory is no reason to lose a plan.

    Args:
        profile: of kind "openai"; its ``options.unload`` says whether to ask. Only servers nearby
            are asked whether they are an Ollama.
    """
    unload = profile.options.unload
    if profile.base_url is None or unload == "never":
        return
    base_url = profile.base_url.get_secret_value()
    proxies: dict[str, str] | None = {} if is_on_this_machine(base_url) else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies), _NoRedirect)
    try:
        if unload == "ollama" or (is_near(base_url) and _greets(opener, root_of(base_url))):
            _send(opener, root_of(base_url), profile)
    except (OSError, ValueError, http.client.HTTPException):
        return


def _greets(opener: urllib.request.OpenerDirector, root: str) -> bool:
    with opener.open(f"{root}/", timeout=_SECONDS) as reply:
        return bool(_GREETING in reply.read(200))


def _send(opener: urllib.request.OpenerDirector, root: str, profile: Profile) -> None:
    headers = {"Content-Type": "application/json"}
    if profile.key:
        headers["Authorization"] = f"Bearer {profile.key.get_secret_value()}"
    body = json.dumps({"model": profile.model, "keep_alive": 0}).encode()
    request = urllib.request.Request(f"{root}/api/generate", body, headers)
    with opener.open(request, timeout=_SECONDS) as reply:
        reply.read(2**16)
