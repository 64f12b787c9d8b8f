"""The host's side of language models: where profiles and answers are, progress, interrupt."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import comfy.model_management
import folder_paths
from comfy_api.latest import io

from ..planning import plan_io
from ..planning.language_models.errors import LanguageModelError, ProfileError
from ..planning.language_models.profile import OFFLINE, Profile
from ..planning.language_models.profile_sources import FILE
from ..planning.language_models.profiles import Profiles
from ..planning.lint import lint_plan, notes_text
from ..planning.schema import PlanError, VideoPlan
from . import sockets
from .node_text import show_on_node
from .own_folder import own_folder

_SALT = secrets.token_bytes(16)  # of this run of the host, as its own cache is


def profiles() -> Profiles:
    """Profiles of the user folder and the environment, as they are now."""
    folder = Path(folder_paths.get_user_directory())
    try:
        found = (folder / FILE).stat()
        stamp = (found.st_mtime_ns, found.st_size, found.st_mode)
    except OSError:
        stamp = None
    return _loaded(folder, stamp)


@lru_cache(maxsize=1)
def _loaded(folder: Path, stamp: object) -> Profiles:
    """Read once as long as the file stays: the host asks often, and mistakes are logged."""
    return Profiles.load(folder, os.environ)


def profile_input(
    tooltip: str = "Who writes the plan. 'offline' is built in: no model, no network.",
    *,
    optional: bool = False,
) -> io.Input:
    """Who answers, by name."""
    return io.Combo.Input(
        "profile",
        options=profiles().names(),
        default=OFFLINE,
        optional=optional,
        tooltip=f"{tooltip} Others are written in video_director.toml in ComfyUI's user folder.",
    )


def take_input() -> io.Input:
    """Another number asks anew."""
    return io.Int.Input(
        "take",
        default=0,
        min=0,
        max=10_000,
        optional=True,
        tooltip="The same question has the same answer for ever; another number asks anew.",
    )


def profile_problem(node: str, name: str | None) -> bool | str:
    """What ``validate_inputs`` says of a profile's name; None came through a link."""
    if name is None:
        return True
    try:
        profiles().get(name)
    except ProfileError as error:
        return f"{node}: {error}."
    return True


def fingerprint(name: str | None) -> str:
    """Another one when a profile's model or options are changed.

    The host writes it into pictures, so that it must tell nothing: it is salted.
    """
    try:
        settings = profiles().get(name or "").answer_settings()
    except ProfileError:
        return "none"
    text = json.dumps(settings, sort_keys=True)
    return hashlib.blake2b(text.encode(), key=_SALT, digest_size=8).hexdigest()


def profile_of(name: str) -> Profile:
    """The profile of that name; raises ProfileError."""
    return profiles().get(name)


def asked_here(profile: Profile, take: int, hidden) -> dict[str, Any]:
    """What ``asking`` and ``plan_by`` are told inside the host, by their parameters' names."""
    return {
        "answers": own_folder() / "answers",
        "take": take,
        "heard": _listener(hidden),
        "make_room": partial(_make_room, profile),
    }


def _make_room(profile: Profile) -> None:
    """A model of a folder takes the device that the host's own models are on."""
    if profile.kind == "local":
        comfy.model_management.unload_all_models()


def _listener(hidden) -> Callable[[str], None]:
    """Shows on the node how much has been answered, and lets an interrupt through."""
    shown = {"answers": 0, "letters": 0}

    def heard(text: str) -> None:
        comfy.model_management.throw_exception_if_processing_interrupted()
        if not shown["answers"] or len(text) < shown["letters"]:
            shown["answers"] += 1
        elif len(text) == shown["letters"]:
            return
        shown["letters"] = len(text)
        show_on_node(hidden, f"answer {shown['answers']}: {len(text)} letters so far")

    return heard


@contextmanager
def told_as(node: str) -> Iterator[None]:
    """Problems of plans and of language models, with the node's name."""
    try:
        yield
    except (PlanError, LanguageModelError) as error:
        raise ValueError(f"{node}: {error}") from error


def plan_outputs(tooltip: str) -> list[io.Output]:
    """What ``planned`` gives."""
    return [
        sockets.Plan.Output("plan", display_name="plan", tooltip=tooltip),
        io.String.Output("json", display_name="json", tooltip="The plan as JSON text."),
    ]


def planned(hidden, plan: VideoPlan) -> io.NodeOutput:
    """A plan and its JSON, with the director's notes on the node."""
    show_on_node(hidden, notes_text(lint_plan(plan)))
    return io.NodeOutput(plan, plan_io.dumps(plan))
