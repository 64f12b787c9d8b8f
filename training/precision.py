"""In which precision a training computes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def mixed_precision(device: str = "cpu") -> AbstractContextManager[object]:
    """Autocast to bfloat16 where the device computes in it, nothing where it only imitates it.

    A processor without AVX-512 convolves bfloat16 many times slower than single precision.

    Args:
        device: type of a torch device.
    """
    if device == "cpu" and "AVX512" not in torch.backends.cpu.get_cpu_capability():
        return nullcontext()
    return torch.autocast(device, torch.bfloat16)
