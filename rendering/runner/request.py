"""What is asked of the runner, and how far a run folder already answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...host.errors import DirectorError
from ...planning.schema import Scene, VideoPlan
from ..job_workflow import JobWorkflow
from ..run_folder import RunFolder
from ..seeds import scene_seed, take_seed
from ..take_choices import Choices, choice_problems, take_to_use
from .hashes import rendered_size, scene_hashes
from .hosts import COME_BACK_SECONDS
from .scene_job import ClipFormat, JobMaker


@dataclass(frozen=True)
class RunRequest:
    """A plan to render into a folder.

    Attributes:
        plan: the plan.
        folder: the run folder; made where missing, gone on with where it holds a run.
        workflow: how scenes are rendered; its planner or plan gives way to ``plan``.
        scenes: ids of those to render; none means all.
        another_take: render one take more of them, also where they are done.
        choose: numbers of takes to use from now on, by scene id; None takes the newest that fits
            again. A scene whose take is named is not rendered.
        clip_format: how a scene's frames are kept.
        models: sha256 of weight files by name, as far as they are known.
        pictures: content of the plan's pictures, by their names in a host's input folder.
        patience: seconds for which a host that went away is waited for.
    """

    plan: VideoPlan
    folder: Path
    workflow: JobWorkflow = field(default_factory=JobWorkflow.shipped)
    scenes: tuple[str, ...] = ()
    another_take: bool = False
    choose: Choices = field(default_factory=dict)
    clip_format: ClipFormat = "ffv1"
    models: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    patience: float = COME_BACK_SECONDS

    def maker(self) -> JobMaker:
        """Makes the jobs of the scenes."""
        return JobMaker.of_plan(self.workflow, self.plan, self.clip_format)

    def require_scenes(self) -> None:
        """Raise DirectorError when a scene is asked for that the plan does not have."""
        known = [scene.id for scene in self.plan.scenes]
        unknown = [name for name in self.scenes if name not in known]
        if unknown:
            raise DirectorError(
                f"The plan has no scene {', '.join(unknown)}. Its scenes are: {', '.join(known)}."
            )

    def require_takes(self, folder: RunFolder, size: tuple[int, int]) -> None:
        """Raise DirectorError when a chosen take is not in the folder, or of another size."""
        scenes = [scene.id for scene in self.plan.scenes]
        if problems := choice_problems(folder, self.choose, scenes, size):
            raise DirectorError("\n".join(problems))


@dataclass(frozen=True)
class SceneState:
    """One scene of a request.

    Attributes:
        scene: from the plan.
        hash: its content hash.
        take: number of the take that is used for it; None while there is none.
        take_fits: whether that take is of this hash, and not an earlier one that was chosen.
        wanted: whether it is to be rendered now.
        seed: noise seed of what is rendered now.
        is_retake: whether that seed is not the scene's usual one.
    """

    scene: Scene
    hash: str
    take: int | None
    wanted: bool
    seed: int
    is_retake: bool = False
    take_fits: bool = True


def scene_states(request: RunRequest, maker: JobMaker, folder: RunFolder) -> list[SceneState]:
    """Every scene of the plan, in its order.

    Raises:
        DirectorError: a scene is asked for that the plan does not have, or a take is chosen that
            the folder does not have.
    """
    request.require_scenes()
    request.require_takes(folder, rendered_size(maker))
    hashes = scene_hashes(maker, request.models)
    return [
        _state(request, maker, folder, scene, hashes[scene.id]) for scene in request.plan.scenes
    ]


def _state(
    request: RunRequest, maker: JobMaker, folder: RunFolder, scene: Scene, hashed: str
) -> SceneState:
    done = take_to_use(folder, scene.id, hashed, request.choose)
    asked = not request.scenes or scene.id in request.scenes
    seed = scene_seed(maker.rendering["seed"], scene.id, scene.seed)
    named = request.choose.get(scene.id) is not None
    again = request.another_take and asked and done is not None and not named
    if again:
        seed = take_seed(seed, scene.id, folder.next_take(scene.id))
    return SceneState(
        scene,
        hashed,
        None if done is None else done.number,
        wanted=asked and (done is None or again),
        seed=seed,
        is_retake=again,
        take_fits=done is None or done.hash == hashed,
    )
