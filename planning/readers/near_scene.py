"""The scenes of a plan that is almost ours."""

import re
from collections.abc import Mapping
from typing import ClassVar

from ..kinetics import action_labels
from ..schema import SLUG_PATTERN
from .boxes import as_number
from .drafts import Settings
from .names import said
from .near_camera import near_camera
from .near_cast import Cast, names_in
from .near_fields import (
    ENTITY_FIELDS,
    KEYFRAME_FIELDS,
    SCENE_FIELDS,
    fields_of,
    whole,
)
from .near_layout import near_layout


class SceneReader:
    """Reads one scene.

    Args:
        where: its path in the plan.
        name: its name, where scenes come as a dictionary.
        item: the scene as it was written.
        cast: the entities of the plan.
        settings: what the scene leaves open.
    """

    FIELDS: ClassVar = SCENE_FIELDS
    SLUG: ClassVar = re.compile(SLUG_PATTERN)

    def __init__(
        self, where: str, name: str | None, item: object, cast: Cast, settings: Settings
    ) -> None:
        self.where, self.cast, self.settings, self.own = where, cast, settings, cast.own
        self.item = {"prompt": item} if isinstance(item, str) and not self.own else item
        self.scene: dict[str, object] = {}
        if isinstance(self.item, Mapping):
            self.scene = fields_of(self.item, SCENE_FIELDS, self.own)
            if name is not None:
                self.scene = {"id": name, **self.scene}

    def read_background(self) -> None:
        """Find the scene's background among the entities."""
        told = self.scene.get("background")
        if isinstance(told, list) and len(told) == 1 and not self.own:
            told = told[0]
        if isinstance(told, str) and said(told) is None and not self.own:
            self.scene.pop("background")
        elif told is not None:
            self.scene["background"] = self.cast.find(told, "background")

    def read(self) -> object:
        """Return the scene as a plan has it; what is no scene at all as it was written."""
        if not isinstance(self.item, Mapping):
            return self.item
        if not self.own:
            self._frames_that_are_listed()
        self._count_frames()
        self._entities()
        if "layout" in self.scene:
            self.scene["layout"] = near_layout(
                self.scene["layout"],
                f"{self.where}.layout",
                self.scene.get("frames"),
                lambda name: self.cast.find(name, "foreground"),
                self.own,
            )
            self._boxed_are_shown()
        if "camera" in self.scene:
            self.scene["camera"] = near_camera(self.scene["camera"], self.own)
        self._action()
        self._numbers()
        return self.scene

    def _frames_that_are_listed(self) -> None:
        """Take a list of frames for what it holds: descriptions, or key frames with boxes."""
        frames = self.scene.get("frames")
        if isinstance(frames, Mapping):
            self.scene["layout"] = frames
            del self.scene["frames"]
        elif isinstance(frames, list):
            del self.scene["frames"]
            parts = [
                fields_of(part, KEYFRAME_FIELDS, own=False) if isinstance(part, Mapping) else part
                for part in frames
            ]
            boxed = any(isinstance(part, Mapping) and "boxes" in part for part in parts)
            if boxed:
                self.scene["layout"] = frames
            else:
                self.scene["frame_prompts"] = parts
        prompts = self.scene.get("frame_prompts")
        if isinstance(prompts, list):
            self.scene["frame_prompts"] = [_description(part) for part in prompts]

    def _count_frames(self) -> None:
        prompts = self.scene.get("frame_prompts")
        if isinstance(prompts, list) and prompts:
            self.scene.setdefault("frames", len(prompts))
            if isinstance(prompts[0], str) and not self.own:
                self.scene.setdefault("prompt", prompts[0])
        elif prompts == [] and not self.own:
            del self.scene["frame_prompts"]
        layout = self.scene.get("layout")
        keyframes = len(layout) if isinstance(layout, list | Mapping) and not self.own else 0
        if not self.own:
            self.scene.setdefault("frames", max(self.settings.frames, keyframes))
        if "frames" in self.scene:
            self.scene["frames"] = whole(self.scene["frames"])

    def _entities(self) -> None:
        told = self.scene.get("entities")
        if told is None or (self.own and not isinstance(told, list)):
            return
        if isinstance(told, str) and said(told) is None:
            told = []
        named = list(names_in(told))
        ids = [self.cast.find(name, "foreground") for name in named]
        self._boxes_of(named, ids)
        if not self.own:
            behind = [name for name in ids if self.cast.kind_of(name) == "background"]
            if len(behind) == 1 and "background" not in self.scene:
                self.scene["background"] = behind[0]
            ids = [name for name in ids if name != self.scene.get("background")]
            ids = [name for at, name in enumerate(ids) if name not in ids[:at]]
        self.scene["entities"] = ids

    def _boxes_of(self, named: list[object], ids: list[object]) -> None:
        """Take the boxes that are told with the things themselves for the whole scene's."""
        boxes = {
            str(entity): box
            for entity, item in zip(ids, named, strict=True)
            if isinstance(item, Mapping)
            and (box := fields_of(item, ENTITY_FIELDS, self.own).get("box")) is not None
        }
        if boxes and not self.own:
            self.scene.setdefault("layout", [{"frame": 0, "boxes": boxes}])

    def _boxed_are_shown(self) -> None:
        """A thing with a box is seen in the scene, whether it is listed or not."""
        layout = self.scene.get("layout")
        if self.own or not isinstance(layout, list):
            return
        shown = self.scene.setdefault("entities", [])
        boxed = [
            name
            for keyframe in layout
            if isinstance(keyframe, dict) and isinstance(keyframe.get("boxes"), dict)
            for name in keyframe["boxes"]
        ]
        for name in dict.fromkeys(boxed):
            known = self.cast.kind_of(name) == "foreground"
            if known and isinstance(shown, list) and name not in shown:
                shown.append(name)

    def _action(self) -> None:
        action = self.scene.get("action")
        if self.own or action is None or isinstance(action, Mapping):
            return
        labels = [action] if isinstance(action, str) else action
        if labels == [] or (isinstance(action, str) and said(action) is None):
            del self.scene["action"]
        elif isinstance(labels, list) and len(labels) == 1 and isinstance(labels[0], str):
            label = labels[0].strip().lower()
            if label in action_labels():
                self.scene["action"] = {label: 1.0}
            elif isinstance(action, str):
                del self.scene["action"]  # a sentence, which the prompt tells as well

    def _numbers(self) -> None:
        if "seed" in self.scene:
            self.scene["seed"] = whole(self.scene["seed"])
        strength = self.scene.get("layout_strength")
        if isinstance(strength, str) and (number := as_number(strength)) is not None:
            self.scene["layout_strength"] = number


def _description(part: object) -> object:
    """Return what a frame shows, of a text or of an object that holds one."""
    if not isinstance(part, Mapping):
        return part
    fields = fields_of(part, KEYFRAME_FIELDS, own=False)
    return (
        fields["caption"] if set(fields) <= {"frame", "caption"} and "caption" in fields else part
    )
