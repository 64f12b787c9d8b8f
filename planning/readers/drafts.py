"""What every reader finds in a text, and how it becomes a plan.

The papers name things by their words alone, so one name is one entity in all scenes; two things
of one name in one scene are told apart by their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..plan_io import from_data
from ..schema import MAX_ENTITIES, MAX_SCENES, Box, PlanError, VideoPlan
from ..slugs import unique_slug


@dataclass(frozen=True)
class Settings:
    """What the papers' texts do not say about the video."""

    prompt: str = ""
    frames: int = 16
    fps: int = 8
    width: int = 512
    height: int = 512


@dataclass(frozen=True)
class Thing:
    """A name, and which of the things of that name it is (from 1)."""

    name: str
    number: int = 1

    def key(self) -> tuple[str, int]:
        """What it has in common with the same thing elsewhere."""
        return " ".join(self.name.casefold().split()), self.number


@dataclass
class DraftKeyframe:
    """The things of one key frame with their boxes (xyxy in 0..1)."""

    boxes: list[tuple[Thing, Box]]
    caption: str | None = None


@dataclass
class DraftScene:
    """One scene as a text tells it."""

    prompt: str
    things: list[Thing] = field(default_factory=list)
    background: str | None = None
    keyframes: list[DraftKeyframe] = field(default_factory=list)
    frame_prompts: list[str] | None = None
    camera: dict[str, str] = field(default_factory=dict)


def build_plan(drafts: Sequence[DraftScene], settings: Settings, prompt: str = "") -> VideoPlan:
    """Make a plan of the scenes that a reader found.

    Args:
        drafts: the scenes.
        settings: whose prompt comes first.
        prompt: what the text says the video is about, where it does.

    Raises:
        PlanError: they break an invariant of plans, e.g. a box with its sides swapped.
    """
    if len(drafts) > MAX_SCENES:
        raise PlanError(f"scenes: has {len(drafts)} items; use at most {MAX_SCENES}")
    cast = _Cast()
    scenes = [
        _scene(f"scene-{number}", draft, cast, settings)
        for number, draft in enumerate(drafts, start=1)
    ]
    told = [draft.prompt.strip() for draft in drafts]
    if len(told) > 1:
        told = [text if text.endswith((".", "!", "?")) else f"{text}." for text in told]
    return from_data(
        {
            "version": 1,
            "prompt": settings.prompt.strip() or prompt or " ".join(told),
            "fps": settings.fps,
            "width": settings.width,
            "height": settings.height,
            "entities": list(cast.entities.values()),
            "scenes": scenes,
        }
    )


class _Cast:
    """Gives every thing its entity, the same one whenever it comes again."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, str]] = {}
        self._ids: dict[tuple[str, int, str], str] = {}

    def entity_id(self, thing: Thing, kind: str) -> str:
        key = (*thing.key(), kind)
        if key not in self._ids:
            if len(self.entities) >= MAX_ENTITIES:
                raise PlanError(f"entities: has more than {MAX_ENTITIES} items; name fewer things")
            slug = self._ids[key] = unique_slug(thing.name, self.entities)
            self.entities[slug] = {"id": slug, "name": thing.name.strip(), "kind": kind}
        return self._ids[key]


def _scene(name: str, draft: DraftScene, cast: _Cast, settings: Settings) -> dict[str, object]:
    background = cast.entity_id(Thing(draft.background), "background") if draft.background else None
    behind = Thing(draft.background or "").key()
    boxed = [thing for keyframe in draft.keyframes for thing, _ in keyframe.boxes]
    seen = [thing for thing in draft.things + boxed if thing.key() != behind]
    ids = {thing.key(): cast.entity_id(thing, "foreground") for thing in seen}
    entities = list(dict.fromkeys(ids.values()))
    if background:
        ids[behind] = background
    frames = len(draft.frame_prompts or []) or max(settings.frames, len(draft.keyframes))
    layout = [
        _keyframe(frame, keyframe, ids)
        for frame, keyframe in zip(
            spread(len(draft.keyframes), frames), draft.keyframes, strict=True
        )
    ]
    return {
        "id": name,
        "prompt": draft.prompt,
        "frames": frames,
        "frame_prompts": draft.frame_prompts,
        "background": background,
        "entities": entities,
        "layout": layout,
        "camera": draft.camera,
    }


def _keyframe(
    frame: int, draft: DraftKeyframe, ids: dict[tuple[str, int], str]
) -> dict[str, object]:
    boxes = {ids[thing.key()]: box for thing, box in draft.boxes}
    return {"frame": frame, "boxes": boxes, "caption": draft.caption}


def spread(count: int, frames: int) -> list[int]:
    """Place key frames evenly from the first to the last frame, as LVD and VideoDirectorGPT do."""
    if count < 2:
        return [0] * count
    return [round(index * (frames - 1) / (count - 1)) for index in range(count)]
