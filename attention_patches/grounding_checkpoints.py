"""Reads layout grounding weights in every public layout into one set of modules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .grounding_modules import (
    Entities,
    GatedSelfAttention,
    JointTokens,
    TextImageTokens,
    TextTokens,
)

TEXT, TEXT_IMAGE, JOINT = "text boxes", "text and image boxes", "joint tokens"
LAYOUTS = (
    "GLIGEN's original checkpoint (nested under 'model'), text-box or text-image-box",
    "ComfyUI's pruned gligen_sd14_textbox",
    "diffusers' UNet with gated attention, text-box or text-image-box",
    "this pack's own joint tokens",
)
# Slots that training filled up with empty ones.
SLOTS = {TEXT: 30, TEXT_IMAGE: 30, JOINT: 8}
Place = tuple[str, int, int]  # block name and number as the host counts them, depth in the block

_FUSER = re.compile(
    r"(?:^|\.)(?P<group>input_blocks|output_blocks|middle_block|down_blocks|up_blocks|mid_block)"
    r"\.(?P<path>[\d.]*(?:attentions\.\d+\.)?)transformer_blocks\.(?P<depth>\d+)"
    r"\.fuser\.(?P<name>.+)$"
)
_TOKENS = re.compile(r"(?:^|\.)position_net\.(?P<name>.+)$")
_HEAD_WIDTH = "head_width"  # only our own files say it


class GroundingModel(nn.Module):
    """Token net and fusers of one checkpoint.

    layout: ``TEXT``, ``TEXT_IMAGE`` or ``JOINT``.
    """

    def __init__(
        self, layout: str, tokens: nn.Module, fusers: Mapping[Place, GatedSelfAttention]
    ) -> None:
        super().__init__()
        self.layout = layout
        self.position_net = tokens
        self.places = list(fusers)
        self.fusers = nn.ModuleList(fusers.values())

    @property
    def token_width(self) -> int:
        return self.fusers[0].linear.in_features

    @property
    def text_width(self) -> int:
        name = "null_positive_feature" if self.layout == TEXT else "null_text_feature"
        return len(getattr(self.position_net, name))

    @property
    def image_width(self) -> int:
        """Width of image features; 0 where there is no place for pictures."""
        return len(getattr(self.position_net, "null_image_feature", ()))

    def empty_tokens(self, slots: int) -> Tensor:
        """Tokens of empty slots, [tokens, token_width]; the text-image layout has two a slot."""
        none = torch.zeros(1, slots, dtype=torch.bool)
        text, image = (torch.zeros(1, slots, n) for n in (self.text_width, self.image_width))
        return self.position_net(Entities(torch.zeros(1, slots, 4), text, image, none, none))[0]

    def fuser_at(self, block: tuple[str, int], depth: int) -> GatedSelfAttention | None:
        """The fuser of a transformer block of the host's UNet, None where there is none."""
        place = (*block, depth)
        return self.fusers[self.places.index(place)] if place in self.places else None


def read_grounding(state: Mapping[str, Any], source: str, operations: Any = nn) -> GroundingModel:
    """Build the modules a checkpoint is of, and load it.

    Args:
        state: the file's content; other weights in it are left alone.
        source: name of the file, for errors.
        operations: classes of the layers, torch's or the host's.

    Raises:
        ValueError: another layout, another kind of fuser, or keys and shapes that do not fit.
    """
    inner = state.get("model")
    if isinstance(inner, Mapping):
        _refuse_other_fusers(state.get("config_dict"), source)
        state = inner
    fusers, tokens = _split(state)
    if not fusers or not tokens:
        lacks = "fusers (keys with '.fuser.')" if not fusers else "position_net"
        raise _unknown(source, f"it has no {lacks}")
    if any("linear.weight" not in parts for parts in fusers.values()):
        raise ValueError(
            f"{source}: its fusers are gated cross-attention (gatedCA), and only gated "
            "self-attention (gatedSA) is supported; use a checkpoint of that kind."
        )
    head_width = int(state[_HEAD_WIDTH]) if _HEAD_WIDTH in state else None
    model = GroundingModel(
        *_token_net(tokens, source, operations),
        {place: _fuser(parts, head_width, operations) for place, parts in sorted(fusers.items())},
    )
    wanted = {f"position_net.{name}": value for name, value in tokens.items()}
    for number, place in enumerate(model.places):
        wanted |= {f"fusers.{number}.{name}": value for name, value in fusers[place].items()}
    try:
        model.load_state_dict(wanted)
    except RuntimeError as error:
        raise ValueError(f"{source}: its weights do not fit together: {error}") from error
    return model


def grounding_state(model: GroundingModel) -> dict[str, Tensor]:
    """The weights of a model under the names that ``read_grounding`` reads."""
    state = {f"position_net.{key}": value for key, value in model.position_net.state_dict().items()}
    for (name, number, depth), fuser in zip(model.places, model.fusers, strict=True):
        block = "middle_block.1" if name == "middle" else f"{name}_blocks.{number}.1"
        for key, value in fuser.state_dict().items():
            state[f"{block}.transformer_blocks.{depth}.fuser.{key}"] = value
    if model.layout == JOINT:
        fuser = model.fusers[0]
        state[_HEAD_WIDTH] = torch.tensor(fuser.norm1.weight.shape[0] // fuser.heads)
    return state


def _split(
    state: Mapping[str, Any],
) -> tuple[dict[Place, dict[str, Tensor]], dict[str, Tensor]]:
    """Sort weights by fuser, and those of the token net apart."""
    found = [
        (match, value)
        for key, value in state.items()
        if isinstance(value, Tensor) and (match := _FUSER.search(key))
    ]
    layers = _layers_per_level(match for match, _ in found)
    fusers: dict[Place, dict[str, Tensor]] = {}
    for match, value in found:
        fusers.setdefault(_place(match, layers), {})[match["name"]] = value
    tokens = {
        match["name"]: value
        for key, value in state.items()
        if isinstance(value, Tensor) and (match := _TOKENS.search(key))
    }
    # Not a weight: some exports keep the constant frequencies.
    tokens.pop("fourier_embedder.freq_bands", None)
    return fusers, tokens


def _layers_per_level(matches: Iterator[re.Match[str]]) -> int:
    """Attention layers in each of diffusers' down blocks."""
    numbers = [int(m["path"].split(".")[2]) for m in matches if m["group"] == "down_blocks"]
    return max(numbers, default=0) + 1


def _place(match: re.Match[str], layers: int) -> Place:
    numbers = [int(part) for part in match["path"].split(".") if part.isdigit()]
    group, depth = match["group"], int(match["depth"])
    if group in ("middle_block", "mid_block"):
        return "middle", 0, depth
    if group in ("input_blocks", "output_blocks"):
        return group.removesuffix("_blocks"), numbers[0], depth
    # A level is its layers and a resampling one; before the first stands the input convolution.
    level, layer = numbers
    first, per_level = (1, layers + 1) if group == "down_blocks" else (0, layers + 1)
    return "input" if group == "down_blocks" else "output", first + level * per_level + layer, depth


def _fuser(
    parts: Mapping[str, Tensor], head_width: int | None, operations: Any
) -> GatedSelfAttention:
    width, token_width = parts["linear.weight"].shape
    if head_width is None:  # as the base models: SD1.x has 8 heads everywhere, SD2.x 64 wide ones
        head_width = width // 8 if token_width == 768 else 64
    return GatedSelfAttention(width, token_width, width // head_width, operations)


def _token_net(tokens: Mapping[str, Tensor], source: str, operations: Any) -> tuple[str, nn.Module]:
    if "null_positive_feature" in tokens:
        width, token_width = len(tokens["null_positive_feature"]), _outer(tokens, "linears")
        return TEXT, TextTokens(width, token_width, operations)
    if "project_text.weight" in tokens:
        token_width, text_width = tokens["project_text.weight"].shape
        image_width = tokens["project_image.weight"].shape[1]
        return JOINT, JointTokens(text_width, image_width, token_width, operations)
    if "null_text_feature" in tokens:
        width, token_width = len(tokens["null_text_feature"]), _outer(tokens, "linears_text")
        return TEXT_IMAGE, TextImageTokens(width, token_width, operations)
    raise _unknown(source, f"its position_net has {', '.join(sorted(tokens)[:4])} …")


def _outer(tokens: Mapping[str, Tensor], name: str) -> int:
    return len(tokens.get(f"{name}.4.bias", torch.empty(0)))


def _refuse_other_fusers(config: Any, source: str) -> None:
    """The original files name the kind of their fusers; gatedSA2 has the same keys as gatedSA."""
    if isinstance(config, Mapping):
        kind = config.get("fuser_type")
        if isinstance(kind, str) and kind != "gatedSA":
            raise ValueError(
                f"{source}: its fusers are of the kind {kind}, and only gatedSA is supported; use "
                "a checkpoint of that kind."
            )
        for part in config.values():
            _refuse_other_fusers(part, source)


def _unknown(source: str, found: str) -> ValueError:
    known = "; ".join(LAYOUTS)
    return ValueError(
        f"{source}: {found}, so it is no grounding checkpoint. Known layouts: {known}."
    )
