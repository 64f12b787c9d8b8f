"""Which blocks of the host's UNets have self-attention, and which of them a setting means."""

import re

import torch
from comfy.ldm.modules.attention import SpatialTransformer
from comfy.ldm.modules.diffusionmodules.openaimodel import Upsample
from comfy.model_patcher import ModelPatcher

Block = tuple[str, int]  # as in transformer_options["block"]
DECODER, ALL = "decoder", "all"
DECODER_RESOLUTIONS = 2  # the scope of the authors' released code: SD1.5 output blocks 6 to 11


def host_unet(model: ModelPatcher, node: str) -> torch.nn.Module:
    """Give the model's denoiser, one of the host's UNets.

    Args:
        model: any model.
        node: who asks, for the error.

    Raises:
        ValueError: its denoiser is something else.
    """
    unet = model.get_model_object("diffusion_model")
    if not hasattr(unet, "output_blocks"):
        raise ValueError(
            f"{node}: this model's denoiser is a {type(unet).__name__}, but the node needs a UNet "
            "that draws each frame as a picture (SD1.5, SD2.x, SDXL or the miniature). Connect "
            "such a model, or leave the node out."
        )
    return unet


def attention_blocks(unet) -> list[Block]:
    """Blocks of a UNet that have self-attention over the pixels of a frame."""
    groups = {"input": unet.input_blocks, "output": unet.output_blocks}
    found = [
        (name, number)
        for name, blocks in groups.items()
        for number, block in enumerate(blocks)
        if any(isinstance(layer, SpatialTransformer) for layer in block)
    ]
    middle = unet.middle_block or []
    if any(isinstance(layer, SpatialTransformer) for layer in middle):
        found.append(("middle", 0))
    return found


def transformers(unet) -> dict[tuple[str, int, int], torch.nn.Module]:
    """Every transformer block of a UNet by block name, number and depth in the block."""
    groups = {"input": unet.input_blocks, "output": unet.output_blocks}
    return {
        (name, number, depth): transformer
        for name, number in attention_blocks(unet)
        for layer in (unet.middle_block if name == "middle" else groups[name][number])
        for depth, transformer in enumerate(getattr(layer, "transformer_blocks", ()))
    }


def decoder_blocks(unet) -> frozenset[Block]:
    """Output blocks of the two highest resolutions of a UNet that have attention."""
    with_attention = set(attention_blocks(unet))
    by_resolution: dict[int, list[int]] = {}
    resolution = 0
    for number, block in enumerate(unet.output_blocks):
        if ("output", number) in with_attention:
            by_resolution.setdefault(resolution, []).append(number)
        # A ResBlock with updown is the upsampling layer of UNets built with resblock_updown.
        if any(isinstance(layer, Upsample) or getattr(layer, "updown", False) for layer in block):
            resolution += 1
    highest = sorted(by_resolution)[-DECODER_RESOLUTIONS:]
    return frozenset(("output", number) for level in highest for number in by_resolution[level])


def chosen_blocks(unet, layers: str, node: str) -> frozenset[Block]:
    """Blocks that a setting of ``layers`` means on a UNet.

    Args:
        unet: one of the host's UNets.
        layers: "decoder", "all", or a list of blocks such as "output 5, middle 0".
        node: who asks, for the error.

    Raises:
        ValueError: it names no block, or one without attention; the message lists those there are.
    """
    if layers == DECODER:
        return decoder_blocks(unet)
    every = attention_blocks(unet)
    if layers == ALL:
        return frozenset(every)
    named = [
        (name, int(number))
        for name, number in re.findall(r"\b(input|middle|output)[ _]*(\d+)\b", layers.lower())
    ]
    rest = re.sub(r"\b(input|middle|output)[ _]*\d+\b|[\s,;]+", "", layers.lower())
    wrong = [f"{name} {number}" for name, number in named if (name, number) not in every]
    if rest or wrong or not named:
        known = ", ".join(f"{name} {number}" for name, number in every)
        raise ValueError(
            f"{node}: layers is {layers!r}"
            + (f", but {', '.join(wrong)} has no self-attention in this model" if wrong else "")
            + f"; use {DECODER!r}, {ALL!r}, or a list of its blocks, which are: {known}."
        )
    return frozenset(named)
