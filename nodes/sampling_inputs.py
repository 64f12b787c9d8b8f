"""Inputs that several nodes have, with the ranges of the host's own samplers."""

from comfy_api.latest import io


def seed_input(
    name: str, tooltip: str, *, changes: bool = True, advanced: bool = False
) -> io.Input:
    """A seed of 64 bits; ``changes`` gives it the host's control_after_generate."""
    return io.Int.Input(
        name,
        default=0,
        min=0,
        max=0xFFFFFFFFFFFFFFFF,
        control_after_generate=changes,
        tooltip=tooltip,
        advanced=advanced or None,
    )


def cfg_input(tooltip: str) -> io.Input:
    """Strength of classifier-free guidance."""
    return io.Float.Input(
        "cfg", default=7.5, min=0.0, max=100.0, step=0.1, round=0.01, tooltip=tooltip
    )
