"""VideoStudio-Vid's denoiser: SDXL's UNet with layers over time, told by a picture and an action.

VideoStudio (arXiv:2401.01256), section 3.3, eq. 3 and supplement, table 2. Every layer of a frame
is followed by one over time: resnet, temporal convolution, spatial transformer, temporal
transformer. Cross-attention sees the scene picture's image tokens alone; pooled text, pooled image,
aesthetic score and action are added to the time embedding; the scene picture's latent stands beside
the clip as one more frame, whose output is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .convolutions import (
    Downsampler,
    ResnetBlock,
    TemporalConvolution,
    Upsampler,
    over_frames,
)
from .transformers import Attend, SpatialTransformer, TemporalTransformer, plain_attention
from .videostudio_config import FIRST, IN_ATTENTION, IN_TIME, MIDDLE, VideoStudioConfig

_GROUPS = 32


def sinusoids(values: Tensor, width: int) -> Tensor:
    """Cosines and sines of numbers [n], as Stable Diffusion is told time steps: [n, width]."""
    half = width // 2
    powers = torch.arange(half, dtype=torch.float32, device=values.device) / half
    angles = values.float()[:, None] * torch.exp(-torch.log(torch.tensor(10_000.0)) * powers)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class Embedding(nn.Module):
    """Two linear layers onto the time embedding."""

    def __init__(self, width: int, embedding: int, operations: Any) -> None:
        super().__init__()
        self.linear_1 = operations.Linear(width, embedding)
        self.linear_2 = operations.Linear(embedding, embedding)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_2(F.silu(self.linear_1(x)))


@dataclass(frozen=True)
class _Told:
    """What every layer of a call is told.

    embedding: [B·F, width]; context: image tokens [B, n, d]; action: [B·F, classes] or None;
    scene: which frame is the scene picture.
    """

    clips: int
    embedding: Tensor
    context: Tensor
    action: Tensor | None
    attend: Attend
    scene: int | None


def _over_time(x: Tensor, clips: int, layer: Callable[[Tensor], Tensor]) -> Tensor:
    """Give frames [B·F, C, h, w] to a layer of clips [B, C, F, h, w]."""
    clip = x.unflatten(0, (clips, -1)).transpose(1, 2)
    return layer(clip).transpose(1, 2).flatten(0, 1)


class _Level(nn.Module):
    """One resolution on the way down or up, or the middle."""

    def __init__(
        self,
        pairs: Sequence[tuple[int, int]],
        depth: int,
        config: VideoStudioConfig,
        operations: Any,
        attentions: int | None = None,
    ) -> None:
        super().__init__()
        width = pairs[-1][1]
        self.resnets = nn.ModuleList(
            ResnetBlock(before, after, config.embedding, operations) for before, after in pairs
        )
        self.temp_convs = nn.ModuleList(
            TemporalConvolution(after, operations, config.temporal_convolutions)
            for _, after in pairs
        )
        count = (len(pairs) if attentions is None else attentions) if depth else 0
        if count:
            inside = config.actions if config.action_place == IN_ATTENTION else 0
            self.attentions = nn.ModuleList(
                SpatialTransformer(
                    width,
                    config.context_width,
                    config.head_width,
                    depth,
                    operations,
                    inside,
                    config.scene_attention,
                )
                for _ in range(count)
            )
            self.temp_attentions = nn.ModuleList(
                TemporalTransformer(width, width, config.temporal_head_width, depth, operations)
                for _ in range(count)
            )

    def convolve(self, x: Tensor, number: int, told: _Told) -> Tensor:
        x = self.resnets[number](x, told.embedding)
        return _over_time(x, told.clips, self.temp_convs[number])

    def attend(self, x: Tensor, number: int, told: _Told) -> Tensor:
        if not hasattr(self, "attentions"):
            return x
        x = self.attentions[number](x, told.context, told.attend, told.action, told.scene)
        seen = self.temp_attentions[number]
        return _over_time(x, told.clips, lambda clip: seen(clip, told.attend))


class VideoStudioUNet(nn.Module):
    """The denoiser, under the published names of its parameters.

    Args:
        config: its sizes.
        operations: the host's layers, or torch's.
        reference_position: where the scene picture's latent stands: ``first``, or ``middle`` of the
            clip, as the paper trains.
        attend_with: gives the attention to compute with, from a call's transformer_options.
    """

    def __init__(
        self,
        config: VideoStudioConfig,
        operations: Any = nn,
        *,
        reference_position: str = FIRST,
        attend_with: Callable[[dict[str, Any]], Attend] = lambda options: plain_attention,
        dtype: torch.dtype | None = None,
        device: Any = None,
    ) -> None:
        super().__init__()
        self.config, self.attend_with = config, attend_with
        self.reference_position = reference_position
        self.dtype = dtype or torch.float32
        layers = _Placed(operations, dtype, device)
        widths, embedding = config.channels, config.embedding
        self.conv_in = layers.Conv2d(config.in_channels, widths[0], 3, padding=1)
        self.time_embedding = Embedding(widths[0], embedding, layers)
        for name, width in (
            ("add_embedding", config.added_width),
            ("aes_embedding", config.score_width),
            ("midf_clip_pool_embedding", config.image_width),
            (
                "action_prob_embedding",
                config.actions if config.action_place == IN_TIME else 0,
            ),
        ):
            self.add_module(name, Embedding(width, embedding, layers) if width else None)
        self.temp_transformer_in = None
        if config.entry_width:
            self.temp_transformer_in = TemporalTransformer(
                widths[0], config.entry_width, config.temporal_head_width, 1, layers
            )
        skips = self._way_down(layers)
        self._middle(layers)
        self._way_up(skips, layers)
        self.conv_norm_out = layers.GroupNorm(_GROUPS, widths[0], eps=1e-5)
        self.conv_out = layers.Conv2d(widths[0], config.out_channels, 3, padding=1)

    def _way_down(self, layers: Any) -> list[int]:
        """Make the blocks; returns the channels of what the way up is joined with."""
        config, width = self.config, self.config.channels[0]
        skips = [width]
        self.down_blocks = nn.ModuleList()
        for level, channels in enumerate(config.channels):
            pairs = [(width if not n else channels, channels) for n in range(config.layers)]
            block = _Level(pairs, config.depths[level], config, layers)
            skips += [channels] * config.layers
            if level < len(config.channels) - 1:
                block.downsamplers = nn.ModuleList([Downsampler(channels, layers)])
                skips.append(channels)
            self.down_blocks.append(block)
            width = channels
        return skips

    def _middle(self, layers: Any) -> None:
        width = self.config.channels[-1]
        depth = self.config.depths[-1] or 1
        self.mid_block = _Level([(width, width)] * 2, depth, self.config, layers, attentions=1)

    def _way_up(self, skips: list[int], layers: Any) -> None:
        config, width = self.config, self.config.channels[-1]
        self.up_blocks = nn.ModuleList()
        for level in reversed(range(len(config.channels))):
            channels, pairs = config.channels[level], []
            for _ in range(config.layers + 1):
                pairs.append((width + skips.pop(), channels))
                width = channels
            block = _Level(pairs, config.depths[level], config, layers)
            if level:
                block.upsamplers = nn.ModuleList([Upsampler(channels, layers)])
            self.up_blocks.append(block)

    def embedded(
        self,
        times: Tensor,
        added: Tensor | None,
        score: Tensor | None,
        image: Tensor | None,
        action: Tensor | None,
        like: Tensor,
    ) -> Tensor:
        """The time embedding with all that is added to it, [B, width]; absent parts add nothing.

        Args:
            times: time steps, [B].
            added: pooled text and sinusoids of sizes, [B, added_width].
            score: aesthetic scores, [B].
            image: pooled features of the scene picture, [B, image_width].
            action: indicator vectors, [B, actions].
            like: in whose precision it is computed; weights may be kept in a smaller one.
        """
        config = self.config
        scores = None if score is None or not config.score_width else score
        told: tuple[tuple[nn.Module | None, Tensor | None], ...] = (
            (self.add_embedding, added),
            (
                self.aes_embedding,
                None if scores is None else sinusoids(scores, config.score_width).to(like),
            ),
            (self.midf_clip_pool_embedding, image),
            (self.action_prob_embedding, action),
        )
        whole = self.time_embedding(sinusoids(times, config.channels[0]).to(like))
        for layer, value in told:
            if layer is not None and value is not None:
                whole = whole + layer(value)
        return whole

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor | None = None,
        y: Tensor | None = None,
        *,
        reference: Tensor | None = None,
        image_pooled: Tensor | None = None,
        action: Tensor | None = None,
        aesthetic: Tensor | None = None,
        control: Any = None,
        transformer_options: dict[str, Any] | None = None,
        **unused: Any,
    ) -> Tensor:
        """Predict the noise (or v) of clips.

        Args:
            x: noisy latents, [B, C, F, h, w].
            timesteps: [B].
            context: image tokens of the scene picture, [B, n, context_width].
            y: pooled text and sizes, [B, added_width].
            reference: latent of the scene picture, [B, C, 1, h, w]; None leaves it out.
            image_pooled: [B, image_width].
            action: [B, actions].
            aesthetic: [B].
            control: not supported; must be None.
            transformer_options: the host's.

        Returns:
            [B, C, F, h, w].

        Raises:
            ValueError: without image tokens, or with a ControlNet.
        """
        if context is None or control is not None:
            what = "image tokens are missing" if context is None else "it takes no ControlNet"
            raise ValueError(
                f"VideoStudio-Vid: {what}; give it conditioning from Video Conditioning."
            )
        embedding = self.embedded(timesteps, y, aesthetic, image_pooled, action, x)
        at = None
        if reference is not None:
            x, at = self._with_reference(x, reference)
        clips, frames = x.shape[0], x.shape[2]

        def per_frame(value: Tensor) -> Tensor:
            return value.repeat_interleave(frames, dim=0)

        told = _Told(
            clips,
            per_frame(embedding),
            context,
            None if action is None else per_frame(action),
            self.attend_with(transformer_options or {}),
            at,
        )
        out = self.through(x.transpose(1, 2).flatten(0, 1), told)
        out = out.unflatten(0, (clips, frames)).transpose(1, 2)
        if at is None:
            return out
        return torch.cat([out[:, :, :at], out[:, :, at + 1 :]], dim=2)

    def _with_reference(self, x: Tensor, reference: Tensor) -> tuple[Tensor, int]:
        at = x.shape[2] // 2 if self.reference_position == MIDDLE else 0
        return torch.cat([x[:, :, :at], reference.to(x), x[:, :, at:]], dim=2), at

    def through(self, x: Tensor, told: _Told) -> Tensor:
        x = self.conv_in(x)
        entry = self.temp_transformer_in
        if entry is not None:
            x = _over_time(x, told.clips, lambda clip: entry(clip, told.attend))
        skips = [x]
        for block in self.down_blocks:
            for number in range(len(block.resnets)):
                x = block.attend(block.convolve(x, number, told), number, told)
                skips.append(x)
            if hasattr(block, "downsamplers"):
                x = block.downsamplers[0](x)
                skips.append(x)
        middle = self.mid_block
        x = middle.attend(middle.convolve(x, 0, told), 0, told)
        x = middle.convolve(x, 1, told)
        for block in self.up_blocks:
            for number in range(len(block.resnets)):
                joined = torch.cat([x, skips.pop()], dim=1)
                x = block.attend(block.convolve(joined, number, told), number, told)
            if hasattr(block, "upsamplers"):
                x = block.upsamplers[0](x, tuple(skips[-1].shape[-2:]))
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class _Placed:
    """Layers made on a device and in a precision."""

    def __init__(self, operations: Any, dtype: torch.dtype | None, device: Any) -> None:
        self.operations, self.placed = operations, {"dtype": dtype, "device": device}

    def __getattr__(self, name: str) -> Callable[..., nn.Module]:
        made = getattr(self.operations, name)
        if name == "Conv3d":
            made = over_frames(made)
        return lambda *args, **kwargs: made(*args, **kwargs, **self.placed)
