"""Joins the encodings of several prompts into one conditioning with a row per frame."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

# Repeating tokens costs attention time; prompts of one encoder stay far below this.
MAX_REPEATS = 16


def encode_frames(encode: Callable[[str], list], prompts: Sequence[str]) -> list:
    """Encode one prompt per frame into one conditioning; equal prompts are encoded once.

    Args:
        encode: a prompt to the host's CONDITIONING, [[1 t c, options], ...]. It has more than one
            entry when hooks change the encoder during sampling.
        prompts: one per frame.

    Returns:
        CONDITIONING of entries [f t c, options with f rows].

    Raises:
        ValueError: token lengths that cannot be brought together.
    """
    encoded = {prompt: encode(prompt) for prompt in dict.fromkeys(prompts)}
    entries = {len(conditioning) for conditioning in encoded.values()}
    if len(entries) != 1:
        raise ValueError("the encoder's hooks split some prompts in time and others not")
    return [_join([encoded[prompt][entry] for prompt in prompts]) for entry in range(entries.pop())]


def _join(frames: Sequence) -> list:
    tokens = _common_length([tensor.shape[1] for tensor, _ in frames])
    cond = torch.cat([_repeated(tensor, tokens) for tensor, _ in frames])
    return [cond, _joined_options([options for _, options in frames], tokens)]


def _common_length(lengths: Sequence[int]) -> int:
    common = math.lcm(*lengths)
    if common > MAX_REPEATS * max(lengths):
        raise ValueError(
            f"the frame prompts have {sorted(set(lengths))} tokens, which share no useful common "
            "length; give the frames prompts of similar length"
        )
    return common


def _repeated(tokens: Tensor, length: int) -> Tensor:
    """Repeat tokens along axis 1: attention over them gives the same as over one copy."""
    return tokens.repeat(1, length // tokens.shape[1], *[1] * (tokens.dim() - 2))


def _joined_options(options: Sequence[dict], tokens: int) -> dict:
    joined = {}
    for key, value in options[0].items():
        values = [frame[key] for frame in options]
        if key == "attention_mask":
            values = [_repeated(mask, tokens) for mask in values]
        stackable = isinstance(value, Tensor) and value.dim() > 0 and value.shape[0] == 1
        joined[key] = torch.cat(values) if stackable else value
    return joined
