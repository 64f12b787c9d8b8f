"""The size of frames, where it may be asked for besides the plan's own."""

from ..planning.schema import VideoPlan

_CELL = 8  # pixels of a latent cell
_LEAST = 64


def frame_size(plan: VideoPlan, width: int, height: int) -> tuple[int, int]:
    """Width and height of the frames in pixels: what is asked for, else the plan's.

    Args:
        plan: its own size was checked when it was read.
        width, height: 0 takes the plan's.

    Raises:
        ValueError: no frame can have such a size; the message begins with "width" or "height".
    """
    problems = [
        f"{name} is {value}, but frames are multiples of {_CELL} pixels from {_LEAST} on; use "
        f"{max(_LEAST, int(value) // _CELL * _CELL)}, or 0 for the plan's {getattr(plan, name)}."
        for name, value in (("width", width), ("height", height))
        if value and (value % _CELL or value < _LEAST)
    ]
    if problems:
        raise ValueError(" ".join(problems))
    return width or plan.width, height or plan.height
