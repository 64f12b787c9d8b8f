"""Plans by a language model of a profile: opened when first needed, unloaded when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .asking import Asker, Heard, Message
from .kept_answers import KeptAnswers
from .language_models.opening import OpenedModel, open_model
from .language_models.profile import OFFLINE, Profile
from .offline import plan_video
from .request import PlanRequest, refuse_impossible
from .schema import PlanError, VideoPlan
from .styles import write_plan
from .styles.replanning import keep_locked

MakeRoom = Callable[[], None]
_MOST_SCENES = 12  # of the offline planner, where nobody says how many


def _room_enough() -> None:
    """There is room for a model already."""


class _WhenNeeded:
    """A profile's model, opened at the first question that is not answered already."""

    def __init__(self, profile: Profile, make_room: MakeRoom) -> None:
        self.profile, self.make_room = profile, make_room
        self._model: OpenedModel | None = None

    def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, heard: Heard
    ) -> str:
        if self._model is None:
            self.make_room()
            self._model = open_model(self.profile)
        return self._model.complete(messages, schema, heard)

    def unload(self) -> None:
        if self._model is not None:
            self._model.unload()


@contextmanager
def asking(
    profile: Profile,
    answers: Path,
    take: int,
    heard: Heard,
    make_room: MakeRoom = _room_enough,
) -> Iterator[Asker]:
    """Ask a profile's model; its memory is free again afterwards, before anything is sampled.

    Args:
        profile: who answers.
        answers: folder of kept answers.
        take: another one asks anew.
        heard: see ``asking.LanguageModel.complete``.
        make_room: called before a model is opened, which it is only for a new question.
    """
    model = _WhenNeeded(profile, make_room)
    try:
        yield Asker(model, heard, KeptAnswers(answers, profile.answer_settings(), take))
    finally:
        model.unload()


def plan_by(
    profile: Profile,
    request: PlanRequest,
    style: str,
    *,
    answers: Path,
    take: int = 0,
    heard: Heard,
    make_room: MakeRoom = _room_enough,
    earlier: VideoPlan | None = None,
) -> VideoPlan:
    """Plan a video by whoever a profile names.

    Args:
        profile: ``offline`` plans English prompts by rules, and heeds neither style nor tone.
        request: what is asked for.
        style: one of ``styles.STYLES``.
        answers, take, heard, make_room: see ``asking``.
        earlier: a plan whose locked scenes stay as they are.

    Raises:
        PlanError: nothing could be made of the prompt, or of the answers.
        LanguageModelError: the model gave no answer.
        ValueError: an unknown style.
    """
    refuse_impossible(request)
    if profile.kind == OFFLINE:
        plan = plan_video(
            request.prompt,
            frames=request.frames,
            fps=request.fps,
            width=request.width,
            height=request.height,
            seed=request.seed,
            max_scenes=request.scenes or _MOST_SCENES,
        )
    else:
        with asking(profile, answers, take, heard, make_room) as ask:
            plan = write_plan(request, style, ask)
    return plan if earlier is None else keep_locked(earlier, plan)


def needs_a_model(profile: Profile, what: str) -> None:
    """Refuse a profile without a model.

    Raises:
        PlanError: it is ``offline``.
    """
    if profile.kind == OFFLINE:
        raise PlanError(
            f"profile: {OFFLINE!r} has no language model, which {what} needs; choose another one"
        )
