"""Scripts of scenes without brackets: `Scene 1: prompt`, its entities, background and camera.

The parts are VideoStudio's (arXiv:2401.01256), in the lines or the Markdown that language models
write when nothing holds them to the brackets.
"""

from collections.abc import Sequence

from ..schema import PlanError, VideoPlan
from .cameras import read_camera
from .drafts import DraftScene, Settings, build_plan
from .frame_lines import Block, read_blocks
from .scene_parts import SceneParts, draft_scene, has_parts, split_parts

FORMAT = (
    "Scenes: Scene 1: prompt, with lines Entities: a, b and Background: c and Camera: left, slow"
)


def scene_blocks(text: str) -> list[Block]:
    """Return the scenes of such a script, [] where the text is none.

    A single line `Scene 1: …` in a text is a sentence; a script has two, or says what is seen.
    """
    blocks = [block for block in read_blocks(text, frames=False) if block.number]
    told = any(
        block.entities or block.background or block.camera or has_parts(block.prompt)
        for block in blocks
    )
    return blocks if told or len(blocks) > 1 else []


def read_scene_lines(blocks: Sequence[Block], settings: Settings) -> VideoPlan:
    """Read one scene per heading; a second list of the same scenes may give their cameras.

    Raises:
        PlanError: scenes are missing or stand twice, or a camera is not understood.
    """
    drafts: dict[int, DraftScene] = {}
    for block in blocks:
        where = f"line {block.line}: scene {block.number}"
        camera = read_camera(block.prompt)
        if camera and block.number in drafts:
            drafts[block.number].camera = camera
        elif block.number != len(drafts) + 1:
            raise PlanError(
                f"{where} where scene {len(drafts) + 1} should be; number the scenes 1, 2, 3, … "
                "without gaps, each once"
            )
        else:
            drafts[block.number] = draft_scene(_parts(block), where)
    return build_plan(list(drafts.values()), settings)


def _parts(block: Block) -> SceneParts:
    inline = split_parts(block.prompt) if has_parts(block.prompt) else SceneParts(block.prompt)
    return SceneParts(
        prompt=inline.prompt,
        entities=block.entities or inline.entities,
        background=block.background or inline.background,
        camera=block.camera or inline.camera,
    )
