"""The pack's own socket types and what travels through them."""

from typing import NamedTuple

from comfy_api.latest import io
from torch import Tensor

from ..rendering.scene_pictures import ScenePictures
from .kept_frames import KeptFrames

CATEGORY = "VideoDirector"

Plan = io.Custom("VIDEO_PLAN")  # planning.schema.VideoPlan
Scene = io.Custom("VIDEO_SCENE")  # planning.schema.SceneBundle
Layout = io.Custom("VIDEO_LAYOUT")  # list, one per frame, of {entity id: (x0, y0, x1, y1)}
Camera = io.Custom("VIDEO_CAMERA")  # planning.schema.Camera
Action = io.Custom("VIDEO_ACTION")  # {Kinetics-400 label: weight}
Grounding = io.Custom("GROUNDING")  # ModelPatcher of a GroundingModel
ReferenceAdapter = io.Custom("REFERENCE_ADAPTER")  # ModelPatcher of a ReferenceAdapter
SceneClips = io.Custom("SCENE_CLIPS")  # list of SceneClip, in the order they are shown
EntityReferences = io.Custom("ENTITY_REFERENCES")  # {entity id: EntityReference}


class SceneClip(NamedTuple):
    """The rendered frames of one scene."""

    scene_id: str
    images: Tensor | KeptFrames  # f h w c, 0 to 1
    fps: int
    pictures: ScenePictures | None = None  # of frames that no run folder keeps, for the page


class EntityReference(NamedTuple):
    """What an entity looks like."""

    picture: Tensor  # h w c, 0 to 1
    mask: Tensor | None  # h w, 1 where the entity is; None: the whole picture shows it
    source: str  # "given" by the user, "drawn" by the model, or the file name in the plan
