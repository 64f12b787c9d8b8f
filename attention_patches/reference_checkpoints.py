"""Reads reference adapters in every public layout into one set of modules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from .reference_modules import GlobalTokens, KeysValues, LocalTokens, Resampler

GLOBAL, RESAMPLED, LOCAL = "global tokens", "resampled tokens", "local tokens"
LAYOUTS = (
    "IP-Adapter (image_proj.proj)",
    "IP-Adapter Plus (image_proj.latents)",
    "VideoStudio-Img's ct_adapter (Plus, with to_k_ip_bg and to_v_ip_bg)",
    "this pack's own local tokens (image_proj.norm alone)",
)
_LAYER = re.compile(r"ip_adapter\.(\d+)\.(to_[kv]_ip(?:_bg)?\.weight)")


class ReferenceAdapter(nn.Module):
    """Image projection and cross-attentions of one checkpoint.

    layout: ``GLOBAL``, ``RESAMPLED`` or ``LOCAL``.
    layers: one for every cross-attention of the UNet; in order of the down blocks, then the up
        blocks, then the middle.
    """

    def __init__(self, layout: str, image_proj: nn.Module, layers: list[KeysValues]) -> None:
        super().__init__()
        self.layout = layout
        self.image_proj = image_proj
        self.layers = nn.ModuleList(layers)

    @property
    def parts_background(self) -> bool:
        """Whether backgrounds have keys and values of their own."""
        return hasattr(self.layers[0], "to_k_ip_bg")

    @property
    def image_width(self) -> int:
        """Width of what the image encoder must give: its embedding, or its hidden states."""
        if self.layout == GLOBAL:
            return self.image_proj.proj.weight.shape[1]
        if self.layout == RESAMPLED:
            return self.image_proj.proj_in.weight.shape[1]
        return len(self.image_proj.norm.weight)


def read_references(
    state: Mapping[str, Any], source: str, operations: Any = nn
) -> ReferenceAdapter:
    """Build the modules a checkpoint is of, and load it.

    Args:
        state: the file's content, flat or nested as IP-Adapter's ``.bin`` files are.
        source: name of the file, for errors.
        operations: classes of the layers, torch's or the host's.

    Raises:
        ValueError: another layout, or keys and shapes that do not fit.
    """
    flat = _flat(state)
    projection = {
        key.removeprefix("image_proj."): value
        for key, value in flat.items()
        if key.startswith("image_proj.")
    }
    layers = _layers(flat, source)
    layout, module = _image_projection(projection, source, operations)
    shapes = [parts["to_k_ip.weight"].shape for parts in layers]
    background = "to_k_ip_bg.weight" in layers[0]
    model = ReferenceAdapter(
        layout,
        module,
        [KeysValues(inner, width, background, operations) for width, inner in shapes],
    )
    wanted = {f"image_proj.{key}": value for key, value in projection.items()}
    for number, parts in enumerate(layers):
        wanted |= {f"layers.{number}.{key}": value for key, value in parts.items()}
    try:
        model.load_state_dict(wanted)
    except RuntimeError as error:
        raise ValueError(f"{source}: its weights do not fit together: {error}") from error
    return model


def reference_state(model: ReferenceAdapter) -> dict[str, Tensor]:
    """The weights of a model under the names that ``read_references`` reads."""
    state = {f"image_proj.{key}": value for key, value in model.image_proj.state_dict().items()}
    for number, layer in enumerate(model.layers):
        for key, value in layer.state_dict().items():
            state[f"ip_adapter.{2 * number + 1}.{key}"] = value
    return state


def _flat(state: Mapping[str, Any]) -> dict[str, Tensor]:
    flat = {key: value for key, value in state.items() if isinstance(value, Tensor)}
    for group in ("image_proj", "ip_adapter"):
        inner = state.get(group)
        if isinstance(inner, Mapping):
            flat |= {f"{group}.{key}": part for key, part in inner.items()}
    return flat


def _layers(flat: Mapping[str, Tensor], source: str) -> list[dict[str, Tensor]]:
    """Weights of every cross-attention, in order; IP-Adapter counts self-attentions between."""
    found: dict[int, dict[str, Tensor]] = {}
    others = []
    for key, value in flat.items():
        match = _LAYER.fullmatch(key)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = value
        elif key.startswith("ip_adapter."):
            others.append(key)
    if not found:
        raise _unknown(source, "it has no keys such as ip_adapter.1.to_k_ip.weight")
    if others:  # FaceID's adapters also change the text's attention
        raise _unknown(source, f"it has {len(others)} weights such as {others[0]}")
    if sorted(found) != list(range(1, 2 * len(found), 2)):
        raise _unknown(source, "its cross-attentions are not numbered 1, 3, 5 …")
    return [found[number] for number in sorted(found)]


def _image_projection(
    parts: Mapping[str, Tensor], source: str, operations: Any
) -> tuple[str, nn.Module]:
    if parts.keys() == {"proj.weight", "proj.bias", "norm.weight", "norm.bias"}:
        outer, embedding = parts["proj.weight"].shape
        width = len(parts["norm.weight"])
        return GLOBAL, GlobalTokens(embedding, outer // width, width, operations)
    if parts.keys() == {"norm.weight", "norm.bias"}:
        return LOCAL, LocalTokens(len(parts["norm.weight"]), operations)
    if "latents" in parts and "layers.0.0.to_q.weight" in parts:
        width, states = parts["proj_in.weight"].shape
        depth = len({key.split(".")[1] for key in parts if key.startswith("layers.")})
        return RESAMPLED, Resampler(
            states,
            parts["latents"].shape[1],
            width,
            parts["layers.0.0.to_q.weight"].shape[0],
            parts["layers.0.1.1.weight"].shape[0],
            depth,
            parts["proj_out.weight"].shape[0],
            operations,
        )
    told = ", ".join(sorted(parts)[:4]) or "nothing"
    raise _unknown(source, f"its image_proj has {told}")


def _unknown(source: str, found: str) -> ValueError:
    known = "; ".join(LAYOUTS)
    return ValueError(
        f"{source}: {found}, so it is no reference adapter of a known layout. Known layouts: "
        f"{known}."
    )
