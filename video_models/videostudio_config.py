"""What a VideoStudio-Vid denoiser is made of, as it was built or as its weights tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

IN_TIME, IN_ATTENTION = "time_embedding", "attention"
FIRST, MIDDLE = "first", "middle"
AESTHETIC = 6.0  # the score asked for, as released


@dataclass(frozen=True)
class VideoStudioConfig:
    """Sizes of a ``VideoStudioUNet``; the defaults are those of the released one.

    channels: of every resolution, from the finest.
    layers: resnets of every resolution on the way down; one more on the way up.
    depths: transformer blocks of every resolution, spatial and temporal ones alike; 0 for none.
    context_width: of the image tokens.
    head_width: of one head of the spatial attention; ``temporal_head_width`` of the temporal.
    entry_width: of the tokens of the temporal transformer behind the first convolution; 0 for none.
    temporal_convolutions: in each of the residual blocks over time.
    added_width: of pooled text and sizes; 0 for none.
    score_width: of the sinusoids of an aesthetic score; 0 for none.
    image_width: of the pooled image; 0 for none.
    actions: classes of actions; 0 for none.
    action_place: where actions are added: to the time embedding (as released) or inside attention
        (eq. 3 of the paper).
    scene_attention: whether cells of all frames attend to those of the scene picture's latent, in
        which what moves is somewhere else. The released one does not: there, every cell sees the
        picture in its own place, and as image tokens.
    """

    in_channels: int = 4
    out_channels: int = 4
    channels: tuple[int, ...] = (320, 640, 1280)
    layers: int = 2
    depths: tuple[int, ...] = (0, 2, 10)
    context_width: int = 1280
    head_width: int = 64
    temporal_head_width: int = 64
    entry_width: int = 512
    temporal_convolutions: int = 4
    added_width: int = 2816
    score_width: int = 256
    image_width: int = 1280
    actions: int = 400
    action_place: str = IN_TIME
    scene_attention: bool = False

    @property
    def embedding(self) -> int:
        """Width of the time embedding."""
        return 4 * self.channels[0]


def read_config(
    state: Mapping[str, Tensor], file: str, *, head_width: int = 64
) -> VideoStudioConfig:
    """Read the sizes off published weights.

    Args:
        state: under the published names.
        file: its name, for the error.
        head_width: of one head, which no shape tells.

    Raises:
        ValueError: no weights of this kind, with what was missed.
    """
    missing = [
        key
        for key in (
            "conv_in.weight",
            "time_embedding.linear_1.weight",
            "down_blocks.0.temp_convs.0.conv1.0.weight",
            "mid_block.temp_attentions.0.proj_in.weight",
        )
        if key not in state
    ]
    if missing:
        raise ValueError(
            f"{file} is no VideoStudio-Vid denoiser: it has no {', '.join(missing)}. The file is "
            "the unet folder's diffusion_pytorch_model.safetensors of the published model."
        )

    def width(key: str) -> int:
        return state[key].shape[1] if key in state else 0

    levels = _count(state, r"down_blocks\.(\d+)\.")
    channels = tuple(
        state[f"down_blocks.{level}.resnets.0.conv1.weight"].shape[0] for level in range(levels)
    )
    depths = tuple(
        _count(state, rf"down_blocks\.{level}\.attentions\.0\.transformer_blocks\.(\d+)\.")
        for level in range(levels)
    )
    attended = next(level for level, depth in enumerate(depths) if depth)
    block = f"down_blocks.{attended}.attentions.0.transformer_blocks.0"
    inside = width(f"{block}.action.weight")
    return VideoStudioConfig(
        in_channels=state["conv_in.weight"].shape[1],
        out_channels=state["conv_out.weight"].shape[0],
        channels=channels,
        layers=_count(state, r"down_blocks\.0\.resnets\.(\d+)\."),
        depths=depths,
        context_width=width(f"{block}.attn2.to_k.weight"),
        head_width=head_width,
        temporal_head_width=head_width,
        entry_width=(
            state["temp_transformer_in.proj_in.weight"].shape[0]
            if "temp_transformer_in.proj_in.weight" in state
            else 0
        ),
        temporal_convolutions=_count(
            state, r"down_blocks\.0\.temp_convs\.0\.conv(\d+)\.0\.", first=1
        ),
        added_width=width("add_embedding.linear_1.weight"),
        score_width=width("aes_embedding.linear_1.weight"),
        image_width=width("midf_clip_pool_embedding.linear_1.weight"),
        actions=inside or width("action_prob_embedding.linear_1.weight"),
        action_place=IN_ATTENTION if inside else IN_TIME,
        scene_attention=f"{block}.attn_scene.to_q.weight" in state,
    )


def _count(state: Mapping[str, Tensor], pattern: str, first: int = 0) -> int:
    """How many numbers a part of the names goes through."""
    found = {int(match[1]) for key in state if (match := re.match(pattern, key))}
    return max(found, default=first - 1) + 1 - first
