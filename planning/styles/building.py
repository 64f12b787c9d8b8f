"""Makes the scenes of a plan of what a language model answered, and says what is wrong with it."""

from collections.abc import Iterable

from ..kinetics import action_labels
from ..plan_io import from_data
from ..request import PlanRequest
from ..schema import MAX_TEXT, Box, Camera, Entity, Keyframe, PlanError, Scene, VideoPlan
from .answers import BoxRow, CameraAnswer, DirectorScene, LayoutAnswer, SceneText
from .cast import Cast, name_key
from .tracks import keyframes

MOST_SCENES = 12


def count_problems(request: PlanRequest, count: int) -> list[str]:
    """What is wrong with the number of scenes that came."""
    if request.scenes and count != request.scenes:
        return [
            f"scenes: {count} came where {request.scenes} are needed; tell the whole video in "
            f"exactly {request.scenes}"
        ]
    if not request.scenes and count > MOST_SCENES:
        return [f"scenes: {count} are too many; tell the whole video in at most {MOST_SCENES}"]
    return []


class SceneBuilder:
    """Looks names up in a cast and gathers what does not fit.

    Args:
        cast: the entities there are.
        frames: of each scene.
        place: the list of the answer where a new entity would have to stand; "" where the
            answer has no such list.
    """

    def __init__(self, cast: Cast, frames: int, place: str = "") -> None:
        self.cast, self.frames, self.place = cast, frames, place
        self.problems: list[str] = []

    def shown(self, path: str, answer: SceneText) -> tuple[list[str], str | None]:
        """The ids of what a scene shows: its entities and its background."""
        behind = answer.background
        background = self.cast.find(behind, "background") if behind else None
        if behind and background is None:
            fix = self.cast.suggestion(behind, "background", "backgrounds")
            self.problems.append(f"{path}.background: {behind[:60]!r} is not known; {fix}")
        ids: dict[str, None] = {}
        for index, name in enumerate(answer.entities):
            if behind and name_key(name) == name_key(behind):
                continue
            found = self.cast.find(name, "foreground")
            if found is None:
                self._unknown(f"{path}.entities[{index}]", name)
            else:
                ids[found] = None
        return list(ids), background

    def layout(
        self, path: str, answer: LayoutAnswer, entities: list[str], background: str | None
    ) -> list[Keyframe]:
        """The keyframes of a scene; what has a box but is not in ``entities`` is added there."""
        tracks: dict[str, dict[int, Box]] = {}
        for index, row in enumerate(answer.boxes):
            where = f"{path}boxes[{index}]"
            found = self._boxed(where, row, background)
            if found is None:
                continue
            if found != background and found not in entities:
                entities.append(found)
            x0, y0, x1, y1 = row.box
            box = (x0, y0, x1, y1)
            if tracks.setdefault(found, {}).setdefault(row.frame, box) != box:
                self.problems.append(
                    f"{where}: {row.entity!r} has another box at frame {row.frame}; leave one out"
                )
        return [] if self.problems else keyframes(tracks, self.frames)

    def _boxed(self, where: str, row: BoxRow, background: str | None) -> str | None:
        if row.frame >= self.frames:
            self.problems.append(
                f"{where}.frame: {row.frame} is after the last frame {self.frames - 1}; "
                f"use 0 to {self.frames - 1}"
            )
            return None
        found = self.cast.find(row.entity, "foreground")
        if found is None and background and self.cast.find(row.entity, "background") == background:
            found = background
        if found is None:
            self._unknown(f"{where}.entity", row.entity)
        return found

    def _unknown(self, where: str, name: str) -> None:
        fix = self.cast.suggestion(name, "foreground", self.place)
        self.problems.append(f"{where}: there is no entity {name[:60]!r}; {fix}")

    def finish(self) -> None:
        """Raise PlanError where anything did not fit."""
        if self.problems:
            raise PlanError(self.problems)


def director_scene(
    builder: SceneBuilder, path: str, answer: DirectorScene, camera: bool, scene_id: str
) -> Scene:
    """Make a scene of an answer that has everything about it.

    Args:
        builder: gathers what is wrong.
        path: of the scene in the answer.
        answer: the scene.
        camera: whether the camera may move.
        scene_id: of the scene in the plan.
    """
    entities, background = builder.shown(path, answer)
    layout = builder.layout(f"{path}.", answer, entities, background)
    return Scene(
        id=scene_id,
        prompt=answer.prompt,
        frames=builder.frames,
        background=background,
        entities=entities,
        layout=layout,
        camera=camera_of(answer) if camera else Camera(),
        action=action_of(answer.action),
        layout_strength=answer.layout_strength,
    )


def camera_of(answer: CameraAnswer) -> Camera:
    """The camera of an answer; one that stands still has no speed of its own."""
    if answer.camera_direction == "static":
        return Camera()
    return Camera(direction=answer.camera_direction, speed=answer.camera_speed)


def action_of(told: str) -> dict[str, float]:
    """The Kinetics label that was told, in whatever case; nothing where it is none of them."""
    wanted = " ".join(told.replace("_", " ").split()).casefold()
    return {label: 1.0 for label in action_labels() if label.casefold() == wanted}


def build_plan(request: PlanRequest, entities: Iterable[Entity], scenes: list[Scene]) -> VideoPlan:
    """Make the plan: numbered seeds, and only the entities that a scene shows.

    Raises:
        PlanError: the scenes do not fit each other or the request is out of range.
    """
    shown = {name for scene in scenes for name in [*scene.entities, scene.background]}
    kept = [entity for entity in entities if entity.id in shown]
    seeded = [
        scene.model_copy(
            update={"seed": (request.seed + index) % 2**64 if request.seed else None}
        ).model_dump()
        for index, scene in enumerate(scenes)
    ]
    prompt = request.prompt[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
    return from_data(
        {
            "version": 1,
            "prompt": prompt,
            "fps": request.fps,
            "width": request.width,
            "height": request.height,
            "entities": [
                entity.model_dump()
                for entity in sorted(kept, key=lambda entity: entity.kind == "background")
            ],
            "scenes": seeded,
        }
    )
