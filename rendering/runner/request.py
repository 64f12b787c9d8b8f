"""What is asked of the runner, and how far a run folder already answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...host.errors import DirectorError
from ...planning.schema import Scene, VideoPlan
from ..job_workflow import JobWorkflow
from ..run_folder import RunFolder
from ..seeds import scene_seed, take_seed
from .hashes import scene_hashes
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
        clip_format: how a scene's frames are kept.
        models: sha256 of weight files by name, as far as they are known.
        patience: seconds for which a host that went away is waited for.
    """

    plan: VideoPlan
    folder: Path
    workflow: JobWorkflow = field(default_factory=JobWorkflow.shipped)
    scenes: tuple[str, ...] = ()
    another_take: bool = False
    clip_format: ClipFormat = "ffv1"
    models: Mapping[str, str] = field(default_factory=dict)
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


@dataclass(frozen=True)
class SceneState:
    """One scene of a request.

    Attributes:
        scene: from the plan.
        hash: its content hash.
        take: number of the take that fits it; None while there is none.
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


def scene_states(request: RunRequest, maker: JobMaker, folder: RunFolder) -> list[SceneState]:
    """Every scene of the plan, in its order.

    Raises:
        DirectorError: a scene is asked for that the plan does not have.
    """
    request.require_scenes()
    hashes = scene_hashes(maker, request.models)
    return [
        _state(request, maker, folder, scene, hashes[scene.id]) for scene in request.plan.scenes
    ]


def _state(
    request: RunRequest, maker: JobMaker, folder: RunFolder, scene: Scene, hashed: str
) -> SceneState:
    done = folder.done(scene.id, hashed)
    asked = not request.scenes or scene.id in request.scenes
    seed = scene_seed(maker.rendering["seed"], scene.id, scene.seed)
    again = request.another_take and asked and done is not None
    if again:
        seed = take_seed(seed, scene.id, folder.next_take(scene.id))
    return SceneState(
        scene,
        hashed,
        None if done is None else done.number,
        wanted=asked and (done is None or again),
        seed=seed,
        is_retake=again,
    )
