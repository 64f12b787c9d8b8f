"""Plan a whole prompt: the entry point of the offline planner."""

import logging
import re

from ..kinetics import action_labels
from ..schema import MAX_TEXT, Camera, Entity, PlanError, Scene, VideoPlan
from .background import Backgrounds
from .camera import read_camera
from .captions import frame_prompt, scene_prompt
from .english import reads_as_english
from .facts import SceneFacts
from .keyframes import frames_of, keyframes_of
from .placement import place
from .reading import SceneReader
from .references import Registry
from .splitting import split_scenes
from .timeline import build_tracks, things_of
from .tokens import normalise
from .verbs import gerund

_LOG = logging.getLogger(__name__)
_MAX_THINGS = 24


def plan_video(
    prompt: str,
    *,
    frames: int = 8,
    fps: int = 8,
    width: int = 128,
    height: int = 128,
    seed: int = 0,
    max_scenes: int = 12,
) -> VideoPlan:
    """Plan a video from a prompt in English: scenes, entities, boxes, camera and place.

    The same arguments always give the same plan; no model is asked and nothing is downloaded. A
    prompt that it can make nothing of becomes one scene without entities.

    Args:
        prompt: what the video shows, in plain words.
        frames: of each scene.
        fps, width, height: of the video; width and height are multiples of 8.
        seed: of the first scene's noise, each further scene's one higher; 0 leaves the noise to
            whoever renders the plan.
        max_scenes: scenes beyond this number are left out, which is logged.

    Raises:
        PlanError: the prompt is empty.
    """
    if not prompt.strip():
        raise PlanError("prompt: is empty; say what the video shows")
    text = normalise(prompt[:MAX_TEXT])
    split = split_scenes(text)
    if len(split.scenes) > max_scenes:
        _LOG.warning(
            "the prompt has %d scenes; only the first %d are planned", len(split.scenes), max_scenes
        )
    writer = _PlanWriter(frames, width, height, split.style)
    if split.preamble:
        writer.introduce(split.preamble)
    scenes = [
        writer.scene(raw.text, index, (seed + index) % 2**64 if seed else None)
        for index, raw in enumerate(split.scenes[:max_scenes])
    ]
    stored = prompt[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return VideoPlan(
        version=1,
        prompt=stored,
        fps=fps,
        width=width,
        height=height,
        entities=writer.entities(scenes),
        scenes=scenes,
    )


class _PlanWriter:
    """Writes scene after scene, with the things and places that they share."""

    def __init__(self, frames: int, width: int, height: int, style: list[str]) -> None:
        self.frames, self.width, self.height = frames, width, height
        self.style = style
        self.registry = Registry()
        self.reader = SceneReader(self.registry)
        self.backgrounds = Backgrounds(self.registry)

    def introduce(self, preamble: str) -> None:
        """Read the words before "Scene 1:", which name things and places but are no scene."""
        facts = self.reader.read(preamble, -1)
        self.backgrounds.enter(facts)

    def scene(self, text: str, index: int, seed: int | None) -> Scene:
        """Plan one scene."""
        camera, rest = read_camera(text)
        facts = self.reader.read(rest, index) if reads_as_english(rest) else SceneFacts()
        facts.things = facts.things[:_MAX_THINGS]
        where = self.backgrounds.enter(facts)
        layout = place(build_tracks(facts, self.width, self.height))
        moments = frames_of(layout, self.frames)
        carried = where.text if where and not (facts.places or facts.times) else ""
        carried = where.text_to_add if where and facts.times and not facts.places else carried
        return Scene(
            id=f"scene-{index + 1}",
            prompt=scene_prompt(rest, facts, carried, self.style),
            frames=self.frames,
            frame_prompts=self._frame_prompts(facts, moments, where.text if where else ""),
            background=where.id if where else None,
            entities=[thing.id for thing in facts.things],
            layout=keyframes_of(layout, moments),
            camera=camera or Camera(),
            action=_action(rest, facts),
            seed=seed,
        )

    def _frame_prompts(
        self,
        facts: SceneFacts,
        moments: list[dict[str, tuple[float, float, float, float]]],
        where: str,
    ) -> list[str] | None:
        """One prompt per frame where frames differ in what is seen and where; else None."""
        things = things_of(facts)
        prompts = [frame_prompt(boxes, things, where, self.style) for boxes in moments]
        return prompts if len(set(prompts)) > 1 else None

    def entities(self, scenes: list[Scene]) -> list[Entity]:
        """Return the entities that scenes show, foreground first, in the order of the text."""
        shown = {name for scene in scenes for name in scene.entities}
        found = [
            Entity(id=thing.id, name=thing.name, kind="foreground", description=thing.description)
            for thing in self.registry.things
            if thing.id in shown
        ]
        used = {scene.background for scene in scenes}
        return found + [
            Entity(id=place.id, name=place.name, kind="background", description=place.description)
            for place in self.backgrounds.places
            if place.id in used
        ]


def _action(text: str, facts: SceneFacts) -> dict[str, float]:
    """A Kinetics action whose words are the verb and its object, or that the text spells out."""
    low = f" {re.sub(r'[^a-z]+', ' ', text.lower())} "
    said = {gerund(verb) for verb in facts.verbs.values()}
    nouns = {thing.head for thing in facts.things}
    for label in action_labels():
        words = label.split()
        if len(words) < 2:
            continue
        spelled = f" {label} " in low
        if spelled or (len(words) == 2 and words[0] in said and words[1] in nouns):
            return {label: 1.0}
    return {}
