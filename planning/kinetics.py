"""The 400 action labels of Kinetics-400, in the order every public checkpoint uses."""

from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("kinetics_400.txt")


@cache
def action_labels() -> tuple[str, ...]:
    """Return the labels in their standard (alphabetical) order; the index is the class number.

    The file is `torchvision.models.video.R3D_18_Weights.DEFAULT.meta["categories"]`, one per line.
    """
    return tuple(_FILE.read_text(encoding="utf-8").splitlines())
