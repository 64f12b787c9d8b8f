"""What is asked of a planner, whoever it is."""

from dataclasses import dataclass

from .plan_io import from_data
from .schema import MAX_SCENES, MAX_TEXT, PlanError


@dataclass(frozen=True)
class PlanRequest:
    """A video to be planned.

    prompt: what it shows, in any language.
    frames, fps, width, height: of each scene, and of the video.
    scenes: how many; 0 leaves it to the planner.
    tone: how it shall feel, such as "calm, warm light"; "" leaves it to the planner.
    hints: what the picture model can do or not, to be heeded; "" where nothing is known.
    camera: whether the camera may move.
    seed: of the first scene's noise, each further scene's one higher; 0 leaves the noise to
        whoever renders the plan.
    """

    prompt: str
    frames: int = 16
    fps: int = 8
    width: int = 512
    height: int = 512
    scenes: int = 0
    tone: str = ""
    hints: str = ""
    camera: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what nobody could plan.

        Raises:
            PlanError: the prompt is empty.
        """
        if not self.prompt.strip():
            raise PlanError("prompt: is empty; say what the video shows")


def refuse_impossible(request: PlanRequest) -> None:
    """Refuse, before anybody plans, what no plan can have.

    Raises:
        PlanError: number of scenes, frames, rate or size.
    """
    if not 0 <= request.scenes <= MAX_SCENES:
        raise PlanError(
            f"scenes: {request.scenes} is not possible; use 1 to {MAX_SCENES}, or 0 to leave it "
            "to the planner"
        )
    from_data(
        {
            "version": 1,
            "prompt": request.prompt[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8"),
            "fps": request.fps,
            "width": request.width,
            "height": request.height,
            "scenes": [{"id": "scene-1", "prompt": "any", "frames": request.frames}],
        }
    )
